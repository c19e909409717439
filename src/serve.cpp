#include "serve.hpp"

#include <cstdio>
#include <future>

namespace quittance {

using base::Result;
using storage::WritableBooks;

/// In the order in which they stand on each other.
struct Server::Parts {
  Config config;
  base::EventLoops& loops;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<base::HttpClient> client;
  providers::Registry registry;
  base::SigningKey pass_key;
  base::SigningKey log_key;
  detect::Bulletin bulletin;
  std::unique_ptr<detect::Asker> asker;
  std::unique_ptr<detect::Poller> poller;
  std::unique_ptr<detect::Manual> manual;
  std::unique_ptr<detect::Refunds> refunds;
  std::unique_ptr<detect::Notices> notices;
  std::unique_ptr<detect::Sync> sync;
  std::unique_ptr<detect::Closing> closing;
  std::unique_ptr<detect::Receipts> receipts;
  std::unique_ptr<audit::Notary> notary;
  std::unique_ptr<base::HttpClient> webhook_client;
  std::unique_ptr<notify::MailServer> mail_server;
  std::unique_ptr<notify::Outbox> outbox;
  std::unique_ptr<base::Worker> worker;
  std::unique_ptr<http::Api> api;
  std::unique_ptr<base::HttpServer> listener;

  /// Who registered for an event on a provider's own page gets a place (docs/events.md).
  detect::Admit admission(const base::Clock& clock, base::Random& random) {
    return [this, &clock, &random](WritableBooks& books, const std::string& provider,
                                   const providers::ListedPayment& payment,
                                   const std::string& actor) -> Result<detect::Admitted> {
      const providers::Provider* known = registry.find(provider);
      const checkout::Admitting admitting{
          .provider = provider,
          .environment = std::string(known ? known->environment() : "sandbox"),
          .payment = payment,
          .actor = actor};
      TRY(checkout::Admission done,
          checkout::admit(books, config.checkout, random, clock.now(), admitting));
      if (done.session) return detect::Admitted{.session = std::move(done.session)};
      return detect::Admitted{.outcome = std::string(checkout::to_text(done.outcome))};
    };
  }

  /// Who asks the providers, and who takes what they and people tell.
  void make_detector(const detect::SettleContext& settle, base::Log& log) {
    const detect::Admit admit = admission(settle.clock, settle.random);
    asker = std::make_unique<detect::Asker>(detect::AskerParts{.store = *store,
                                                               .registry = registry,
                                                               .settle = settle,
                                                               .policy = config.checks,
                                                               .bulletin = bulletin,
                                                               .log = log});
    poller = std::make_unique<detect::Poller>(*store, registry, *asker, settle.clock, log,
                                              detect::PollerOptions{});
    manual = std::make_unique<detect::Manual>(*store, settle, bulletin);
    refunds = std::make_unique<detect::Refunds>(detect::RefundParts{
        .store = *store, .registry = registry, .settle = settle, .bulletin = bulletin, .log = log});
    notices = std::make_unique<detect::Notices>(detect::NoticeParts{.store = *store,
                                                                    .registry = registry,
                                                                    .asker = *asker,
                                                                    .settle = settle,
                                                                    .bulletin = bulletin,
                                                                    .log = log,
                                                                    .admit = admit});
    sync = std::make_unique<detect::Sync>(detect::SyncParts{.store = *store,
                                                            .registry = registry,
                                                            .asker = *asker,
                                                            .settle = settle,
                                                            .bulletin = bulletin,
                                                            .log = log,
                                                            .options = config.sync,
                                                            .admit = admit});
    closing = std::make_unique<detect::Closing>(detect::ClosingParts{.store = *store,
                                                                     .registry = registry,
                                                                     .asker = *asker,
                                                                     .clock = settle.clock,
                                                                     .bulletin = bulletin,
                                                                     .log = log});
    receipts =
        std::make_unique<detect::Receipts>(detect::ReceiptParts{.store = *store,
                                                                .registry = registry,
                                                                .asker = *asker,
                                                                .clock = settle.clock,
                                                                .bulletin = bulletin,
                                                                .log = log,
                                                                .options = config.rails.receipts});
  }

  /// Who tells others what happened.
  void make_outbox(const base::Clock& clock, base::Random& random, base::Log& log) {
    std::vector<std::unique_ptr<notify::Carrier>> carriers;
    // Not the one that asks providers: endpoints that hang must not use up its connections.
    webhook_client = base::make_http_client(log);
    for (const notify::WebhookEndpoint& endpoint : config.notify.endpoints)
      carriers.push_back(notify::make_merchant_webhook(endpoint, *webhook_client, clock));
    if (config.notify.smtp) {
      mail_server = notify::make_smtp(*config.notify.smtp, log);
      carriers.push_back(notify::make_receipt_mail({.mail_from = config.notify.mail_from,
                                                    .merchant_name = config.merchant_name,
                                                    .public_url = config.public_url},
                                                   *mail_server, *store, clock));
    }
    outbox = std::make_unique<notify::Outbox>(
        notify::LaneParts{.store = *store, .clock = clock, .random = random, .log = log},
        std::move(carriers));
  }

