#include "config.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "environment.hpp"

namespace quittance {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

/// `1000 USD, 4000000 KHR`: from these amounts on a person's word takes a second person.
Result<std::vector<core::Money>> read_amounts(const providers::Settings& settings,
                                              const std::string& name) {
  std::vector<core::Money> amounts;
  const auto value = settings.find(name);
  std::istringstream entries(value.value_or(""));
  for (std::string entry; std::getline(entries, entry, ',');) {
    std::istringstream words(entry);
    std::string amount;
    std::string code;
    words >> amount >> code >> std::ws;
    const auto currency = core::Currency::from_code(code);
    const auto money =
        currency ? core::Money::parse(amount, *currency) : fail(ErrorCode::invalid_request, "");
    if (!money || !words.eof()) {
      return fail(ErrorCode::invalid_request,
                  name +
                      " must be amounts with their currencies, like `1000 USD, "
                      "4000000 KHR`.",
                  name);
    }
    amounts.push_back(*money);
  }
  return amounts;
}

/// Whole tugrik.
Result<core::Money> read_deposit(const providers::Settings& settings, core::Money fallback) {
  constexpr std::int64_t kMinorPerTugrik = 100;
  constexpr std::int64_t kMost = 1'000'000'000;
  TRY(const std::int64_t tugrik,
      settings.read_number("QUITTANCE_BOOKING_DEPOSIT", fallback.minor() / kMinorPerTugrik, 1,
                           kMost));
  return core::Money::from_minor(tugrik * kMinorPerTugrik, fallback.currency());
}

Result<core::SettlePolicy> read_settle_policy(const providers::Settings& settings) {
  core::SettlePolicy policy;
  const std::string late = settings.find("QUITTANCE_LATE_POLICY").value_or("accept");
  const auto known = core::late_policy_from(late);
  if (!known) {
    return fail(ErrorCode::invalid_request, "QUITTANCE_LATE_POLICY must be accept or staff.",
                "QUITTANCE_LATE_POLICY");
  }
  policy.late = *known;
  TRY(policy.second_approver_from, read_amounts(settings, "QUITTANCE_SECOND_APPROVER_FROM"));
  TRY(policy.void_within, settings.read_ms("QUITTANCE_VOID_WITHIN_MS", policy.void_within));
  return policy;
}

Result<Config> check_live(Config config) {
  if (config.bakong.environment == "live") {
    if (!config.bakong.base_url.starts_with("https://")) {
      return fail(ErrorCode::invalid_request,
                  "BAKONG_BASE_URL must begin with https:// when BAKONG_ENV is live.",
                  "BAKONG_BASE_URL");
    }
    if (!config.sandbox_url.empty()) {
      return fail(ErrorCode::invalid_request,
                  "QUITTANCE_SANDBOX_URL has no place beside BAKONG_ENV=live.",
                  "QUITTANCE_SANDBOX_URL");
    }
  }
  if (config.rails.any_live() && !config.sandbox_url.empty()) {
    return fail(ErrorCode::invalid_request,
                "QUITTANCE_SANDBOX_URL has no place beside a rail that is live.",
                "QUITTANCE_SANDBOX_URL");
  }
  return config;
}

}  // namespace

