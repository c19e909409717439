// What goes wrong in the world: time passes, wires break, clocks jump, books are harmed.
#include <stdexcept>

#include "detect/detect.hpp"
#include "simulation/world.hpp"

namespace quittance::simulation {
namespace {

constexpr storage::Sql kOneSettlement{
    "SELECT s.provider_ref, s.session_row, s.counted_minor + s.excess_minor AS amount, "
    "s.currency, s.paid_at FROM settlements s WHERE s.provider = 'bakong' ORDER BY s.id DESC "
    "LIMIT 1"};

base::Task<void> settle_again(Engine& engine, core::Evidence evidence) {
  std::move_only_function<base::Result<detect::Settled>(storage::WritableBooks&)> work =
      [&engine, evidence = std::move(evidence)](storage::WritableBooks& books) {
        return detect::settle(books, engine.settle, evidence);
      };
  [[maybe_unused]] const auto settled =
      co_await engine.store->write<detect::Settled>(std::move(work));
}

base::Task<void> one_tick(Engine& engine) {
  [[maybe_unused]] const std::int64_t started = co_await engine.poller->tick();
}

}  // namespace

/// Where people have just done something the poller ticks at its own pace; through the long quiet
/// it is a slow machine that asks about many at once.
base::Duration World::tick_spacing() const {
  if (healing_) return std::chrono::hours(24);
  const bool lively = options_.scenario || time_.now() - last_event_ < std::chrono::seconds(5);
  return lively ? checks_.tick : std::chrono::hours(12);
}

/// When the poller has something to do: idle ticks are left out, which changes nothing.
base::Time World::next_tick() {
  const ChangedRows* rows = machine_.changed_rows();
  if (!rows || rows->session_notes() != session_notes_) {
    const auto due = engine_->store->read_here<std::optional<base::Time>>(
        [](storage::Books& books) { return books.next_due("bakong"); });
    question_due_ = due ? *due : std::nullopt;
    session_notes_ = rows ? rows->session_notes() : -1;
  }
  if (!question_due_) return base::Time::max();
  const base::Time due = *question_due_;
  const base::Time wanted = last_tick_ + tick_spacing();
  const bool from_another_clock = due - clock_.now() > std::chrono::hours(1);
  const bool set_back = clock_.now() < ticked_at_;
  const base::Time ready = from_another_clock || set_back ? time_.now() : due - clock_.offset();
  return std::max({wanted, ready, time_.now()});
}

void World::tick() {
  start_tick();
  run_engine(time_.now());
}

void World::start_tick() {
  last_tick_ = time_.now();
  ticked_at_ = clock_.now();
  base::spawn(engine_->executor, one_tick(*engine_));
}

void World::run_to(base::Time moment) {
  while (time_.now() < moment) {
    const base::Time next = rush_ && !healing_ ? base::Time::max() : next_tick();
    const base::Time telling = next_telling();
    run_engine(std::min({next, telling, moment}));
    if (next <= moment && time_.now() >= next) tick();
    if (telling <= moment && time_.now() >= telling) tell();
  }
  run_engine(time_.now());
}

void World::jump_clock() {
  // N14: up to an hour back from where it was; the bank's clock is right.
  constexpr auto most = std::uint64_t{3'600'000};
  const auto by = static_cast<std::int64_t>(dice_.below(2 * most));
  clock_.set_offset(base::Duration{by - static_cast<std::int64_t>(most)});
  ++facts_.letters.doubts;
  trace_.line("the engine's clock is off by " + std::to_string(clock_.offset().count()));
}

void World::change_faults() {
  // The calm and the common troubles last; the great outages are short.
  static constexpr std::uint64_t kRegimes[] = {0, 0, 0, 1, 1, 1, 1, 1, 2, 3};
  draw_faults(kRegimes[dice_.below(10)]);
  draw_post();
}

void World::draw_faults(std::uint64_t regime) {
  sandbox::Faults faults;
  WireFaults wire;
  const auto some = [this](std::uint64_t most) {
    return static_cast<std::int64_t>(dice_.below(most + 1));
  };
  if (regime >= 1) {
    faults.latency_ms = some(600);
    faults.latency_jitter_ms = some(1'500);
    faults.error_rate_percent = some(8);
    faults.server_error_percent = some(8);
    faults.forbidden_html_percent = some(8);
    faults.too_many_requests_percent = some(8);
    faults.retry_after_s = some(90);
    faults.garbage_percent = some(8);
    faults.truncated_percent = some(8);
    faults.not_found_for_ms = dice_.below(3) == 0 ? some(3 * 3'600'000) : 0;
    wire = {.lose_request = dice_.below(8),
            .lose_reply = dice_.below(8),
            .hang = dice_.below(8),
            .repeat = dice_.below(15),
            .delay = dice_.below(15)};
  }
  if (regime == 2) {
    faults.forbidden_html_percent = 100;
    faults.forbidden_html_scope =
        dice_.below(2) == 0 ? sandbox::ForbiddenScope::md5_list : sandbox::ForbiddenScope::all;
  }
  if (regime == 3) {
    faults.unauthorized = dice_.below(3) == 0;
    wire.hang = dice_.below(2) == 0 ? 100 : 30;
  }
  faults.date_style =
      dice_.below(2) == 0 ? sandbox::DateStyle::integer : sandbox::DateStyle::floating;
  faults.list_wrapper = static_cast<sandbox::ListWrapper>(dice_.below(3));
  faults.success_text = sandbox::SuccessText::varying;
  faults.amount_style =
      dice_.below(2) == 0 ? sandbox::WireAmount::shortest : sandbox::WireAmount::two_decimals;
  set_faults(faults, wire);
  trace_.line("faults " + std::to_string(regime));
}

void World::harm() {
  if (options_.plant == Plant::counted_twice) return count_twice();
  if (options_.plant == Plant::acknowledged_lost) {
    harmed_ = true;
    return;
  }
  harm_now();
  if (harmed_) trace_.line("planted");
}

void World::harm_now() {
  const auto connection = machine_.connect(false);
  if (!connection) throw std::runtime_error("the books cannot be opened to be harmed");
  harmed_ = harm_books(options_.plant, **connection);
}

void World::count_twice() {
  const auto connection = machine_.connect(true);
  if (!connection) throw std::runtime_error("the books cannot be read");
  const auto rows = (*connection)->run(kOneSettlement);
  if (!rows || rows->empty()) return;
  const storage::Rows::Row row = rows->front();
  const auto currency = core::Currency::from_code(row.text("currency"));
  const auto amount = core::Money::from_minor(row.integer("amount"), *currency);
  core::Evidence evidence{.source = core::EvidenceSource::sync,
                          .session_id = core::SessionId(row.integer("session_row")),
                          .provider = "bakong_list",
                          .provider_ref = row.text("provider_ref"),
                          .amount = *amount,
                          .paid_at = row.time("paid_at"),
                          .seen_at = clock_.now(),
                          .actor = "system",
                          .reason = "planted"};
  base::spawn(engine_->executor, settle_again(*engine_, std::move(evidence)));
  harmed_ = true;
}

}  // namespace quittance::simulation
