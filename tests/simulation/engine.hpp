// One life of the engine: everything that dies with the process. The database file stays.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "checkout/checkout.hpp"
#include "detect/detect.hpp"
#include "notify/notify.hpp"
#include "simulation/machine.hpp"
#include "simulation/plants.hpp"

namespace quittance::simulation {

/// Thrown where the process is killed; nothing but the world catches it.
struct EngineDied {
  std::string_view point;
  Death how = Death::kill;
};

/// Thrown when the books do not open.
struct BooksClosed {
  std::string detail;
};

/// What outlives the engine.
struct EngineGround {
  const Machine& machine;
  base::ManualClock& time;   ///< true time; timers run on it
  const base::Clock& clock;  ///< what the engine believes
  base::Random& random;
  base::HttpClient& client;
  base::HttpClient& post_client;  ///< to merchants' programs
  notify::MailServer& mail_server;
  std::vector<std::string> endpoints;  ///< of merchants
  const base::SigningKey& pass_key;
  base::Log& log;
  std::string token;
  std::string merchant_account;
  core::CheckPolicy checks;
  core::SettlePolicy policy;
  Plant plant = Plant::none;
  std::function<void(std::string_view)> crash_point;  ///< may throw EngineDied
};

/// A process. Its coroutines wait in its own executor, and are gone with it.
class Engine {
 public:
  /// Throws BooksClosed when the store does not open: no crash may ever lead to that, but one
  /// while it opens.
  explicit Engine(const EngineGround& ground);

  base::VirtualExecutor executor;
  base::SilentLog log;
  std::unique_ptr<storage::Store> store;
  providers::Registry registry;
  detect::Bulletin bulletin;
  detect::SettleContext settle;
  std::unique_ptr<detect::Manual> manual;
  std::unique_ptr<detect::Asker> asker;
  std::unique_ptr<detect::Poller> poller;
  std::unique_ptr<notify::Outbox> outbox;

  providers::Provider& bakong() { return *registry.find("bakong"); }
};

}  // namespace quittance::simulation