Result<Config> config_from_environment() {
  const providers::Settings settings = settings_of_process();
  Config config;
  settings.read_text("QUITTANCE_ADDRESS", config.address);
  settings.read_text("QUITTANCE_DATA", config.data_dir);
  settings.read_text("QUITTANCE_DB", config.database);
  settings.read_text("QUITTANCE_PUBLIC_URL", config.public_url);
  settings.read_text("QUITTANCE_MERCHANT_NAME", config.merchant_name);
  settings.read_text("QUITTANCE_SANDBOX_URL", config.sandbox_url);
  settings.read_text("QUITTANCE_TRUSTED_PROXY", config.trusted_proxy);
  if (auto password = settings.find("QUITTANCE_ADMIN_PASSWORD")) {
    config.admin_password = base::Secret(std::move(*password));
  }
  TRY(config.rails, read_rails(settings, {config.merchant_name, config.public_url}));
  TRY(config.notify, notify_from(settings));
  TRY(config.bakong.environment,
      settings.read_environment("BAKONG_ENV", config.bakong.environment));
  settings.read_text("BAKONG_BASE_URL", config.bakong.base_url);
  settings.read_text("BAKONG_ACCOUNT_ID", config.bakong.account_id);
  settings.read_text("BAKONG_MERCHANT_ID", config.bakong.merchant_id);
  settings.read_text("BAKONG_ACQUIRING_BANK", config.bakong.acquiring_bank);
  settings.read_text("BAKONG_MERCHANT_CITY", config.bakong.merchant_city);
  config.bakong.merchant_name = config.merchant_name;
  settings.read_secret("BAKONG_TOKEN", config.bakong.token);
  TRY(const std::int64_t port, settings.read_number("QUITTANCE_PORT", config.port, 1, 65'535));
  config.port = static_cast<std::uint16_t>(port);
  TRY(config.checks.tick, settings.read_ms("QUITTANCE_TICK_MS", config.checks.tick));
  TRY(config.checks.first_check_after,
      settings.read_ms("QUITTANCE_FIRST_CHECK_AFTER_MS", config.checks.first_check_after));
  TRY(config.checks.outage_interval,
      settings.read_ms("QUITTANCE_OUTAGE_INTERVAL_MS", config.checks.outage_interval));
  TRY(config.checkout.interactive_window,
      settings.read_ms("QUITTANCE_INTERACTIVE_WINDOW_MS", config.checkout.interactive_window));
  TRY(config.checkout.stock_hold,
      settings.read_ms("QUITTANCE_STOCK_HOLD_MS", config.checkout.stock_hold));
  TRY(config.checkout.booking_deposit, read_deposit(settings, config.checkout.booking_deposit));
  TRY(config.checkout.booking_hold,
      settings.read_ms("QUITTANCE_BOOKING_HOLD_MS", config.checkout.booking_hold));
  TRY(config.settle, read_settle_policy(settings));
  config.checkout.hot_for = config.checks.hot_for;
  config.checkout.first_check_after = config.checks.first_check_after;
  TRY(config.bakong.timeout, settings.read_ms("BAKONG_TIMEOUT_MS", config.bakong.timeout));
  TRY(config.bakong.budget, settings.read_budget("BAKONG_CALLS_PER_SECOND"));
  TRY(const std::int64_t sync_minutes,
      settings.read_number("QUITTANCE_SYNC_MINUTES", 30, 1, 24 * 60));
  config.sync.interval = std::chrono::minutes(sync_minutes);
  TRY(config.checkpoint_interval,
      settings.read_ms("QUITTANCE_CHECKPOINT_INTERVAL_MS", config.checkpoint_interval));
  TRY(config.requests_per_minute, settings.read_number("QUITTANCE_REQUESTS_PER_MINUTE",
                                                       config.requests_per_minute, 1, 100'000'000));
  TRY(config.guarded_requests_per_minute,
      settings.read_number("QUITTANCE_GUARDED_REQUESTS_PER_MINUTE",
                           config.guarded_requests_per_minute, 1, 100'000'000));
  return check_live(std::move(config));
}

Result<base::Secret> kept_secret(const std::string& data_dir, const std::string& name,
                                 base::Random& random) {
  std::error_code ignored;
  std::filesystem::create_directories(data_dir, ignored);
  const std::string path = data_dir + "/" + name;
  if (std::ifstream file(path); file) {
    std::string text;
    std::getline(file, text);
    if (text.size() == 64) return base::Secret(std::move(text));
    return fail(ErrorCode::invalid_request, path + " is damaged; restore it from a backup.");
  }
  const std::string text = random.hex(32);
  const int descriptor = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(ErrorCode::invalid_request, "Cannot write " + path + ": is the folder writable?");
  }
  const std::string line = text + "\n";
  const bool written =
      ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
      ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!written) {
    // Half a key would stop every later start.
    ::unlink(path.c_str());
    return fail(ErrorCode::invalid_request, "Cannot write " + path + ".");
  }
  return base::Secret(text);
}

Result<base::SigningKey> kept_signing_key(const std::string& data_dir, const std::string& name,
                                          base::Random& random) {
  TRY(const base::Secret seed, kept_secret(data_dir, name, random));
  return base::SigningKey::from_seed(base::Secret(base::from_hex(seed.reveal()).value_or("")));
}

}  // namespace quittance
