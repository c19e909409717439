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

/// Products for the demo shop, if there are none yet.
base::Result<storage::Rows> seed_shop(storage::Store& store, base::EventLoops& loops,
                                      const base::Clock& clock);

/// The commands (main.cpp names them).
int run_serve(Config config, bool seed);
int run_demo(Config config, std::uint16_t sandbox_port);
int run_sandbox(const Config& config, std::uint16_t sandbox_port);
int run_migrate(const Config& config);

}  // namespace quittance
