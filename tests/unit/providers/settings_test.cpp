// Every adapter reads its own settings, and an error names the variable (S2.52 to S2.57).
#include <gtest/gtest.h>

#include "rails.hpp"

namespace quittance::providers {
namespace {

using Given = std::map<std::string, std::string>;

Settings settings_of(Given given) {
  return Settings([given = std::move(given)](const std::string& name) {
    const auto found = given.find(name);
    return found == given.end() ? std::nullopt : std::optional(found->second);
  });
}

const ShopFacts kShop{.merchant_name = "Corner Shop", .public_url = "https://shop.example"};

/// The variable that the error is about; empty: it was read.
std::string complaint(const Adapter& adapter, Given given) {
  const auto read = adapter.read(settings_of(std::move(given)), kShop);
  if (read) return "";
  EXPECT_EQ(read.error().code, base::ErrorCode::invalid_request);
  EXPECT_TRUE(read.error().message.starts_with(read.error().param)) << read.error().message;
  return read.error().param;
}

std::size_t accounts(const Adapter& adapter, Given given) {
  const auto read = adapter.read(settings_of(std::move(given)), kShop);
  EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().message);
  return read ? read->size() : 99;
}

std::string draw_letters(std::string_view, std::size_t letters) {
  return std::string(letters, 'f');
}

const Given kMvolaAccount{{"MVOLA_CONSUMER_KEY", "key"},
                          {"MVOLA_CONSUMER_SECRET", "secret"},
                          {"MVOLA_PARTNER_NUMBER", "0343500004"}};
const Given kQpayAccount{{"QPAY_CLIENT_ID", "CLINIC"},
                         {"QPAY_CLIENT_SECRET", "secret"},
                         {"QPAY_INVOICE_CODE", "CLINIC_INVOICE"}};

Given with(Given given, const Given& changes) {
  for (const auto& [name, value] : changes)
    given[name] = value;
  return given;
}

TEST(RailSettings, NothingSetMeansNotSetUp) {
  for (const Adapter* adapter : adapters())
    EXPECT_EQ(accounts(*adapter, {}), 0u) << adapter->name;
}

TEST(RailSettings, AnAdapterAndItsSimulatorGoByOneName) {
  std::vector<std::string_view> with_simulator;
  for (const Adapter* adapter : adapters()) {
    if (adapter->at_sandbox) with_simulator.push_back(adapter->name);
  }
  std::vector<std::string_view> simulators;
  for (const sandbox::Rail* rail : sandbox::rails())
    simulators.push_back(rail->name);
  EXPECT_EQ(with_simulator, simulators);
}

TEST(RailSettings, AtTheSandboxEveryRailIsSetUpWithoutAPersonsHelp) {
  Settings settings = settings_of({});
  const SandboxPlace place{.url = "http://bank.test", .draw = draw_letters};
  for (const Adapter* adapter : adapters()) {
    if (!adapter->at_sandbox) continue;
    const SandboxAccount account = adapter->at_sandbox(settings, place);
    EXPECT_FALSE(account.secret.empty()) << adapter->name;
    EXPECT_NE(account.keys.find(account.secret.reveal()), std::string::npos) << adapter->name;
    const auto read = adapter->read(settings, kShop);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    ASSERT_EQ(read->size(), 1u) << adapter->name;
    EXPECT_EQ(read->front().environment, "sandbox");
  }
}

TEST(RailSettings, AtTheSandboxWhatAPersonChoseStays) {
  Settings settings = settings_of({{"STRIPE_SECRET_KEY", "sk_test_mine"},
                                   {"RAZORPAY_KEY_ID", "rzp_test_mine"},
                                   {"RAZORPAY_KEY_SECRET", "my secret"},
                                   {"RAZORPAY_WEBHOOK_SECRET", "new, old"}});
  const SandboxPlace place{.url = "http://bank.test", .draw = draw_letters};
  EXPECT_EQ(kStripe.at_sandbox(settings, place).secret.reveal(), "sk_test_mine");
  const SandboxAccount razorpay = kRazorpay.at_sandbox(settings, place);
  EXPECT_EQ(razorpay.key_id, "rzp_test_mine");
  EXPECT_EQ(razorpay.secret.reveal(), "my secret");
  ASSERT_EQ(razorpay.notice_secrets.size(), 2u);
  EXPECT_EQ(razorpay.notice_secrets[1].reveal(), "old");
  EXPECT_EQ(settings.find("STRIPE_BASE_URL"), "http://bank.test");
}

TEST(RailSettings, S2_52_WhatIsMissingIsNamed) {
  for (const auto& [name, value] : kMvolaAccount)
    EXPECT_EQ(complaint(kMvola, with(kMvolaAccount, {{name, ""}})), name);
  for (const auto& [name, value] : kQpayAccount)
    EXPECT_EQ(complaint(kQpay, with(kQpayAccount, {{name, ""}})), name);
  EXPECT_EQ(complaint(kQpay, with(kQpayAccount, {{"QPAY_BRANCHES", "WEST"}})),
            "QPAY_CLIENT_ID_WEST");
  EXPECT_EQ(complaint(kRazorpay, {{"RAZORPAY_KEY_ID", "rzp_test_1"}}), "RAZORPAY_KEY_SECRET");
  EXPECT_EQ(complaint(kRazorpay, {{"RAZORPAY_KEY_SECRET", "x"}}), "RAZORPAY_KEY_ID");
}

TEST(RailSettings, S2_57_SandboxAndLiveNeverMeet) {
  EXPECT_EQ(complaint(kStripe, {{"STRIPE_SECRET_KEY", "sk_live_1"}}), "STRIPE_SECRET_KEY");
  EXPECT_EQ(complaint(kStripe, {{"STRIPE_SECRET_KEY", "sk_live_1"},
                                {"STRIPE_ENV", "live"},
                                {"STRIPE_BASE_URL", "http://bank.test"}}),
            "STRIPE_BASE_URL");
  EXPECT_EQ(complaint(kRazorpay, {{"RAZORPAY_KEY_ID", "rzp_live_1"}, {"RAZORPAY_KEY_SECRET", "x"}}),
            "RAZORPAY_KEY_ID");
  EXPECT_EQ(complaint(kMvola, with(kMvolaAccount, {{"MVOLA_BASE_URL", "https://api.mvola.mg"}})),
            "MVOLA_BASE_URL");
  EXPECT_EQ(complaint(kQpay, with(kQpayAccount, {{"QPAY_ENV", "live"},
                                                 {"QPAY_CALLBACK_URL", "http://shop.example"}})),
            "QPAY_CALLBACK_URL");
}

TEST(RailSettings, WhatIsSetIsChecked) {
  EXPECT_EQ(complaint(kStripe, {{"STRIPE_QR_METHODS", "INR"}}), "STRIPE_QR_METHODS");
  EXPECT_EQ(complaint(kStripe, {{"STRIPE_ENV", "production"}}), "STRIPE_ENV");
  EXPECT_EQ(complaint(kStripe, {{"STRIPE_TIMEOUT_MS", "0"}}), "STRIPE_TIMEOUT_MS");
  EXPECT_EQ(complaint(kRazorpay, {{"RAZORPAY_CALLS_PER_SECOND", "1001"}}),
            "RAZORPAY_CALLS_PER_SECOND");
  EXPECT_EQ(complaint(kMvola, with(kMvolaAccount, {{"MVOLA_LANGUAGE", "EN"}})), "MVOLA_LANGUAGE");
  EXPECT_EQ(complaint(kMvola, with(kMvolaAccount, {{"MVOLA_PARTNER_NUMBER", "12"}})),
            "MVOLA_PARTNER_NUMBER");
  EXPECT_EQ(complaint(kQpay, with(kQpayAccount, {{"QPAY_BRANCHES", "west"}})), "QPAY_BRANCHES");
  EXPECT_EQ(complaint(kCash, {{"QUITTANCE_CASH_DESK", "maybe"}}), "QUITTANCE_CASH_DESK");
}

TEST(RailSettings, EachBranchOfQpayIsAProviderOfItsOwn) {
  EXPECT_EQ(accounts(kQpay, with(kQpayAccount, {{"QPAY_BRANCHES", "WEST, EAST"},
                                                {"QPAY_CLIENT_ID_WEST", "w"},
                                                {"QPAY_CLIENT_SECRET_WEST", "w"},
                                                {"QPAY_INVOICE_CODE_WEST", "w"},
                                                {"QPAY_CLIENT_ID_EAST", "e"},
                                                {"QPAY_CLIENT_SECRET_EAST", "e"},
                                                {"QPAY_INVOICE_CODE_EAST", "e"}})),
            3u);
}

TEST(RailSettings, ACashDeskTakesRealMoneyWhereTheShopDoes) {
  const auto desk = kCash.read(settings_of({{"QUITTANCE_CASH_DESK", "on"}}), kShop);
  ASSERT_TRUE(desk.has_value());
  ASSERT_EQ(desk->size(), 1u);
  base::SilentLog log;
  base::ManualClock clock{base::from_ms(0)};
  const auto client = base::make_http_client(log);
  const auto made = desk->front().make(
      {.client = *client, .clock = clock, .log = log, .callback_key{}, .environment = "live"});
  EXPECT_EQ(made->environment(), "live");
}

}  // namespace
}  // namespace quittance::providers
