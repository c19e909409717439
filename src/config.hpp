// What a person may set: command line and environment, checked once, at the start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/http.hpp"
#include "notify_settings.hpp"
#include "rail_settings.hpp"

namespace quittance {

/// Settings of a server.
struct Config {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8000;
  std::string data_dir = "data";
  std::string public_url;  ///< empty: http://127.0.0.1:<port>
  std::string merchant_name = "Quittance Computers";
  std::optional<base::Secret> admin_password;
  providers::BakongOptions bakong;
  RailsConfig rails;
  NotifyConfig notify;
  std::string sandbox_url;  ///< bank app of the sandbox, shown on pages
  core::CheckPolicy checks;
  detect::SyncOptions sync;
  checkout::CheckoutPolicy checkout;
  core::SettlePolicy settle;
  base::Duration checkpoint_interval =
      std::chrono::minutes(5);  ///< between signed heads of the log
  std::string trusted_proxy;    ///< address of a reverse proxy of ours
  std::size_t io_threads = 2;
  std::int64_t requests_per_minute = 1'200;
  std::int64_t guarded_requests_per_minute = 60;
  base::LogLevel log_level = base::LogLevel::info;

  std::string database;  ///< postgres://… or a file; empty: quittance.db in data_dir

  std::string books() const { return database.empty() ? data_dir + "/quittance.db" : database; }
};

/// Reads QUITTANCE_*, BAKONG_* and those of the other rails (.env.example lists them) over the
/// defaults. The error names the variable and says what it must be.
base::Result<Config> config_from_environment();

/// A secret kept in a file of the data folder (mode 0600), drawn the first time.
base::Result<base::Secret> kept_secret(const std::string& data_dir, const std::string& name,
                                       base::Random& random);
/// A signing key that is kept like that.
base::Result<base::SigningKey> kept_signing_key(const std::string& data_dir,
                                                const std::string& name, base::Random& random);

}  // namespace quittance
