#include "simulation/engine.hpp"

#include "simulation/bent_connection.hpp"

namespace quittance::simulation {

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
}

}  // namespace quittance::simulation
