// The composition root: one line per part.
#pragma once

#include <memory>

#include "config.hpp"

namespace quittance {

/// A running engine: books, provider, detector and edge. Ends with its destructor.
class Server {
 public:
  static base::Result<std::unique_ptr<Server>> start(Config config, base::EventLoops& loops,
                                                     const base::Clock& clock, base::Random& random,
                                                     base::Log& log);
  ~Server();
  std::uint16_t port() const;
  storage::Store& store();
  /// Stops taking requests and ends those that run; then the loops may be stopped.
  void stop();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// Creates or renews the user `admin`.
base::Result<storage::Rows> set_admin_password(storage::Store& store, base::EventLoops& loops,
                                               const base::Clock& clock,
                                               const base::Secret& password);

/// Which goods a shop begins with: priced in dollars, or some in each currency of our rails too.
enum class Goods { in_dollars, in_every_currency };

/// Products for the demo shop, if there are none yet.
base::Result<storage::Rows> seed_shop(storage::Store& store, base::EventLoops& loops,
                                      const base::Clock& clock, Goods goods);

/// What a sandbox bank of the command line is started with.
struct SandboxSettings {
  std::uint16_t port = 8001;
  std::int64_t population_speed = 0;          ///< of simulated payers; 0: none
  std::optional<std::uint64_t> chaos_seed{};  ///< no trouble without one
};

/// The commands (main.cpp names them).
int run_serve(Config config, bool seed);
int run_demo(Config config, const SandboxSettings& settings);
int run_sandbox(const Config& config, const SandboxSettings& settings);
int run_migrate(const Config& config);

}  // namespace quittance
