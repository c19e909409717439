// QPay on a billing page, from the invoice to the settled order: the edge, the detector, the
// adapter and the simulator in one process and in virtual time.
#include <gtest/gtest.h>

#include "http/http.hpp"
#include "support/shop.hpp"
#include "unit/providers/rail_street.hpp"

namespace quittance::http {
namespace {

using base::Json;
using namespace std::chrono_literals;

const base::Secret kJwtKey("only for tests");
const base::Secret kCallbackKey("made for callbacks in tests");

core::Money tugrik(std::int64_t whole) {
  return *core::Money::from_minor(whole * 100, *core::Currency::from_code("MNT"));
}

/// Carries notices of the simulator to the edge.
class ToTheEdge final : public base::HttpClient {
 public:
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override {
    base::HttpRequest request;
    const std::size_t path = call.url.find('/', call.url.find("//") + 2);
    const std::size_t query = std::min(call.url.find('?'), call.url.size());
    request.method = call.method;
    request.path = call.url.substr(path, query - path);
    request.query = query < call.url.size() ? call.url.substr(query + 1) : "";
    request.headers = call.headers;
    request.body = call.body;
    request.remote_address = "10.0.0.9";
    const base::HttpResponse response = co_await api->handle(std::move(request));
    co_return base::HttpReply{.status = response.status, .headers{}, .body = response.body};
  }
  Api* api = nullptr;
};

struct Clinic : testing::Shop {
  explicit Clinic(std::string environment = "sandbox") {
    sandbox::SandboxOptions options;
    options.token_key = base::Secret("a key for tests only");
    options.public_url = std::string(providers::WireToSandbox::kOrigin);
    qpay_bank = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
    wire = std::make_unique<providers::WireToSandbox>(*qpay_bank);
    add_rail(providers::make_qpay({.base_url = std::string(providers::WireToSandbox::kOrigin),
                                   .client_id = "TEST_MERCHANT",
                                   .client_secret = base::Secret("123456"),
                                   .invoice_code = "TEST_INVOICE",
                                   .environment = std::move(environment),
                                   .callback_key = kCallbackKey},
                                  *wire, clock, log));
    checkout::CheckoutPolicy policy;
    policy.public_url = "http://shop.test";
    policy.callback_key = kCallbackKey;
    api = std::make_unique<Api>(ApiParts{.store = *store,
                                         .registry = registry,
                                         .asker = *asker,
                                         .manual = *manual,
                                         .notices = *notices,
                                         .sync = *sync,
                                         .bulletin = bulletin,
                                         .settle = context,
                                         .checkout = policy,
                                         .notary = notary,
                                         .outbox = outbox,
                                         .clock = clock,
                                         .random = random,
                                         .worker = worker,
                                         .log = log,
                                         .jwt_key = kJwtKey,
                                         .merchant_name = "Clinic",
                                         .public_url = "http://shop.test",
                                         .sandbox_url = ""});
    edge.api = api.get();
    write<storage::Rows>([this](storage::WritableBooks& books) {
      return books.upsert_user({.username = "desk",
                                .password_hash = "x",
                                .role = storage::Role::staff,
                                .customer_id = std::nullopt},
                               clock.now());
    });
    invoice = place(add_product(100, tugrik(2'500))).order.value();
  }

  /// A POST of the desk; `status` is the answer's.
  Json post(std::string path, const Json& body, bool logged_in = true) {
    base::HttpRequest request{.method = "POST", .path = std::move(path)};
    request.headers.add("Content-Type", "application/json");
    const std::int64_t now_s = base::to_ms(clock.now()) / 1'000;
    if (logged_in) {
      request.headers.add("Authorization",
                          "Bearer " + base::sign_jwt(kJwtKey, {.subject = "desk",
                                                               .role = "staff",
                                                               .issued_at_s = now_s,
                                                               .expires_at_s = now_s + 3'600}));
    }
    request.body = body.dump();
    request.remote_address = "10.0.0.1";
    const base::HttpResponse response = run(api->handle(std::move(request)));
    status = response.status;
    return Json::parse(response.body).value_or(Json());
  }
  Json ask_for(const Json& amount) {
    return post("/api/qpay/invoice", Json::object({{"invoiceId", invoice}, {"amount", amount}}));
  }
  std::string qpay_invoice(std::int64_t amount) {
    const Json made = ask_for(amount);
    EXPECT_EQ(status, 200) << made.dump();
    return made["qpayInvoiceId"].text_or_empty();
  }
  Json check(const std::string& id) {
    return post("/api/qpay/check", Json::object({{"qpayInvoiceId", id}}));
  }
  std::string pay(const std::string& id, std::optional<std::string> amount = {}) {
    const auto paid = qpay_bank->act("qpay", id, {.choice = "khanbank", .amount = amount});
    EXPECT_TRUE(paid.has_value());
    return paid.value_or(Json())["payment_id"].text_or_empty();
  }
  /// The callback reaches the edge, and what came is worked off.
  void hear() {
    run(qpay_bank->deliver_due(edge));
    run(notices->process_due());
  }
  core::Order billed() { return order(core::OrderId(invoice)); }

  std::unique_ptr<sandbox::Sandbox> qpay_bank;
  std::unique_ptr<providers::WireToSandbox> wire;
  ToTheEdge edge;
  base::Worker worker{1};
  audit::Notary notary{*store, key, audit::origin_of("http://shop.test"), clock, log};
  notify::Outbox outbox{{.store = *store, .clock = clock, .random = random, .log = log}, {}};
  std::unique_ptr<Api> api;
  std::int64_t invoice = 0;
  int status = 0;
};

TEST(QpayBilling, S2_63_64_AnInvoiceShowsAQRThatTheBankAppReads) {
  Clinic clinic;
  const Json made = clinic.ask_for(2'500);
  ASSERT_EQ(clinic.status, 200) << made.dump();
  EXPECT_EQ(made["senderInvoiceNo"].text_or_empty(),
            "INV-" + std::to_string(clinic.invoice) + "-" +
                std::to_string(base::to_ms(clinic.clock.now())));
  EXPECT_EQ(made["amount"].number_text(), "2500");
  EXPECT_TRUE(made["qrImage"].text_or_empty().starts_with("data:image/png;base64,iVBOR"));
  EXPECT_EQ(made["urls"].array().size(), 23U);
  const auto decoded = qr::decode_emv(made["qrText"].text_or_empty(), qr::EmvMode::strict);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(qr::find_object(*decoded, "54")->value, "2500");
}

TEST(QpayBilling, S2_65_66_ThePageSeesThePaymentAndTheOrderIsSettled) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  const Json before = clinic.check(id);
  EXPECT_EQ(before["status"].text_or_empty(), "NEW");
  EXPECT_EQ(before["paid"].boolean(), false);
  const std::string payment = clinic.pay(id);
  clinic.advance(3s);
  const Json after = clinic.check(id);
  EXPECT_EQ(after["status"].text_or_empty(), "PAID");
  EXPECT_EQ(after["paid"].boolean(), true);
  EXPECT_EQ(after["paidAmount"].number_text(), "2500");
  EXPECT_EQ(after["paymentId"].text_or_empty(), payment);
  EXPECT_EQ(after["transactionType"].text_or_empty(), "P2P");
  EXPECT_TRUE(after["paidAt"].integer());
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::completed);
}

TEST(QpayBilling, C17_WithThePageClosedTheCallbackSettles) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  clinic.pay(id);
  clinic.hear();
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::completed);
  EXPECT_EQ(clinic.qpay_bank->notices().back().state, "taken") << "it heard SUCCESS";
}

TEST(QpayBilling, S2_67_C16_TheSamePaymentSettlesOnceHoweverOftenItIsHeardOf) {
  Clinic clinic;
  ASSERT_TRUE(
      clinic.qpay_bank->change_rail_faults("qpay", Json::object({{"notice_twice_percent", 100}}))
          .has_value());
  const std::string id = clinic.qpay_invoice(2'500);
  clinic.pay(id);
  clinic.hear();
  clinic.hear();
  clinic.advance(3s);
  EXPECT_EQ(clinic.check(id)["status"].text_or_empty(), "PAID");
  EXPECT_EQ(clinic.settlements(core::OrderId(clinic.invoice)).size(), 1U);
  EXPECT_EQ(clinic.product(core::ProductId(1)).stock, 99);
}

TEST(QpayBilling, S2_25_69_AnAmountThatIsNotDueIsRefused) {
  Clinic clinic;
  for (const char* amount : {"0", "-5", "2501", "0.5", "10.50", "1e3", "\"100\"", "null"}) {
    const Json refused = clinic.ask_for(Json::parse(amount).value());
    EXPECT_EQ(clinic.status, 400) << amount;
    EXPECT_EQ(refused["error"]["param"].text_or_empty(), "amount") << amount;
  }
  clinic.post("/api/qpay/invoice", Json::object({{"invoiceId", 99'999}, {"amount", 1}}));
  EXPECT_EQ(clinic.status, 404);
  clinic.post("/api/qpay/invoice", Json::object({{"invoiceId", 0}, {"amount", 1}}));
  EXPECT_EQ(clinic.status, 400);
  clinic.post("/api/qpay/invoice",
              Json::object({{"invoiceId", clinic.invoice}, {"amount", 1}, {"objectType", "TRIP"}}));
  EXPECT_EQ(clinic.status, 400);
  EXPECT_EQ(clinic.wire->calls.size(), 0U) << "nobody was asked";
  const auto dollars = clinic.place(clinic.add_product(1)).order.value();
  clinic.post("/api/qpay/invoice", Json::object({{"invoiceId", dollars}, {"amount", 10}}));
  EXPECT_EQ(clinic.status, 400);
}

TEST(QpayBilling, StrangersSeeNoInvoice) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  const std::size_t calls = clinic.wire->calls.size();
  clinic.post("/api/qpay/invoice", Json::object({{"invoiceId", clinic.invoice}, {"amount", 1}}),
              false);
  EXPECT_EQ(clinic.status, 404);
  clinic.post("/api/qpay/check", Json::object({{"qpayInvoiceId", id}}), false);
  EXPECT_EQ(clinic.status, 404);
  clinic.check("11111111-2222-4333-8444-555555555555");
  EXPECT_EQ(clinic.status, 404);
  EXPECT_EQ(clinic.wire->calls.size(), calls) << "before any provider call";
}

TEST(QpayBilling, S2_70_PartsAreInvoicesOfTheirOwn) {
  Clinic clinic;
  const std::string first = clinic.qpay_invoice(1'000);
  const std::string second = clinic.qpay_invoice(1'500);
  EXPECT_NE(first, second);
  clinic.pay(second);
  clinic.hear();
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::pending);
  EXPECT_EQ(clinic.billed().paid, tugrik(1'500));
  EXPECT_EQ(clinic.check(first)["status"].text_or_empty(), "NEW");
  clinic.pay(first);
  clinic.hear();
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::completed);
  clinic.ask_for(1);
  EXPECT_EQ(clinic.status, 409) << "nothing is due any more";
}

TEST(QpayBilling, S2_54_TwoTabsGetTheSameInvoiceAndAskAsOne) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  EXPECT_EQ(clinic.qpay_invoice(2'500), id);
  EXPECT_EQ(clinic.qpay_bank->objects("qpay", "invoice").size(), 1U);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(clinic.check(id)["status"].text_or_empty(), "NEW");
  EXPECT_EQ(clinic.wire->count("/v2/payment/check"), 1U);
  clinic.advance(3s);
  clinic.check(id);
  EXPECT_EQ(clinic.wire->count("/v2/payment/check"), 2U);
}

TEST(QpayBilling, S2_71_C15_AForgedCallbackHearsSuccessAndAsksNothing) {
  Clinic clinic;
  clinic.qpay_invoice(2'500);
  const std::size_t calls = clinic.wire->calls.size();
  for (const char* query : {"session=x&token=y&qpay_payment_id=1", "qpay_payment_id=1", ""}) {
    base::HttpRequest request{.method = "GET", .path = "/api/qpay/callback", .query = query};
    const base::HttpResponse response = clinic.run(clinic.api->handle(std::move(request)));
    EXPECT_EQ(response.status, 200) << query;
    EXPECT_EQ(response.body, "SUCCESS") << query;
  }
  EXPECT_EQ(clinic.run(clinic.notices->process_due()), 0);
  EXPECT_EQ(clinic.wire->calls.size(), calls);
}

TEST(QpayBilling, N13_LessThanWasAskedForIsCountedAndLeavesTheRestDue) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  clinic.pay(id, "2000");
  clinic.hear();
  EXPECT_EQ(clinic.billed().paid, tugrik(2'000));
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::pending);
  EXPECT_EQ(clinic.check(id)["paidAmount"].number_text(), "2000");
  clinic.qpay_invoice(500);
}

TEST(QpayBilling, S2_55_QpayOutOfReachIsA502ThatTellsNothing) {
  Clinic clinic;
  const auto down = [&clinic](int percent) {
    ASSERT_TRUE(clinic.qpay_bank
                    ->change_rail_faults("qpay", Json::object({{"error_rate_percent", percent}}))
                    .has_value());
  };
  const std::string id = clinic.qpay_invoice(1'000);
  down(100);
  const Json refused = clinic.check(id);
  EXPECT_EQ(clinic.status, 502);
  EXPECT_EQ(refused["error"]["code"].text_or_empty(), "provider_unavailable");
  clinic.ask_for(1'500);
  EXPECT_EQ(clinic.status, 502);
  down(0);
  clinic.qpay_invoice(1'500);
  clinic.advance(3s);
  EXPECT_EQ(clinic.check(id)["status"].text_or_empty(), "NEW");
}

TEST(QpayBilling, C21_TheDevelopersHelperIsThereInTheSandboxOnly) {
  Clinic clinic;
  const Json body = Json::object({{"invoiceId", clinic.invoice}});
  const Json made = clinic.post("/api/qpay/dev/create-test-invoice", body);
  ASSERT_EQ(clinic.status, 200) << made.dump();
  EXPECT_EQ(made["amount"].number_text(), "2500") << "all that is due";
  clinic.post("/api/qpay/dev/create-test-invoice", body, false);
  EXPECT_EQ(clinic.status, 401);
  Clinic live("live");
  live.post("/api/qpay/dev/create-test-invoice", body);
  EXPECT_EQ(live.status, 404);
}

}  // namespace
}  // namespace quittance::http
