// QPay on a billing page, from the invoice to the settled order.
#include "unit/http/clinic.hpp"

namespace quittance::http {
namespace {

using base::Json;
using namespace std::chrono_literals;

TEST(QpayBilling, S2_63_AnInvoiceShowsAQRThatNamesItsSum) {
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
    const base::HttpResponse response = clinic.answer(std::move(request));
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

TEST(QpayBilling, S2_3_C19_WhatQpayRefusedToMakeIsFailedByOurNumber) {
  Clinic clinic;
  const std::int64_t beyond = 20'000'000'000;
  clinic.invoice = clinic.place(clinic.add_product(1, tugrik(beyond))).order.value();
  clinic.ask_for(beyond);
  ASSERT_EQ(clinic.status, 400) << "QPay does not take this amount";
  const Json order = clinic.get("/api/orders/" + std::to_string(clinic.invoice));
  const Json refused = order["sessions"].array().at(0);
  EXPECT_EQ(refused["status"].text_or_empty(), "failed");
  const Json by_number = Json::object({{"senderInvoiceNo", refused["bill_number"]}});
  const std::size_t calls = clinic.wire->calls.size();
  const Json checked = clinic.post("/api/qpay/check", by_number);
  ASSERT_EQ(clinic.status, 200) << checked.dump();
  EXPECT_EQ(checked["status"].text_or_empty(), "FAILED");
  EXPECT_EQ(checked["paid"].boolean(), false);
  EXPECT_EQ(clinic.wire->calls.size(), calls) << "QPay never knew of it";
  clinic.post("/api/qpay/check", by_number, false);
  EXPECT_EQ(clinic.status, 404) << "a stranger";
}

TEST(QpayBilling, S2_12_AnInvoiceIsCheckedByItsNumberToo) {
  Clinic clinic;
  const Json made = clinic.ask_for(2'500);
  const Json by_number = Json::object({{"senderInvoiceNo", made["senderInvoiceNo"]}});
  EXPECT_EQ(clinic.post("/api/qpay/check", by_number)["status"].text_or_empty(), "NEW");
  clinic.pay(made["qpayInvoiceId"].text_or_empty());
  clinic.advance(3s);
  EXPECT_EQ(clinic.post("/api/qpay/check", by_number)["status"].text_or_empty(), "PAID");
  for (const char* number : {"INV-1-1", "BILL_00000000"}) {
    clinic.post("/api/qpay/check", Json::object({{"senderInvoiceNo", number}}));
    EXPECT_EQ(clinic.status, 404) << number;
  }
  const auto sessions = clinic.read<std::vector<core::Session>>(
      [&](auto& books) { return books.sessions_of_order(core::OrderId(clinic.invoice)); });
  clinic.post("/api/qpay/check", Json::object({{"senderInvoiceNo", sessions.back().bill_number}}));
  EXPECT_EQ(clinic.status, 404) << "a KHQR of the same order is no invoice of QPay's";
  clinic.post("/api/qpay/check", Json::object({{"senderInvoiceNo", ""}}));
  EXPECT_EQ(clinic.status, 400);
  clinic.post("/api/qpay/check", Json(Json::Object{}));
  EXPECT_EQ(clinic.status, 400);
}

TEST(QpayBilling, S2_3_C19_WhatQpayEndedForGoodIsFailed) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  const auto sessions = clinic.read<std::vector<core::Session>>(
      [&](auto& books) { return books.sessions_of_order(core::OrderId(clinic.invoice)); });
  // QPay was asked a moment ago, so that the page is told what was heard.
  clinic.write<storage::Rows>([&](storage::WritableBooks& books) {
    return books.note_check(sessions.front().id, "final_no", clinic.clock.now(),
                            clinic.clock.now() + 1min);
  });
  const Json checked = clinic.check(id);
  EXPECT_EQ(checked["status"].text_or_empty(), "FAILED") << checked.dump();
  EXPECT_EQ(checked["paid"].boolean(), false);
  // Law 5: money that comes all the same counts.
  clinic.pay(id);
  clinic.advance(3s);
  EXPECT_EQ(clinic.check(id)["status"].text_or_empty(), "PAID");
}

TEST(QpayBilling, S2_3_C19_APaymentThatTheBankDeclinesLeavesTheInvoiceToBePaidAgain) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  ASSERT_TRUE(clinic.qpay_bank->act("qpay", id, {.choice = "fails"}).has_value());
  EXPECT_EQ(clinic.check(id)["status"].text_or_empty(), "NEW");
  clinic.pay(id);
  clinic.advance(3s);
  EXPECT_EQ(clinic.check(id)["status"].text_or_empty(), "PAID");
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
