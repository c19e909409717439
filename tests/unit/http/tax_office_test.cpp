// T3: a vehicle's tax of 15,000 Ar, paid by MVola, by Stripe or at the desk; the edge, the
// detector, adapters and simulators in one process and in virtual time.
#include <gtest/gtest.h>

#include "checkout/checkout.hpp"
#include "rails.hpp"
#include "support/edge.hpp"
#include "unit/providers/rail_street.hpp"

namespace quittance::http {
namespace {

using base::Json;
using base::Result;
using core::OrderStatus;
using core::Session;
using storage::Sql;
using namespace std::chrono_literals;

constexpr std::int64_t kTax = 15'000;  ///< Ar; the currency has no minor unit
constexpr const char* kPhone = "0343500003";

core::Money ariary(std::int64_t whole) {
  return *core::Money::from_minor(whole, *core::Currency::from_code("MGA"));
}

struct TaxOffice : testing::Edge {
  TaxOffice() {
    sandbox::SandboxOptions options;
    options.token_key = base::Secret("a key for tests only");
    options.rails = sandbox::rails();
    other_side = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
    wire = std::make_unique<providers::WireToSandbox>(*other_side, clock);
    mvola = open_rail(providers::kMvola);
    stripe = open_rail(providers::kStripe);
    ApiParts with = parts();
    with.merchant_name = "Tax office";
    open(std::move(with));
    bill = place(add_product(100, ariary(kTax))).order;
  }

  providers::Provider* open_rail(const providers::Adapter& adapter) {
    providers::Settings settings{{}};
    const providers::SandboxAccount account = adapter.at_sandbox(
        settings, {.url = "http://bank.test",
                   .draw = [](std::string_view use, std::size_t) { return std::string(use); }});
    EXPECT_TRUE(other_side->set_rail(adapter.name,
                                     {.key_id = account.key_id,
                                      .secret = account.secret,
                                      .notice_secrets = account.notice_secrets,
                                      .notice_url = testing::kShopUrl + account.notice_path}));
    auto made = adapter.read(settings, {.merchant_name = "Tax office", .public_url{}})
                    .value()
                    .at(0)
                    .make({.client = *wire,
                           .clock = clock,
                           .log = log,
                           .callback_key = testing::kCallbackKey});
    providers::Provider* rail = made.get();
    add_rail(std::move(made));
    return rail;
  }
  void faults(std::string_view rail, std::initializer_list<std::pair<std::string, Json>> changes) {
    ASSERT_TRUE(other_side->change_rail_faults(rail, Json::object(changes)).has_value());
  }
  /// What the citizen is shown or asked: all that is due, by this method.
  Session initiate(providers::Provider& rail) {
    auto opened =
        run(checkout::open_order_session(*store, rail, policy, clock, random, bill, ariary(kTax),
                                         "1234 TBA", {.description{}, .payer_phone = kPhone}));
    EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message);
    return opened.value();
  }
  void act(std::string_view rail, const Session& asked, std::string choice) {
    ASSERT_TRUE(other_side->act(rail, asked.provider_ref, {.choice = std::move(choice), .payer{}}));
  }
  /// Whatever the simulators have to say reaches the edge, and is worked off.
  void hear() {
    while (run(other_side->deliver_due(edge)) > 0) {
    }
    run(notices->process_due());
  }
  core::Order tax() { return order(bill); }
  std::int64_t told() {
    static constexpr Sql kSql{"SELECT COUNT(*) AS n FROM outbox WHERE topic = 'order.completed'"};
    return number(kSql);
  }
  std::int64_t passes() {
    static constexpr Sql kSql{"SELECT COUNT(*) AS n FROM passes"};
    return number(kSql);
  }
  /// What whoever scans the receipt's QR is told.
  Json scanned() {
    const auto found = pass(bill);
    if (!found) return {};
    base::HttpRequest page{.method = "GET",
                           .path = "/app/qr-verification",
                           .query = "code=" + base::url_encode(found->token)};
    page.remote_address = "10.0.0.7";
    EXPECT_EQ(answer(std::move(page)).status, 200);
    return Json::parse(
               answer(testing::json_post("/app/qr-verification",
                                         Json::object({{"code", found->token}}), "10.0.0.7"))
                   .body)
        .value_or(Json());
  }
  void expect_paid_once() {
    EXPECT_EQ(tax().status, OrderStatus::completed);
    EXPECT_EQ(tax().paid, ariary(kTax));
    EXPECT_EQ(passes(), 1);
    EXPECT_EQ(told(), 1);
    const Json told_to_all = scanned();
    EXPECT_EQ(told_to_all["success"].boolean(), true) << told_to_all.dump();
    EXPECT_EQ(told_to_all["pass"]["amount"].integer(), kTax) << told_to_all.dump();
    EXPECT_EQ(told_to_all["pass"]["currency"].text_or_empty(), "MGA");
  }

