#include "simulation/engine.hpp"

#include "simulation/bent_connection.hpp"
#include "simulation/post.hpp"

namespace quittance::simulation {
namespace {

/// Who tells others, as the server sets it up, but for the wire.
std::unique_ptr<notify::Outbox> make_outbox(const EngineGround& ground, storage::Store& store,
                                            base::Log& log) {
  std::vector<std::unique_ptr<notify::Carrier>> carriers;
  for (const std::string& url : ground.endpoints) {
    notify::WebhookEndpoint endpoint{.url = url, .secrets = {}};
    endpoint.secrets.emplace_back(std::string(kWebhookSecret));
    carriers.push_back(
        notify::make_merchant_webhook(std::move(endpoint), ground.post_client, ground.clock));
  }
  notify::Sender sender{.mail_from = "receipts@shop.test",
                        .merchant_name = "Corner shop",
                        .public_url = "https://shop.test"};
  carriers.push_back(
      notify::make_receipt_mail(std::move(sender), ground.mail_server, store, ground.clock));
  return std::make_unique<notify::Outbox>(
      notify::LaneParts{.store = store, .clock = ground.clock, .random = ground.random, .log = log},
      std::move(carriers));
}

}  // namespace

Engine::Engine(const EngineGround& ground)
    : executor(ground.time),
      settle{.clock = ground.clock,
             .random = ground.random,
             .pass_key = ground.pass_key,
             .policy = ground.policy} {
  const Machine& machine = ground.machine;
  storage::StoreOptions options{
      .path = "",
      .connect = [&machine, plant = ground.plant](
                     bool read_only) -> base::Result<std::unique_ptr<storage::Connection>> {
        TRY(auto connection, machine.connect(read_only));
        return read_only ? std::move(connection) : bend(plant, std::move(connection));
      },
      .inline_executor = &executor,
      .crash_point = ground.crash_point};
  auto opened = storage::Store::open(std::move(options), ground.clock, log);
  if (!opened) throw BooksClosed{opened.error().detail};
  store = std::move(*opened);
  providers::BakongOptions bakong_options{.base_url = "http://bank.test",
                                          .token = base::Secret(ground.token),
                                          .account_id = ground.merchant_account,
                                          .merchant_name = "Corner shop"};
  auto honest = providers::make_bakong(std::move(bakong_options), ground.client, ground.clock, log);
  registry.add(make_liar(ground.plant, std::move(honest)));
  asker = std::make_unique<detect::Asker>(detect::AskerParts{.store = *store,
                                                             .registry = registry,
                                                             .settle = settle,
                                                             .policy = ground.checks,
                                                             .bulletin = bulletin,
                                                             .log = log});
  manual = std::make_unique<detect::Manual>(*store, settle, bulletin);
  poller = std::make_unique<detect::Poller>(*store, registry, *asker, ground.clock, log,
                                            detect::PollerOptions{});
  outbox = make_outbox(ground, *store, log);
}

}  // namespace quittance::simulation
