// The commands that run until they are told to stop.
#include <cstdio>

#include "rails.hpp"
#include "serve.hpp"

namespace quittance {
namespace {

using base::Result;

int complain(const base::Error& error) {
  std::fprintf(stderr, "quittance: %s\n", error.message.c_str());
  if (!error.detail.empty()) std::fprintf(stderr, "  (%s)\n", error.detail.c_str());
  return 1;
}

std::string loopback_url(std::uint16_t port) { return "http://127.0.0.1:" + std::to_string(port); }

/// A bank with its own listener.
struct RunningSandbox {
  std::string keys;                          ///< of its accounts, for people
  std::unique_ptr<base::HttpClient> client;  ///< what its notices go out by
  std::unique_ptr<sandbox::Sandbox> bank;
  std::unique_ptr<base::HttpServer> listener;
};

Result<RunningSandbox> start_sandbox(Config config, const SandboxSettings& settings,
                                     base::EventLoops& loops, const base::Clock& clock,
                                     base::Random& random, base::Log& log) {
  TRY(const base::Secret token_key, kept_secret(config.data_dir, "sandbox_key", random));
  const bool any_live = config.bakong.environment == "live" || config.rails.any_live();
  config.rails.shop.public_url = config.public_url;
  TRY(auto at, rails_at_sandbox(config.rails, "", config.data_dir, random));
  RunningSandbox running;
  running.keys = std::move(at.keys);
  TRY(running.bank, sandbox::Sandbox::open({.data_file = config.data_dir + "/sandbox.jsonl",
                                            .token_key = token_key,
                                            .merchant_account = config.bakong.account_id,
                                            .environment = any_live ? "live" : "sandbox",
                                            .accounts = std::move(at.accounts),
                                            .rails = sandbox::rails(),
                                            .population_speed = settings.population_speed,
                                            .chaos_seed = settings.chaos_seed},
                                           clock, random, log));
  base::HttpServerOptions options;
  options.port = settings.port;
  TRY(running.listener, base::HttpServer::listen(
                            loops, options,
                            [bank = running.bank.get()](base::HttpRequest request) {
                              return bank->handle(std::move(request));
                            },
                            log));
  running.client = base::make_http_client(log);
  base::spawn(loops.executor(0), running.bank->run_postman(*running.client));
  return running;
}

/// What a sandbox was told to do beside being asked and paid.
std::string sandbox_notes(const SandboxSettings& settings, const sandbox::Sandbox& bank) {
  std::string text;
  if (settings.population_speed > 0) {
    text += "Simulated payers come " + std::to_string(settings.population_speed) +
            " times faster than in life.\n";
  }
  if (settings.chaos_seed) {
    text += "Chaos by seed " + std::to_string(*settings.chaos_seed) + ", again every " +
            std::to_string(sandbox::kChaosLength / std::chrono::minutes(1)) + " minutes:\n" +
            sandbox::chaos_text(bank.chaos_plan());
  }
  return text;
}

/// Defaults of an installation that has no bank yet.
void fill_demo_account(Config& config) {
  if (config.bakong.account_id.empty()) config.bakong.account_id = "quittance_shop@quitbank";
}

void fill_public_url(Config& config) {
  if (config.public_url.empty()) config.public_url = loopback_url(config.port);
}

}  // namespace

int run_serve(Config config, bool seed) {
  fill_public_url(config);
  if (config.bakong.base_url.empty() || config.bakong.account_id.empty() ||
      config.bakong.token.empty()) {
    std::fprintf(stderr,
                 "quittance: set BAKONG_BASE_URL, BAKONG_ACCOUNT_ID and BAKONG_TOKEN "
                 "(see .env.example), or try `quittance demo`.\n");
    return 2;
  }
  base::EventLoops loops(config.io_threads);
  const base::SystemClock clock;
  base::SystemRandom random;
  base::StderrLog log(clock, config.log_level);
  auto server = Server::start(config, loops, clock, random, log);
  if (!server) return complain(server.error());
  if (config.admin_password) {
    const auto set = set_admin_password((*server)->store(), loops, clock, *config.admin_password);
    if (!set) return complain(set.error());
  }
  if (seed) {
    if (const auto seeded = seed_shop((*server)->store(), loops, clock, Goods::in_dollars);
        !seeded) {
      return complain(seeded.error());
    }
  }
  std::printf("Quittance listens on %s\n", loopback_url((*server)->port()).c_str());
  std::fflush(stdout);
  loops.wait_for_signal();
  (*server)->stop();
  loops.stop();
  return 0;
}

int run_sandbox(const Config& given, const SandboxSettings& settings) {
  Config config = given;
  fill_demo_account(config);
  base::EventLoops loops(1);
  const base::SystemClock clock;
  base::SystemRandom random;
  base::StderrLog log(clock, config.log_level);
  const auto running = start_sandbox(config, settings, loops, clock, random, log);
  if (!running) return complain(running.error());
  std::printf("Sandbox bank listens on %s\n%s%s", loopback_url(running->listener->port()).c_str(),
              running->keys.c_str(), sandbox_notes(settings, *running->bank).c_str());
  std::fflush(stdout);
  loops.wait_for_signal();
  running->bank->stop_postman();
  running->listener->stop(std::chrono::seconds(1));
  loops.stop();
  return 0;
}

int run_demo(Config config, const SandboxSettings& settings) {
  fill_demo_account(config);
  fill_public_url(config);
  base::EventLoops loops(config.io_threads);
  const base::SystemClock clock;
  base::SystemRandom random;
  base::StderrLog log(clock, config.log_level);
  const auto running = start_sandbox(config, settings, loops, clock, random, log);
  if (!running) return complain(running.error());
  // Visitors type a number of their own; MVola's test service knows two.
  const auto any_number =
      running->bank->change_rail_faults("mvola", base::Json::object({{"any_number", 1}}));
  if (!any_number) return complain(any_number.error());
  config.sandbox_url = loopback_url(running->listener->port());
  config.bakong.base_url = config.sandbox_url;
  config.rails.settings.set("QUITTANCE_CASH_DESK", "on");
  auto rails = rails_at_sandbox(config.rails, config.sandbox_url, config.data_dir, random);
  if (!rails) return complain(rails.error());
  config.rails = std::move(rails->config);
  config.bakong.environment = "sandbox";
  config.bakong.token = base::Secret(running->bank->issue_token(90LL * 24 * 3600));
  auto server = Server::start(config, loops, clock, random, log);
  if (!server) return complain(server.error());
  const bool chosen = config.admin_password.has_value();
  const base::Secret password = chosen ? *config.admin_password : base::Secret(random.hex(6));
  const auto set = set_admin_password((*server)->store(), loops, clock, password);
  if (!set) return complain(set.error());
  const auto seeded = seed_shop((*server)->store(), loops, clock, Goods::in_every_currency);
  if (!seeded) return complain(seeded.error());
  std::printf(
      "\n  Shop           %s/\n  Staff          %s/staff/login   (admin / %s)\n"
      "  Sandbox bank   %s/\n\n  Ctrl-C stops it. Everything is kept in %s.\n\n",
      config.public_url.c_str(), config.public_url.c_str(),
      chosen ? "the password from QUITTANCE_ADMIN_PASSWORD" : password.reveal().c_str(),
      config.sandbox_url.c_str(), config.data_dir.c_str());
  std::printf("%s", sandbox_notes(settings, *running->bank).c_str());
  std::fflush(stdout);
  loops.wait_for_signal();
  (*server)->stop();
  running->bank->stop_postman();
  running->listener->stop(std::chrono::seconds(1));
  loops.stop();
  return 0;
}

}  // namespace quittance
