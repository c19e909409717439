// What the published files hold beside signatures and exchanges; and that nothing in them is
// unread.
#include <set>

#include "providers/qpay_wire.hpp"
#include "unit/providers/published_exchanges.hpp"
#include "unit/providers/rail_street.hpp"
#include "unit/providers/scripted_client.hpp"

namespace quittance::providers {
namespace {

using base::Json;

/// Every part of every file, with the tests that read it.
const std::map<std::string, std::set<std::string>> kRead{
    // StripeSignature.PublishedVectors, StripeForm.PublishedVectors
    {"stripe.json", {"webhook_signatures", "form_encoding"}},
    // RazorpaySignature.PublishedVectors
    {"razorpay.json", {"webhook_signatures", "checkout_signature"}},
    // MvolaExchanges.*, and below
    {"mvola.json", {"note", "hosts", "sandbox_msisdn", "exchanges"}},
    // QpayExchanges.*, Payload.published_qpay_codes_are_read, and below
    {"qpay.json",
     {"note", "hosts", "payment_status", "invoice_status", "bank_schemes", "exchanges",
      "qr_text"}}};

TEST(PublishedVectors, NothingInTheFilesIsUnread) {
  for (const auto& [name, parts] : kRead) {
    const Json file = published(name);
    if (file.is_null()) GTEST_SKIP() << "the vectors are not beside the project";
    std::set<std::string> found;
    for (const auto& [part, value] : file.object())
      found.insert(part);
    EXPECT_EQ(found, parts) << name;
  }
}

/// Where the first call of a provider with these settings goes.
std::string first_host(const Adapter& adapter, const std::map<std::string, std::string>& given,
                       SessionDraft draft) {
  testing::VirtualWorld world;
  const Settings settings([&given](const std::string& name) {
    const auto found = given.find(name);
    return found == given.end() ? std::nullopt : std::optional(found->second);
  });
  const auto ready =
      adapter.read(settings, {.merchant_name = "Shop", .public_url = "https://shop.example"});
  EXPECT_TRUE(ready.has_value()) << (ready ? "" : ready.error().message);
  ScriptedClient client;
  const auto provider = ready->front().make(
      {.client = client, .clock = world.clock, .log = world.log, .callback_key{}});
  draft.created_at = world.clock.now();
  draft.expires_at = world.clock.now() + std::chrono::hours(1);
  EXPECT_FALSE(world.run(provider->present(std::move(draft))).has_value());
  const std::string& url = client.calls.at(0).url;
  return url.substr(0, url.find('/', url.find("//") + 2));
}

TEST(PublishedVectors, MvolaIsReachedWhereItIs) {
  const Json hosts = published("mvola.json")["hosts"];
  if (hosts.is_null()) GTEST_SKIP() << "the vectors are not beside the project";
  const SessionDraft draft{
      .amount = *core::Money::from_minor(1'000, *core::Currency::from_code("MGA")),
      .bill_number = "BILL_1",
      .merchant_reference = "reference",
      .description = "Order 42",
      .payer_phone = "0343500003"};
  for (const auto& [environment, host] :
       {std::pair("sandbox", "sandbox"), std::pair("live", "production")}) {
    EXPECT_EQ(first_host(kMvola,
                         {{"MVOLA_ENV", environment},
                          {"MVOLA_CONSUMER_KEY", "key"},
                          {"MVOLA_CONSUMER_SECRET", "secret"},
                          {"MVOLA_PARTNER_NUMBER", "0343500004"}},
                         draft),
              hosts[host].text_or_empty());
  }
}

TEST(PublishedVectors, QpayIsReachedWhereItIs) {
  const Json hosts = published("qpay.json")["hosts"];
  if (hosts.is_null()) GTEST_SKIP() << "the vectors are not beside the project";
  const SessionDraft draft{
      .amount = *core::Money::from_minor(10'000, *core::Currency::from_code("MNT")),
      .bill_number = "BILL_1",
      .merchant_reference = "reference",
      .description = "Order 42",
      .callback_url = "https://shop.example/cb"};
  for (const auto& [environment, host] :
       {std::pair("sandbox", "sandbox"), std::pair("live", "production")}) {
    EXPECT_EQ(first_host(kQpay,
                         {{"QPAY_ENV", environment},
                          {"QPAY_CLIENT_ID", "id"},
                          {"QPAY_CLIENT_SECRET", "secret"},
                          {"QPAY_INVOICE_CODE", "code"}},
                         draft),
              hosts[host].text_or_empty());
  }
}

TEST(PublishedVectors, EveryStateOfAQpayPaymentIsKnown) {
  const Json file = published("qpay.json");
  if (file.is_null()) GTEST_SKIP() << "the vectors are not beside the project";
  Json payment;
  for (const Json& exchange : file["exchanges"].array()) {
    if (exchange["name"].text_or_empty() == "get payment") payment = exchange["response"]["body"];
  }
  ASSERT_TRUE(payment.is_object());
  EXPECT_FALSE(file["payment_status"].array().empty());
  for (const Json& status : file["payment_status"].array()) {
    payment.set("payment_status", status);
    const auto read = read_qpay_payment(payment);
    ASSERT_TRUE(read.has_value()) << status.dump();
    EXPECT_EQ(read->state == PaymentState::paid, status.text_or_empty() == "PAID");
  }
  payment.set("payment_status", "BORROWED");
  EXPECT_FALSE(read_qpay_payment(payment).has_value());
}

TEST(PublishedVectors, TheSimulatorsInvoicesHaveNoOtherStates) {
  const Json file = published("qpay.json");
  if (file.is_null()) GTEST_SKIP() << "the vectors are not beside the project";
  RailStreet street("qpay");
  const auto call = [&street](std::string method, std::string path, const std::string& key,
                              const std::string& body) {
    base::HttpRequest request{.method = std::move(method), .path = std::move(path), .body = body};
    request.headers.add("Authorization", key);
    return Json::parse(street.run(street.bank->handle(std::move(request))).body).value_or(Json());
  };
  const Json token =
      call("POST", "/v2/auth/token", "Basic " + base::to_base64("TEST_MERCHANT:123456"), "");
  const std::string key = "Bearer " + token["access_token"].text_or_empty();
  const auto invoice = [&] {
    return call("POST", "/v2/invoice", key,
                R"({"invoice_code":"TEST_INVOICE","sender_invoice_no":"1",
                    "invoice_receiver_code":"terminal","invoice_description":"Order 42",
                    "amount":100,"callback_url":"https://shop.example/cb"})")["invoice_id"]
        .text_or_empty();
  };
  const std::string open = invoice(), paid = invoice(), canceled = invoice();
  ASSERT_TRUE(street.act(paid, {.choice = "khanbank"}));
  call("DELETE", "/v2/invoice/" + canceled, key, "");
  std::vector<Json> states;
  for (const std::string& id : {open, paid, canceled})
    states.push_back(call("GET", "/v2/invoice/" + id, key, "")["invoice_status"]);
  EXPECT_EQ(states, file["invoice_status"].array());
}

/// Whether the simulator rings this phone, for a shop with that number.
bool mvola_rings(const std::string& phone, const std::string& shop) {
  RailStreet street("mvola");
  Settings settings{{}};
  const SandboxAccount account = kMvola.at_sandbox(
      settings, {.url = std::string(WireToSandbox::kOrigin),
                 .draw = [](std::string_view use, std::size_t) { return std::string(use); }});
  settings.set("MVOLA_PARTNER_NUMBER", shop);
  EXPECT_TRUE(street.bank->set_rail("mvola", {.key_id = account.key_id, .secret = account.secret}));
  const auto provider =
      kMvola.read(settings, {.merchant_name = "Shop", .public_url = ""})
          .value()
          .at(0)
          .make(
              {.client = *street.wire, .clock = street.clock, .log = street.log, .callback_key{}});
  SessionDraft draft{.amount = *core::Money::from_minor(1'000, *core::Currency::from_code("MGA")),
                     .bill_number = "BILL_1",
                     .merchant_reference = "to " + phone,
                     .description = "Order 42",
                     .payer_phone = phone,
                     .created_at = street.clock.now(),
                     .expires_at = street.clock.now() + std::chrono::hours(1)};
  return street.run(provider->present(std::move(draft))).has_value();
}

TEST(PublishedVectors, MvolasTestNumbersPayEachOtherAtTheSimulatorAndNoOtherDoes) {
  const Json numbers = published("mvola.json")["sandbox_msisdn"];
  if (numbers.is_null()) GTEST_SKIP() << "the vectors are not beside the project";
  ASSERT_EQ(numbers.array().size(), 2u);
  const std::string one = numbers.array()[0].text_or_empty();
  const std::string other = numbers.array()[1].text_or_empty();
  EXPECT_TRUE(mvola_rings(one, other));
  EXPECT_TRUE(mvola_rings(other, one));
  EXPECT_FALSE(mvola_rings(one, one));
  EXPECT_FALSE(mvola_rings("0343500099", other));
}

}  // namespace
}  // namespace quittance::providers
