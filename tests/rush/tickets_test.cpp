// N9: thirteen thousand tickets in two simulated hours, by an adapter and a simulator that speak
// Razorpay's dialect. One call in twenty fails, in every way; one notice in ten is lost, one comes
// twice, and they overtake each other. In the end every ticket is paid, and nothing is unmatched.
#include <gtest/gtest.h>

#include "checkout/checkout.hpp"
#include "rails.hpp"
#include "support/shop.hpp"
#include "unit/providers/rail_street.hpp"

namespace quittance {
namespace {

using base::Json;
using base::Result;
using base::Task;
using core::Session;
using providers::ReadyProvider;
using storage::Sql;
using namespace std::chrono_literals;

constexpr std::int64_t kTickets = 13'000;
constexpr base::Duration kRush = 2h;
/// After the last ticket: two more pulled lists, and the postman's later attempts.
constexpr base::Duration kAfterwards = 65min;
/// Payers act on these beats, so that their writes share commits as they do on a real loop.
constexpr base::Duration kBeat = 2s;
constexpr std::int64_t kLooksMost = 40;

/// Everything that the provider takes or gives, counted; one call in twenty fails.
class Line final : public base::HttpClient {
 public:
  Line(base::HttpClient& wire) : wire_(wire) {}
  Task<Result<base::HttpReply>> send(base::HttpCall call) override {
    ++calls;
    Result<base::HttpReply> reply = co_await wire_.send(std::move(call));
    if (!reply || reply->status >= 400) ++failures;
    co_return reply;
  }
  std::int64_t calls = 0;
  std::int64_t failures = 0;

 private:
  base::HttpClient& wire_;
};

/// The door that takes notices; one in a hundred finds it shut.
class BoxOffice final : public base::HttpClient {
 public:
  BoxOffice(detect::Notices& notices, const providers::Provider& razorpay, base::Random& random)
      : notices_(notices), razorpay_(razorpay), random_(random) {}
  Task<Result<base::HttpReply>> send(base::HttpCall call) override {
    if (random_.below(100) == 0) co_return base::HttpReply{.status = 503};
    providers::RawNotice raw;
    raw.headers = call.headers;
    raw.body = call.body;
    const Result<bool> taken = co_await notices_.receive(razorpay_, std::move(raw));
    if (!taken) ++refused;
    co_return base::HttpReply{.status = taken ? 200 : 400};
  }
  std::int64_t refused = 0;

