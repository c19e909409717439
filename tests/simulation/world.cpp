#include "simulation/world.hpp"

#include <algorithm>
#include <stdexcept>

#include "simulation/scene.hpp"

namespace quittance::simulation {
namespace {

constexpr std::string_view kMerchant = "quittance_shop@quitbank";
constexpr std::int64_t kStartMs = 1'795'000'000'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kSweepEvery = 1'000;  ///< events between two audits of everything
constexpr std::int64_t kLookEvery = 30;  ///< events between two audits where rows are not watched

/// From these sums on a person's word takes a second person's.
const std::map<std::string, std::int64_t> kSecondPersonFrom{{"USD", 6'000}, {"KHR", 40'000}};

/// The real ladder's shape with fewer rungs, so that weeks pass in a second. None is longer than
/// an hour: what is planned further ahead counts as planned by another clock (N14).
core::CheckPolicy slow_ladder(Plant plant) {
  using std::chrono::hours;
  core::CheckPolicy checks;
  checks.hot_for = std::chrono::seconds(8);
  const hours end(plant == Plant::stops_looking ? 24 * 5 : 24 * 45);
  checks.ladder = {{hours(2), std::chrono::minutes(6)}, {end, hours(1)}};
  return checks;
}

base::SigningKey make_key() {
  auto key = base::SigningKey::from_seed(base::Secret(std::string(32, 'k')));
  if (!key) throw std::runtime_error("no signing key");
  return std::move(*key);
}

std::unique_ptr<sandbox::Sandbox> make_bank(const base::Clock& time, base::Random& random,
                                            base::Log& log) {
  sandbox::SandboxOptions options;
  options.token_key = base::Secret("a key for tests only");
  options.merchant_account = kMerchant;
  auto bank = sandbox::Sandbox::open(std::move(options), time, random, log);
  if (!bank) throw std::runtime_error("no bank: " + bank.error().message);
  return std::move(*bank);
}

/// Every third merchant decides himself about late money.
bool late_to_staff(const WorldOptions& options) {
  return !options.scenario && options.seed % 3 == 0;
}

core::SettlePolicy policy_of(const WorldOptions& options) {
  core::SettlePolicy policy;
  if (late_to_staff(options)) policy.late = core::LatePolicy::staff;
  for (const auto& [code, minor] : kSecondPersonFrom) {
    const auto currency = core::Currency::from_code(code);
    policy.second_approver_from.push_back(*core::Money::from_minor(minor, *currency));
  }
  return policy;
}

/// Every seed its own disk: sectors large or small, whole or torn.
DiskOptions disk_of(const WorldOptions& options) {
  return {.sector = options.seed % 3 == 0 ? 512U : 4'096U,
          .torn = options.seed % 2 == 0,
          .syncs = options.plant != Plant::disk_lies,
          .lazy = !options.cuts_only && options.plant != Plant::disk_lies};
}

/// Runs on into the arms of whoever writes a product.
base::Task<void> write_product(storage::Store& store, storage::Product product, base::Time now,
                               std::int64_t& id) {
  std::move_only_function<base::Result<core::ProductId>(storage::WritableBooks&)> work =
      [product = std::move(product), now](storage::WritableBooks& books) {
        return checkout::add_product(books, product, "system", now);
      };
  const auto written = co_await store.write<core::ProductId>(std::move(work));
  if (written) id = written->value();
}

}  // namespace

World::World(WorldOptions options)
    : options_(options),
      rush_(options.cuts_only || (!options.scenario && options.seed % 4 == 0)),
      trace_(options.trace),
      time_(base::from_ms(kStartMs)),
      began_(time_.now()),
      clock_(time_),
      dice_(options.seed * 3 + 1),
      bank_random_(options.seed * 3 + 2),
      engine_random_(options.seed * 3 + 3),
      disk_random_(options.seed * 3 + 5),
      post_random_(options.seed * 3 + 7),
      machine_(options.medium, disk_random_, disk_of(options),
               static_cast<std::int64_t>(20 + options.seed % 7 * 60)),
      checks_(slow_ladder(options.plant)),
      pass_key_(make_key()),
      bank_(make_bank(time_, bank_random_, log_)),
      wire_(*bank_, clock_, dice_, facts_, trace_),
      post_(time_, post_random_, facts_, trace_, options.plant),
      token_(bank_->issue_token(3 * 365 * 86'400)),
      last_tick_(time_.now()),
      last_event_(time_.now()),
      last_telling_(time_.now()) {
  // What a receipt may say hangs on that very moment.
  post_.mail_arrived = [this] {
    if (machine_.loses() && !machine_.dead()) auditor_->look();
  };
  auditor_ = std::make_unique<Auditor>(AuditorParts{.machine = machine_,
                                                    .facts = facts_,
                                                    .bank = *bank_,
                                                    .merchant_account = std::string(kMerchant),
                                                    .retention = std::chrono::hours(24 * 45),
                                                    .late_to_staff = late_to_staff(options),
                                                    .second_person_from = kSecondPersonFrom,
                                                    .endpoints = endpoints()});
  engine_ = std::make_unique<Engine>(ground());
  auditor_->open();
  build_shop();
}

EngineGround World::ground() {
  return {.machine = machine_,
          .time = time_,
          .clock = clock_,
          .random = engine_random_,
          .client = wire_,
          .post_client = post_,
          .mail_server = post_,
          .endpoints = endpoints(),
          .pass_key = pass_key_,
          .log = log_,
          .token = token_,
          .merchant_account = std::string(kMerchant),
          .checks = checks_,
          .policy = policy_of(options_),
          .plant = options_.plant,
          .crash_point = [this](std::string_view point) { reach(point); }};
}

void World::build_shop() {
  Stage stage{
      .dice = dice_,
      .clock = clock_,
      .true_time = time_,
      .engine_random = engine_random_,
      .bank = *bank_,
      .facts = facts_,
      .trace = trace_,
      .checkout = {},
      .hot_for = checks_.hot_for,
      .payers_speed = rush_ ? 120 : 1,
      .only_told = options_.scenario != nullptr,
      .shelve = [this](std::int64_t id, Shelf shelf) { auditor_->shelve(id, std::move(shelf)); }};
  for (int i = 0; i < 6; ++i) {
    const bool riel = i % 3 == 2;
    const auto price =
        static_cast<std::int64_t>(riel ? 4'000 + 500 * dice_.below(40) : 199 + dice_.below(5'000));
    const auto stock = static_cast<std::int64_t>(4 + dice_.below(i % 2 == 0 ? 120 : 500));
    const std::string currency = riel ? "KHR" : "USD";
    storage::Product product{
        .name = "Product " + std::to_string(i + 1),
        .price = *core::Money::from_minor(price, *core::Currency::from_code(currency)),
        .stock = stock};
    std::int64_t id = 0;
    base::spawn(engine_->executor,
                write_product(*engine_->store, std::move(product), time_.now(), id));
    engine_->executor.run_until(time_.now());
    if (id == 0) throw std::runtime_error("the shop cannot be filled");
    (riel ? stage.riel_products : stage.dollar_products).push_back(id);
    auditor_->shelve(id, {.price_minor = price, .currency = currency, .stock = stock});
  }
  people_ = std::make_unique<Population>(std::move(stage));
}

Outcome World::run() {
  try {
    options_.scenario ? play() : live();
  } catch (const BooksClosed& closed) {
    auditor_->report({"the books open after every crash", "open", closed.detail});
  }
  return outcome();
}

void World::live() {
  base::spawn(engine_->executor,
              detect::clean_up_daily(*engine_->store, clock_, checks_.retention(), log_));
  if (rush_) base::spawn(engine_->executor, engine_->poller->run());
  if (options_.cuts_only) arm_cut();
  for (at_event_ = 1; at_event_ <= options_.events; ++at_event_) {
    event();
    const bool all = at_event_ % std::max(kSweepEvery, options_.events / 5) == 0;
    const bool now = machine_.loses() || at_event_ % kLookEvery == 0;
    if (!(all ? auditor_->sweep() : now ? auditor_->look() : !auditor_->violation())) return;
  }
  at_event_ = options_.events;
  heal();
  conclude();
}

void World::conclude() {
  if (auditor_->violation() || !auditor_->conclude()) return;
  for (const std::string& line : auditor_->final_lines())
    trace_.line(line);
}

void World::event() {
  last_event_ = time_.now();
  run_to(time_.now() + draw_pause());
  trace_.line("event " + std::to_string(at_event_) + " at " +
              std::to_string(base::to_ms(time_.now())));
  if (!harmed_ && at_event_ > options_.events / 3 && harms_books(options_.plant)) {
    harm();
  }
  const std::uint64_t drawn = dice_.below(1'000);
  if (options_.cuts_only || drawn >= 90) {
    people_->act(*engine_);
  } else if (drawn < 30) {
    change_faults();
  } else if (drawn < 45) {
    jump_clock();
  } else if (drawn < 56) {
    arm_crash();
  } else if (drawn < 58) {
    stop_in_order();
  } else {
    people_->crowd(*engine_);
  }
}

base::Duration World::draw_pause() {
  const std::uint64_t kind = dice_.below(100);
  const std::uint64_t rush_ms = kind < 80 ? 2'000 : kind < 99 ? 60'000 : 600'000;
  const std::uint64_t weeks_ms = kind < 60   ? 5'000
                                 : kind < 90 ? 600'000
                                 : kind < 99 ? 7'200'000
                                             : 86'400'000;
  // Where events are many they are dense. Every fourth seed lives long, with few events so long
  // that its first QRs pass retention amid the troubles.
  const auto dense =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(options_.events / 2'000 * 3, 1, 32));
  const std::uint64_t slow_ms = (options_.seed % 4 == 1 ? 3 * weeks_ms : weeks_ms) / dense;
  return base::Duration{static_cast<std::int64_t>(dice_.below(rush_ ? rush_ms : slow_ms))};
}

void World::heal() {
  trace_.line("healing");
  plan_crash({});
  set_faults({}, {});
  post_.calm();
  healing_ = true;
  clock_.set_offset(base::Duration{0});
  die("restart for the healing", Death::power_cut);
  const base::Time end = time_.now() + base::Duration{48 * kDayMs};
  while (time_.now() < end && auditor_->look()) {
    run_to(time_.now() + base::Duration{6 * kDayMs});
  }
}

Outcome World::outcome() const {
  std::size_t settlements = 0;
  for (const auto& [id, order] : auditor_->model().orders())
    settlements += order.pieces.size();
  return {.violation = auditor_->violation(),
          .event = at_event_,
          .hash = trace_.hash(),
          .crashes = crashes_,
          .disk = machine_.figures(),
          .calls = wire_.calls(),
          .orders = static_cast<std::int64_t>(auditor_->model().orders().size()),
          .settlements = static_cast<std::int64_t>(settlements),
          .returns = static_cast<std::int64_t>(auditor_->model().returns().size()),
          .transfers = static_cast<std::int64_t>(bank_->transactions().size()),
          .days = (time_.now() - began_).count() / kDayMs};
}

}  // namespace quittance::simulation