  std::unique_ptr<sandbox::Sandbox> other_side;
  std::unique_ptr<providers::WireToSandbox> wire;
  providers::Provider* mvola = nullptr;
  providers::Provider* stripe = nullptr;
  testing::ToTheEdge edge{*this};
  core::OrderId bill;
};

TEST(TaxOffice, S3_43_T3_CashAtTheDeskIsPaidWithoutAnApprovalAndItsPassIsGood) {
  TaxOffice office;
  const auto marked = office.mark_paid(office.bill, "cash counted");
  ASSERT_TRUE(marked.has_value()) << marked.error().message;
  office.expect_paid_once();
}

TEST(TaxOffice, S3_44_T3_MvolaIsApprovedOnThePhoneAndTheCallbackMakesThePass) {
  for (const int style : {0, 1}) {
    TaxOffice office;
    office.faults("mvola", {{"callback_style", style}});
    const Session push = office.initiate(*office.mvola);
    EXPECT_TRUE(push.qr_data.empty()) << "the phone rings, there is nothing to scan";
    office.act("mvola", push, "approve");
    EXPECT_EQ(office.tax().status, OrderStatus::pending) << "only the callback tells";
    office.hear();
    office.expect_paid_once();
    EXPECT_EQ(office.edge.statuses, std::vector<int>{200});
  }
}

TEST(TaxOffice, S3_45_T3_StripeIsPaidAndTheWebhookMakesThePass) {
  TaxOffice office;
  const Session intent = office.initiate(*office.stripe);
  office.act("stripe", intent, "pay");
  EXPECT_EQ(office.tax().status, OrderStatus::pending) << "only the webhook tells";
  office.hear();
  office.expect_paid_once();
}

TEST(TaxOffice, T3_C34_AnAmountInAriaryIsNotTimesAHundredOnAnyWire) {
  TaxOffice office;
  office.initiate(*office.mvola);
  EXPECT_EQ(office.other_side->objects("mvola", "push").at(0)["ariary"].integer(), kTax);
  office.initiate(*office.stripe);
  const Json intent = office.other_side->objects("stripe", "payment_intent").at(0);
  EXPECT_EQ(intent["amount"].integer(), kTax);
  EXPECT_EQ(intent["currency"].text_or_empty(), "mga");
}

TEST(TaxOffice, T3_N6_BothMethodsPayAtOnceAndThereIsOnePass) {
  TaxOffice office;
  const Session push = office.initiate(*office.mvola);
  const Session intent = office.initiate(*office.stripe);
  office.act("mvola", push, "approve");
  office.act("stripe", intent, "pay");
  office.hear();
  office.expect_paid_once();
  const auto settlements = office.settlements(office.bill);
  ASSERT_EQ(settlements.size(), 2u) << "the second is kept, and can be given back";
  EXPECT_EQ(settlements[0].counted, ariary(kTax));
  EXPECT_EQ(settlements[1].counted, ariary(0));
  EXPECT_EQ(settlements[1].excess, ariary(kTax));
}

TEST(TaxOffice, T3_RefusedThenPaidAgainByEitherMethodWorks) {
  for (const bool by_stripe : {false, true}) {
    TaxOffice office;
    const Session refused = office.initiate(*office.mvola);
    office.act("mvola", refused, "refuse");
    office.hear();
    EXPECT_EQ(office.tax().status, OrderStatus::pending);
    EXPECT_EQ(office.passes(), 0);
    if (by_stripe) {
      const Session declined = office.initiate(*office.stripe);
      office.act("stripe", declined, "decline");
      office.hear();
      EXPECT_EQ(office.tax().status, OrderStatus::pending);
      office.act("stripe", office.initiate(*office.stripe), "pay");
    } else {
      office.clock.advance(20min);
      const Session again = office.initiate(*office.mvola);
      EXPECT_NE(again.provider_ref, refused.provider_ref) << "another push";
      office.act("mvola", again, "approve");
    }
    office.hear();
    office.expect_paid_once();
  }
}

TEST(TaxOffice, T3_N12_AReplayedNoticeIsAnswered200AndOneNotificationGoesOut) {
  TaxOffice office;
  office.faults("stripe", {{"notice_twice_percent", 100}});
  office.act("stripe", office.initiate(*office.stripe), "pay");
  office.hear();
  office.expect_paid_once();
  const std::vector<base::HttpCall> calls = office.edge.calls;
  ASSERT_GE(calls.size(), 2u);
  for (int round = 0; round < 3; ++round) {
    for (const base::HttpCall& call : calls) {
      const auto response = office.answer(testing::ToTheEdge::request_of(call));
      EXPECT_EQ(response.status, 200);
    }
    office.hear();
  }
  office.expect_paid_once();
  EXPECT_EQ(office.settlements(office.bill).size(), 1u);
}

TEST(TaxOffice, T3_N4_AFailedCallbackThatComesLateIsIgnored) {
  TaxOffice office;
  const Session refused = office.initiate(*office.mvola);
  // The refusal's callback is an hour under way; meanwhile the tax is paid by card.
  office.faults("mvola", {{"notice_delay_ms", 3'600'000}});
  office.act("mvola", refused, "refuse");
  office.act("stripe", office.initiate(*office.stripe), "pay");
  office.hear();
  office.expect_paid_once();
  office.clock.advance(2h);
  office.hear();
  EXPECT_EQ(office.edge.calls.back().method, "PUT") << "it came";
  EXPECT_EQ(office.edge.statuses.back(), 200);
  office.expect_paid_once();

  // And one that says so of the very push that was approved.
  TaxOffice other;
  const Session push = other.initiate(*other.mvola);
  other.act("mvola", push, "approve");
  other.hear();
  other.expect_paid_once();
  base::HttpCall lie = other.edge.calls.back();
  lie.body = Json::object({{"transactionStatus", "failed"},
                           {"serverCorrelationId", push.provider_ref},
                           {"transactionReference", ""}})
                 .dump();
  EXPECT_EQ(other.answer(testing::ToTheEdge::request_of(lie)).status, 200);
  other.hear();
  other.expect_paid_once();
}

TEST(TaxOffice, T3_N5_TroubleAtEitherProviderChangesNothingAndIsMadeGood) {
  for (const char* rail : {"mvola", "stripe"}) {
    for (const char* fault : {"error_rate_percent", "server_error_percent", "garbage_percent",
                              "forbidden_html_percent", "too_many_requests_percent"}) {
      TaxOffice office;
      const bool by_phone = std::string_view(rail) == "mvola";
      const Session asked = office.initiate(by_phone ? *office.mvola : *office.stripe);
      office.act(rail, asked, by_phone ? "approve" : "pay");
      office.faults(rail, {{fault, 100}});
      office.hear();
      EXPECT_EQ(office.tax().status, OrderStatus::pending) << rail << " " << fault;
      EXPECT_EQ(office.session(asked.id).status, core::SessionStatus::open) << rail << fault;
      office.faults(rail, {{fault, 0}});
      office.clock.advance(5min);
      office.hear();
      office.expect_paid_once();
    }
  }
}

}  // namespace
}  // namespace quittance::http