 private:
  detect::Notices& notices_;
  const providers::Provider& razorpay_;
  base::Random& random_;
};

struct Festival : testing::Shop {
  Festival() {
    sandbox::SandboxOptions options;
    options.token_key = base::Secret("a key for tests only");
    options.rails = sandbox::rails();
    other_side = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
    wire = std::make_unique<providers::WireToSandbox>(*other_side, clock);
    line = std::make_unique<Line>(*wire);
    providers::Settings settings{{}};
    const auto account = providers::kRazorpay.at_sandbox(
        settings, {.url = "http://razorpay.test",
                   .draw = [](std::string_view use, std::size_t) { return std::string(use); }});
    EXPECT_TRUE(
        other_side->set_rail("razorpay", {.key_id = account.key_id,
                                          .secret = account.secret,
                                          .notice_secrets = account.notice_secrets,
                                          .notice_url = "http://shop.test" + account.notice_path}));
    auto made = providers::kRazorpay.read(settings, {.merchant_name = "Festival", .public_url{}})
                    .value()
                    .at(0)
                    .make({.client = *line, .clock = clock, .log = log, .callback_key{}});
    razorpay = made.get();
    bank->lists = false;
    add_rail(std::move(made));
    office = std::make_unique<BoxOffice>(*notices, *razorpay, random);
    seats = add_product(kTickets, *core::Money::from_minor(25'000, rupee));
  }
  void trouble() {
    // 2 + 1 + 1 + 1 in a hundred calls.
    const Json faults = Json::object({{"error_rate_percent", 2},
                                      {"server_error_percent", 1},
                                      {"timeout_percent", 1},
                                      {"timeout_ms", 20'000},
                                      {"too_many_requests_percent", 1},
                                      {"retry_after_s", 1},
                                      {"notice_lost_percent", 10},
                                      {"notice_twice_percent", 10},
                                      {"notice_jitter_ms", 60'000}});
    ASSERT_TRUE(other_side->change_rail_faults("razorpay", faults).has_value());
  }
  /// Payments and notices that fit no session, as staff see it.
  std::int64_t never_matched() {
    return read<storage::DetectionFigures>([this](storage::Books& books) {
             return books.detection_figures("razorpay", clock.now());
           })
        .never_matched;
  }

  core::Currency rupee = *core::Currency::from_code("INR");
  std::unique_ptr<sandbox::Sandbox> other_side;
  std::unique_ptr<providers::WireToSandbox> wire;
  std::unique_ptr<Line> line;
  providers::Provider* razorpay = nullptr;
  std::unique_ptr<BoxOffice> office;
  checkout::CheckoutPolicy policy;
  core::ProductId seats;
  std::int64_t paid = 0;
  std::int64_t turned_away = 0;
  bool closed = false;
};

/// One visitor: orders, looks at the page until there is a code, and pays it.
Task<void> buy(Festival& festival, base::Duration arrival, base::Duration thinks) {
  co_await base::Sleep{arrival};
  checkout::OrderDraft draft{.items = {{.product_id = festival.seats, .quantity = 1}},
                             .payment_method = "upi",
                             .customer_id{},
                             .customer_name = "Asha",
                             .customer_email = "asha@festival.example"};
  checkout::AlsoWrite nothing = [](storage::WritableBooks&, const checkout::PlacedOrder&) {
    return Result<storage::Rows>(storage::Rows());
  };
  const Result<checkout::PlacedOrder> placed = co_await checkout::place_order(
      *festival.store, *festival.razorpay, festival.policy, festival.clock, festival.random,
      std::move(draft), std::move(nothing));
  if (!placed) {
    ++festival.turned_away;
    co_return;
  }
  Session session = placed->session;
  for (std::int64_t look = 0; look < kLooksMost && !session.presented(); ++look) {
    co_await base::Sleep{kBeat};
    checkout::ShowTo to;
    Session unshown = session;
    const Result<Session> shown = co_await checkout::show_session(
        *festival.store, *festival.razorpay, festival.policy, std::move(unshown), std::move(to));
    if (shown) session = *shown;
  }
  co_await base::Sleep{thinks};
  const auto done =
      festival.other_side->act("razorpay", session.provider_ref, {.choice = "pay", .payer{}});
  festival.paid += done ? 1 : 0;
}

/// Brings notices every second.
Task<void> postman(Festival& festival) {
  for (std::int64_t second = 0; second < 100'000 && !festival.closed; ++second) {
    while (co_await festival.other_side->deliver_due(*festival.office) > 0) {
    }
    co_await base::Sleep{1s};
  }
}

constexpr Sql kCompleted{"SELECT COUNT(*) AS n FROM orders WHERE status = 'completed'"};
constexpr Sql kOrders{"SELECT COUNT(*) AS n FROM orders"};
constexpr Sql kSettlements{"SELECT COUNT(*) AS n FROM settlements"};
constexpr Sql kExcess{"SELECT COUNT(*) AS n FROM settlements WHERE excess_minor > 0"};
constexpr Sql kPasses{"SELECT COUNT(*) AS n FROM passes"};
constexpr Sql kListed{"SELECT COUNT(*) AS n FROM provider_payments WHERE state = 'paid'"};
constexpr Sql kNoticesLeft{"SELECT COUNT(*) AS n FROM notices WHERE next_attempt_at IS NOT NULL"};

TEST(Rush, N9_ThirteenThousandTicketsInTwoHoursWithOneCallInTwentyFailing) {
  Festival festival;
  festival.trouble();
  base::SeededRandom crowd(9);
  const auto beats = static_cast<std::uint64_t>(kRush / kBeat);
  for (std::int64_t i = 0; i < kTickets; ++i) {
    const auto arrival = kBeat * static_cast<std::int64_t>(crowd.below(beats));
    const auto thinks = kBeat * static_cast<std::int64_t>(2 + crowd.below(60));
    base::spawn(festival.executor, buy(festival, arrival, thinks));
  }
  base::spawn(festival.executor, postman(festival));
  base::spawn(festival.executor, festival.poller->run());
  base::spawn(festival.executor, festival.notices->run());
  base::spawn(festival.executor, festival.sync->run());
  festival.advance(kRush + kAfterwards);
  festival.closed = true;

  EXPECT_EQ(festival.turned_away, 0);
  EXPECT_EQ(festival.paid, kTickets) << "what people paid at Razorpay";
  EXPECT_EQ(festival.number(kOrders), kTickets);
  EXPECT_EQ(festival.number(kCompleted), kTickets);
  EXPECT_EQ(festival.number(kSettlements), kTickets) << "each once";
  EXPECT_EQ(festival.number(kExcess), 0);
  EXPECT_EQ(festival.number(kPasses), kTickets);
  EXPECT_EQ(festival.number(kListed), kTickets) << "the pulled list knows them all";
  EXPECT_EQ(festival.never_matched(), 0);
  EXPECT_EQ(festival.number(kNoticesLeft), 0);
  const storage::Product seats = festival.product(festival.seats);
  EXPECT_EQ(seats.stock, 0);
  EXPECT_EQ(seats.reserved, 0);

  // It was as bad as it was meant to be.
  const std::int64_t failed_of_1000 = festival.line->failures * 1'000 / festival.line->calls;
  EXPECT_GE(failed_of_1000, 40) << festival.line->calls << " calls";
  EXPECT_LE(failed_of_1000, 60) << festival.line->calls << " calls";
  std::printf("N9: %lld calls, %lld failed, %lld notices refused\n",
              static_cast<long long>(festival.line->calls),
              static_cast<long long>(festival.line->failures),
              static_cast<long long>(festival.office->refused));
  EXPECT_EQ(festival.office->refused, 0);
  festival.poller->stop();
  festival.notices->stop();
  festival.sync->stop();
}

}  // namespace
}  // namespace quittance