  /// What runs until the server stops.
  void start_jobs(const base::Clock& clock, base::Log& log) {
    base::Executor& executor = loops.executor(0);
    base::spawn(executor, poller->run());
    base::spawn(executor, notices->run());
    base::spawn(executor, sync->run());
    base::spawn(executor, closing->run());
    base::spawn(executor, receipts->run());
    base::spawn(executor, notary->run(config.checkpoint_interval));
    outbox->start(executor);
    base::spawn(executor, detect::clean_up_daily(*store, clock, config.checks.retention(), log));
    log.info("server.started",
             {{"port", listener->port()}, {"environment", config.bakong.environment}});
  }
};

namespace {

base::HttpServerOptions listener_options(const Config& config) {
  base::HttpServerOptions options;
  options.address = config.address;
  options.port = config.port;
  options.body_limit_bytes = 64 * 1024;  // the largest cart is a few KiB
  for (const char* path : {"/payments/stripe/webhook", "/payments/razorpay/webhook"}) {
    options.body_limit_by_path[path] = detect::kNoticeBodyLimit;
    options.body_limit_by_path[std::string(path) + "/"] = detect::kNoticeBodyLimit;
  }
  return options;
}

template <class T>
base::Task<void> keep(base::Task<Result<T>> task, std::promise<Result<T>>& promise) {
  promise.set_value(co_await task);
}

/// Runs a Task on a loop and waits for it; for the start of the program only.
template <class T>
Result<T> wait_for(base::EventLoops& loops, base::Task<Result<T>> task) {
  std::promise<Result<T>> promise;
  base::spawn(loops.executor(0), keep(std::move(task), promise));
  return promise.get_future().get();
}

/// Settings that no QR can be made from are found out now, not by the first customer.
Result<providers::Presentation> try_presenting(base::EventLoops& loops,
                                               providers::Provider& provider, base::Time now) {
  TRY(const core::Money amount, core::Money::from_minor(100, *core::Currency::from_code("USD")));
  auto shown = wait_for(loops, provider.present({.amount = amount,
                                                 .bill_number = "BILL_00000000",
                                                 .created_at = now,
                                                 .expires_at = now + std::chrono::hours(1)}));
  if (!shown) {
    shown.error().message =
        "No QR can be made with these settings (BAKONG_*, "
        "QUITTANCE_MERCHANT_NAME): " +
        shown.error().message;
  }
  return shown;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Config config, base::EventLoops& loops,
                                              const base::Clock& clock, base::Random& random,
                                              base::Log& log) {
  TRY(const base::Secret jwt_key, kept_secret(config.data_dir, "jwt_key", random));
  TRY(base::SigningKey pass_key, kept_signing_key(config.data_dir, "pass_key", random));
  TRY(base::SigningKey log_key, kept_signing_key(config.data_dir, "log_key", random));
  TRY(auto store, storage::Store::open({.path = config.books()}, clock, log));
  TRY(config.checkout.callback_key, kept_secret(config.data_dir, "callback_key", random));
  config.checkout.public_url = config.public_url;
  std::unique_ptr<Parts> parts(new Parts{.config = config,
                                         .loops = loops,
                                         .store = std::move(store),
                                         .client = base::make_http_client(log),
                                         .pass_key = std::move(pass_key),
                                         .log_key = std::move(log_key)});
  parts->registry.add(providers::make_bakong(config.bakong, *parts->client, clock, log));
  const bool any_live = config.bakong.environment == "live" || config.rails.any_live();
  add_rails(parts->registry, config.rails,
            {.client = *parts->client,
             .clock = clock,
             .log = log,
             .callback_key = config.checkout.callback_key,
             .environment = any_live ? "live" : "sandbox"});
  TRY_VOID(try_presenting(loops, *parts->registry.find("bakong"), clock.now()));
  const detect::SettleContext settle{
      .clock = clock, .random = random, .pass_key = parts->pass_key, .policy = config.settle};
  parts->make_detector(settle, log);
  parts->notary = std::make_unique<audit::Notary>(*parts->store, parts->log_key,
                                                  audit::origin_of(config.public_url), clock, log);
  parts->make_outbox(clock, random, log);
  parts->worker = std::make_unique<base::Worker>(1);
  parts->api = std::make_unique<http::Api>(
      http::ApiParts{.store = *parts->store,
                     .registry = parts->registry,
                     .asker = *parts->asker,
                     .manual = *parts->manual,
                     .refunds = *parts->refunds,
                     .notices = *parts->notices,
                     .sync = *parts->sync,
                     .bulletin = parts->bulletin,
                     .settle = settle,
                     .admit = parts->admission(clock, random),
                     .checkout = config.checkout,
                     .notary = *parts->notary,
                     .outbox = *parts->outbox,
                     .clock = clock,
                     .random = random,
                     .worker = *parts->worker,
                     .log = log,
                     .jwt_key = jwt_key,
                     .merchant_name = config.merchant_name,
                     .public_url = config.public_url,
                     .sandbox_url = config.sandbox_url,
                     .trusted_proxy = config.trusted_proxy,
                     .requests_per_minute = config.requests_per_minute,
                     .guarded_requests_per_minute = config.guarded_requests_per_minute});
  TRY(parts->listener, base::HttpServer::listen(
                           loops, listener_options(config),
                           [api = parts->api.get()](base::HttpRequest request) {
                             return api->handle(std::move(request));
                           },
                           log));
  parts->start_jobs(clock, log);
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
// A start that fails half-way comes here with the loops still running what stands on the parts.
Server::~Server() { parts_->loops.stop(); }
std::uint16_t Server::port() const { return parts_->listener->port(); }
storage::Store& Server::store() { return *parts_->store; }

void Server::stop() {
  parts_->poller->stop();
  parts_->notices->stop();
  parts_->outbox->stop();
  parts_->sync->stop();
  parts_->closing->stop();
  parts_->receipts->stop();
  parts_->listener->stop(std::chrono::seconds(5));
}

Result<storage::Rows> set_admin_password(storage::Store& store, base::EventLoops& loops,
                                         const base::Clock& clock, const base::Secret& password) {
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [hash = base::hash_password(password), now = clock.now()](WritableBooks& books) {
        return books.upsert_user({.username = "admin",
                                  .password_hash = hash,
                                  .role = storage::Role::admin,
                                  .customer_id = std::nullopt},
                                 now);
      };
  return wait_for<storage::Rows>(loops, store.write<storage::Rows>(std::move(work)));
}

Result<storage::Rows> seed_shop(storage::Store& store, base::EventLoops& loops,
                                const base::Clock& clock, Goods goods) {
  struct Row {
    const char* name;
    const char* description;
    const char* picture;
    std::int64_t price_minor;
    std::int64_t stock;
    const char* currency = "USD";
  };
  static constexpr Row kProducts[] = {
      {"Laptop 14\"", "16 GB memory, 512 GB SSD, light enough to carry all day", "laptop", 64'900,
       12},
      {"Mechanical keyboard", "Tenkeyless, Khmer and Latin legends", "keyboard", 4'250, 40},
      {"Wireless mouse", "Quiet buttons, one battery a year", "mouse", 1'290, 80},
      {"Headphones", "Closed, with a microphone that folds away", "headphones", 3'600, 35},
      {"Monitor 27\"", "2560 × 1440, height-adjustable", "monitor", 18'900, 15},
      {"SSD 1 TB", "NVMe, with a heat spreader", "ssd", 6'975, 60},
      {"Webcam", "1080p with a shutter for the lens", "webcam", 2'450, 30},
      {"Wi-Fi router", "Wi-Fi 6, covers a shop house on three floors", "router", 5'500, 25},
      {"Charger 25 W", "USB-C, small enough for a pocket", "charger", 38'000, 50, "KHR"},
      {"Speaker", "Splash-proof, plays twelve hours", "speaker", 8'900'000, 20, "MNT"},
      {"Cable 2 m", "USB-C on both ends, braided", "cable", 45'000, 60, "MGA"},
      {"Phone", "6.1 inches, two SIM cards", "phone", 1'499'900, 18, "INR"},
  };
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [now = clock.now(), goods](WritableBooks& books) -> Result<storage::Rows> {
    TRY(const auto present, books.products());
    if (!present.empty()) return storage::Rows();
    for (const Row& row : kProducts) {
      const auto currency = *core::Currency::from_code(row.currency);
      if (goods == Goods::in_dollars && currency.code() != "USD") continue;
      TRY(const core::Money price, core::Money::from_minor(row.price_minor, currency));
      TRY_VOID(checkout::add_product(books,
                                     {.name = row.name,
                                      .description = row.description,
                                      .picture = row.picture,
                                      .price = price,
                                      .stock = row.stock},
                                     "system", now));
    }
    return storage::Rows();
  };
  return wait_for<storage::Rows>(loops, store.write<storage::Rows>(std::move(work)));
}

int run_migrate(const Config& config) {
  const base::SystemClock clock;
  base::StderrLog log(clock, config.log_level);
  base::SystemRandom random;
  if (const auto key = kept_secret(config.data_dir, "pass_key", random); !key) {
    std::fprintf(stderr, "quittance: %s\n", key.error().message.c_str());
    return 1;
  }
  const auto migrated = storage::migrate_database(config.books(), clock);
  if (!migrated) {
    std::fprintf(stderr, "quittance: %s\n  (%s)\n", migrated.error().message.c_str(),
                 migrated.error().detail.c_str());
    return 1;
  }
  std::printf("schema %lld -> %lld\n", static_cast<long long>(migrated->from),
              static_cast<long long>(migrated->to));
  return 0;
}

}  // namespace quittance
