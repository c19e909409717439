// The adapter against the sandbox bank, wire to wire, in one process.
#include <gtest/gtest.h>

#include "unit/providers/bakong_fixture.hpp"
#include "unit/providers/rail_street.hpp"

namespace quittance::providers {
namespace {

using enum UnknownReason;
using namespace std::chrono_literals;

struct Street : testing::VirtualWorld {
  explicit Street(std::string environment = "sandbox") {
    sandbox::SandboxOptions options;
    options.token_key = base::Secret("a key for tests only");
    bank = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
    wire = std::make_unique<WireToSandbox>(*bank, clock);
    bakong = make_bakong({.base_url = std::string(WireToSandbox::kOrigin),
                          .token = base::Secret(bank->issue_token(86'400 * 90)),
                          .account_id = "quittance_shop@quitbank",
                          .merchant_name = "Corner Shop",
                          .environment = std::move(environment)},
                         *wire, clock, log);
  }
  core::Session show(std::string bill, std::string amount = "12.50", std::string code = "USD") {
    const auto money = *core::Money::parse(amount, *core::Currency::from_code(code));
    SessionDraft draft{.amount = money,
                       .bill_number = std::move(bill),
                       .created_at = clock.now(),
                       .expires_at = clock.now() + 24h * 45};
    const auto shown = run(bakong->present(std::move(draft))).value();
    return {.amount = money, .qr_data = shown.qr_data, .md5_hash = shown.md5_hash};
  }
  std::vector<Answer> ask(std::vector<core::Session> sessions) {
    return run(bakong->query(std::move(sessions)));
  }
  void change(auto action) {
    sandbox::Faults faults = bank->faults();
    action(faults);
    bank->set_faults(faults);
  }

  std::unique_ptr<sandbox::Sandbox> bank;
  std::unique_ptr<WireToSandbox> wire;
  std::unique_ptr<Provider> bakong;
};

TEST(BakongAndSandbox, SeeWhatWasPaidAndOnlyThat) {
  Street street;
  const auto a = street.show("A");
  const auto b = street.show("B", "9800", "KHR");
  const auto c = street.show("C");
  ASSERT_TRUE(street.bank->pay({.qr = b.qr_data}).has_value());
  for (const bool one_by_one : {false, true}) {
    std::vector<Answer> answers;
    if (one_by_one) {
      for (const auto& session : {a, b, c})
        answers.push_back(street.ask({session}).at(0));
    } else {
      answers = street.ask({a, b, c});
    }
    EXPECT_TRUE(std::holds_alternative<NotYet>(answers[0]));
    EXPECT_TRUE(std::holds_alternative<NotYet>(answers[2]));
    ASSERT_TRUE(std::holds_alternative<Paid>(answers[1]));
    const Paid& paid = std::get<Paid>(answers[1]);
    EXPECT_EQ(paid.amount, b.amount);
    EXPECT_EQ(paid.receiver, "quittance_shop@quitbank");
    EXPECT_EQ(paid.paid_at, street.clock.now());
    EXPECT_EQ(paid.provider_ref.size(), 64U);
  }
}

TEST(BakongAndSandbox, UnderstandEveryStyleOfTheReply) {
  using sandbox::DateStyle;
  using sandbox::ListWrapper;
  using sandbox::SuccessText;
  using sandbox::WireAmount;
  Street street;
  const auto session = street.show("A", "12.50");
  const auto other = street.show("B");
  ASSERT_TRUE(street.bank->pay({.qr = session.qr_data}).has_value());
  for (const auto date : {DateStyle::integer, DateStyle::floating}) {
    for (const auto wrapper : {ListWrapper::data, ListWrapper::transaction, ListWrapper::bare}) {
      for (const auto text : {SuccessText::live, SuccessText::documented}) {
        for (const auto amount : {WireAmount::shortest, WireAmount::two_decimals}) {
          street.change([&](sandbox::Faults& faults) {
            faults.date_style = date;
            faults.list_wrapper = wrapper;
            faults.success_text = text;
            faults.amount_style = amount;
          });
          for (const auto& answer :
               {street.ask({session, other}).at(0), street.ask({session}).at(0)}) {
            ASSERT_TRUE(std::holds_alternative<Paid>(answer));
            EXPECT_EQ(std::get<Paid>(answer).amount, session.amount);
          }
        }
      }
    }
  }
}

TEST(BakongAndSandbox, N5_EveryDisturbanceIsUnknown) {
  Street street;
  const auto session = street.show("A");
  const auto other = street.show("B");
  ASSERT_TRUE(street.bank->pay({.qr = session.qr_data}).has_value());
  for (const auto knob :
       {&sandbox::Faults::error_rate_percent, &sandbox::Faults::server_error_percent,
        &sandbox::Faults::forbidden_html_percent, &sandbox::Faults::too_many_requests_percent,
        &sandbox::Faults::garbage_percent, &sandbox::Faults::truncated_percent,
        &sandbox::Faults::timeout_percent}) {
    street.change([&](sandbox::Faults& faults) { faults.*knob = 100; });
    EXPECT_TRUE(why_unknown(street.ask({session}).at(0)));
    for (const Answer& answer : street.ask({session, other}))
      EXPECT_TRUE(why_unknown(answer));
    street.change([&](sandbox::Faults& faults) { faults.*knob = 0; });
    EXPECT_TRUE(std::holds_alternative<Paid>(street.ask({session}).at(0)));
  }
  street.change([](sandbox::Faults& faults) { faults.unauthorized = true; });
  EXPECT_EQ(why_unknown(street.ask({session}).at(0)), unauthorized);
  EXPECT_NE(street.bakong->health().alarm, "");
}

TEST(BakongAndSandbox, AListThatIsForbiddenIsAskedSingly) {
  Street street;
  const auto session = street.show("A");
  const auto other = street.show("B");
  ASSERT_TRUE(street.bank->pay({.qr = other.qr_data}).has_value());
  street.change([](sandbox::Faults& faults) {
    faults.forbidden_html_percent = 100;
    faults.forbidden_html_scope = sandbox::ForbiddenScope::md5_list;
  });
  const auto answers = street.ask({session, other});
  EXPECT_TRUE(std::holds_alternative<NotYet>(answers.at(0)));
  EXPECT_EQ(why_unknown(answers.at(1)), forbidden);
  EXPECT_EQ(street.bakong->capabilities().bulk_limit, 1U);
  EXPECT_TRUE(std::holds_alternative<Paid>(street.ask({other}).at(0)));
}

TEST(BakongAndSandbox, ALiveEngineAndTheSandboxRefuseEachOther) {
  Street street("live");
  const auto session = street.show("A");
  ASSERT_TRUE(street.bank->pay({.qr = session.qr_data}).has_value());
  EXPECT_TRUE(why_unknown(street.ask({session}).at(0)));
}

}  // namespace
}  // namespace quittance::providers
