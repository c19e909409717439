// Tax receipts (e-Barimt) of the billing page: asked for, issued once, taken back (S2.68).
#include "unit/http/clinic.hpp"

namespace quittance::http {
namespace {

using namespace std::chrono_literals;

/// An invoice of QPay's for which a receipt is wished.
std::string invoice_with_receipt(Clinic& clinic, std::int64_t amount) {
  const Json made = clinic.post(
      "/api/qpay/invoice",
      Json::object({{"invoiceId", clinic.invoice}, {"amount", amount}, {"issueEBarimt", true}}));
  EXPECT_EQ(clinic.status, 200) << made.dump();
  return made["qpayInvoiceId"].text_or_empty();
}

/// The state, asked for by a settlement that is known already.
Json state_of(Clinic& clinic, const std::string& payment, bool wish = false) {
  Json body = Json::object({{"meta", Json::object({{"qpayPaymentId", payment}})}});
  if (wish) body.set("issueEBarimt", true);
  return clinic.settle_invoice(body);
}

std::vector<storage::StoredReceipt> receipts_in_books(Clinic& clinic) {
  return clinic.read<std::vector<storage::StoredReceipt>>(
      [&](auto& books) { return books.receipts_of_order(core::OrderId(clinic.invoice)); });
}

TEST(TaxReceipt, S2_68_AskedForWithTheInvoiceItIsIssuedOnceWhenThatIsPaid) {
  Clinic clinic;
  const std::string id = invoice_with_receipt(clinic, 2'500);
  EXPECT_EQ(clinic.run(clinic.receipts->process_due()), 0) << "nothing is paid";
  const std::string payment = clinic.pay(id);
  clinic.hear();
  EXPECT_EQ(state_of(clinic, payment)["hasEBarimt"].boolean(), false);
  EXPECT_EQ(clinic.run(clinic.receipts->process_due()), 1);
  EXPECT_EQ(state_of(clinic, payment)["hasEBarimt"].boolean(), true);
  for (int i = 0; i < 3; ++i) {
    clinic.advance(10min);
    EXPECT_EQ(clinic.run(clinic.receipts->process_due()), 0);
    state_of(clinic, payment, true);
  }
  EXPECT_EQ(clinic.standing_receipts(), 1);
  const auto stored = receipts_in_books(clinic);
  ASSERT_EQ(stored.size(), 1U);
  const Json made = clinic.qpay_bank->objects("qpay", "receipt").at(0);
  EXPECT_EQ(stored[0].receipt_id, made["ebarimt_receipt_id"].text_or_empty());
  EXPECT_EQ(stored[0].lottery.reveal(), made["ebarimt_lottery"].text_or_empty());
  EXPECT_EQ(stored[0].qr_data.reveal(), made["ebarimt_qr_data"].text_or_empty());
  const Json shown = clinic.get("/api/orders/" + std::to_string(clinic.invoice));
  EXPECT_EQ(shown["tax_receipts"].array().at(0)["lottery"].text_or_empty(),
            made["ebarimt_lottery"].text_or_empty());
}

TEST(TaxReceipt, S2_68_AskedForAfterTheCallbackHasSettledItIsIssuedToo) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  const std::string payment = clinic.pay(id);
  clinic.hear();
  EXPECT_EQ(clinic.run(clinic.receipts->process_due()), 0) << "nobody asked for one";
  state_of(clinic, payment, true);
  ASSERT_EQ(clinic.status, 200);
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(clinic.standing_receipts(), 1);
  EXPECT_EQ(state_of(clinic, payment)["hasEBarimt"].boolean(), true);
}

TEST(TaxReceipt, S2_68_OnlyAFullyPaidInvoiceHasReceiptsOneForEachPaymentOfQpays) {
  Clinic clinic;
  const std::string first = invoice_with_receipt(clinic, 1'000);
  clinic.pay(first);
  clinic.hear();
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(clinic.standing_receipts(), 0) << "1500 are still owed";
  const std::string second = clinic.qpay_invoice(500);
  const std::string payment = clinic.pay(second);
  clinic.hear();
  clinic.settle_invoice(Json::object({{"amount", 1'000}, {"method", "CASH"}}));
  ASSERT_EQ(clinic.status, 200);
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(clinic.standing_receipts(), 2) << "QPay registers what came by QPay";
  EXPECT_EQ(state_of(clinic, payment)["hasEBarimt"].boolean(), true);
}

TEST(TaxReceipt, S2_68_ALostAnswerMakesNoSecondReceipt) {
  Clinic clinic;
  const std::string id = invoice_with_receipt(clinic, 2'500);
  const std::string payment = clinic.pay(id);
  clinic.hear();
  clinic.fault("garbage_percent", 100);
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(clinic.standing_receipts(), 1) << "QPay made it, and we did not hear so";
  EXPECT_EQ(state_of(clinic, payment)["hasEBarimt"].boolean(), false);
  clinic.fault("garbage_percent", 0);
  clinic.advance(10s);
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(clinic.standing_receipts(), 1) << "the lost one was taken back first";
  EXPECT_EQ(state_of(clinic, payment)["hasEBarimt"].boolean(), true);
}

TEST(TaxReceipt, S2_68_WhatCannotBeFoundAgainIsNotAskedForTwice) {
  Clinic clinic;
  clinic.receipts = clinic.make_receipts({});
  const std::string id = invoice_with_receipt(clinic, 2'500);
  clinic.pay(id);
  clinic.hear();
  clinic.fault("garbage_percent", 100);
  clinic.run(clinic.receipts->process_due());
  clinic.fault("garbage_percent", 0);
  for (int i = 0; i < 5; ++i) {
    clinic.advance(1h);
    clinic.run(clinic.receipts->process_due());
  }
  EXPECT_EQ(clinic.qpay_bank->objects("qpay", "receipt").size(), 1U);
  EXPECT_EQ(receipts_in_books(clinic).at(0).state, storage::ReceiptState::asked);
}

TEST(TaxReceipt, S2_68_ACrashWhileAskingLeavesNoSecondReceipt) {
  Clinic clinic;
  const std::string id = invoice_with_receipt(clinic, 2'500);
  const std::string payment = clinic.pay(id);
  clinic.hear();
  // As if the process had died after it asked: the row says `asked`, the simulator has a receipt.
  clinic.fault("garbage_percent", 100);
  auto doomed = clinic.make_receipts({.district_code = "3505", .classification_code = "0000010"});
  clinic.run(doomed->process_due());
  clinic.fault("garbage_percent", 0);
  clinic.write<storage::Rows>([&](storage::WritableBooks& books) {
    return books.begin_receipt(books.receipts_of_order(core::OrderId(clinic.invoice))->at(0),
                               storage::ReceiptState::asked, clinic.clock.now() + 5min);
  });
  clinic.advance(1min);
  EXPECT_EQ(clinic.run(clinic.receipts->process_due()), 0) << "somebody may still be at it";
  clinic.advance(5min);
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(clinic.standing_receipts(), 1);
  EXPECT_EQ(state_of(clinic, payment)["hasEBarimt"].boolean(), true);
}

TEST(TaxReceipt, S2_68_TwoProcessesIssueOne) {
  Clinic clinic;
  const std::string id = invoice_with_receipt(clinic, 2'500);
  clinic.pay(id);
  clinic.hear();
  auto other = clinic.make_receipts({.district_code = "3505", .classification_code = "0000010"});
  std::vector<base::Task<std::int64_t>> both;
  both.push_back(clinic.receipts->process_due());
  both.push_back(other->process_due());
  clinic.run(base::gather(std::move(both)));
  EXPECT_EQ(clinic.qpay_bank->objects("qpay", "receipt").size(), 1U);
}

TEST(TaxReceipt, S2_68_WhileQpayIsOutOfReachItWaits) {
  Clinic clinic;
  const std::string id = invoice_with_receipt(clinic, 2'500);
  const std::string payment = clinic.pay(id);
  clinic.hear();
  clinic.fault("error_rate_percent", 100);
  for (int i = 0; i < 6; ++i) {
    clinic.run(clinic.receipts->process_due());
    clinic.advance(10min);
  }
  EXPECT_EQ(state_of(clinic, payment)["status"].text_or_empty(), "paid") << "money is not harmed";
  clinic.fault("error_rate_percent", 0);
  clinic.advance(30min);
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(clinic.standing_receipts(), 1);
  EXPECT_EQ(state_of(clinic, payment)["hasEBarimt"].boolean(), true);
}

TEST(TaxReceipt, S2_68_WhatIsRefundedKeepsNone) {
  Clinic clinic;
  const std::string id = invoice_with_receipt(clinic, 2'500);
  const std::string payment = clinic.pay(id);
  clinic.hear();
  clinic.run(clinic.receipts->process_due());
  ASSERT_EQ(clinic.standing_receipts(), 1);
  const auto money = clinic.settlements(core::OrderId(clinic.invoice));
  clinic.post("/api/orders/" + std::to_string(clinic.invoice) + "/refund",
              Json::object({{"settlement_id", money.at(0).id.value()},
                            {"amount", "2500"},
                            {"reason", "the doctor was ill"}}));
  ASSERT_EQ(clinic.status, 200);
  clinic.fault("error_rate_percent", 100);
  clinic.run(clinic.receipts->process_due());
  clinic.fault("error_rate_percent", 0);
  clinic.advance(1min);
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(clinic.standing_receipts(), 0);
  EXPECT_EQ(receipts_in_books(clinic).at(0).state, storage::ReceiptState::voided);
  EXPECT_EQ(state_of(clinic, payment)["hasEBarimt"].boolean(), false);
}

TEST(TaxReceipt, S2_68_RefundedBeforeItIsIssuedItNeverIs) {
  Clinic clinic;
  const std::string id = invoice_with_receipt(clinic, 2'500);
  clinic.pay(id);
  clinic.hear();
  const auto money = clinic.settlements(core::OrderId(clinic.invoice));
  clinic.post("/api/orders/" + std::to_string(clinic.invoice) + "/refund",
              Json::object({{"settlement_id", money.at(0).id.value()},
                            {"amount", "2500"},
                            {"reason", "the doctor was ill"}}));
  ASSERT_EQ(clinic.status, 200);
  clinic.run(clinic.receipts->process_due());
  EXPECT_TRUE(clinic.qpay_bank->objects("qpay", "receipt").empty());
}

TEST(TaxReceipt, S2_56_AWishThatMakesNoSenseIsRefused) {
  Clinic clinic;
  const auto refused = [&clinic](const char* wish, std::string_view param) {
    Json body = Json::parse(wish).value();
    body.set("invoiceId", clinic.invoice).set("amount", 2'500);
    const Json answer = clinic.post("/api/qpay/invoice", body);
    EXPECT_EQ(clinic.status, 400) << wish;
    EXPECT_EQ(answer["error"]["param"].text_or_empty(), param) << wish;
  };
  refused(R"({"issueEBarimt":"yes"})", "issueEBarimt");
  refused(R"({"issueEBarimt":true,"eBarimtReceiverType":"GHOST"})", "eBarimtReceiverType");
  refused(R"({"issueEBarimt":true,"eBarimtReceiverType":"COMPANY"})", "eBarimtReceiver");
  refused(R"({"issueEBarimt":true,"eBarimtReceiver":"<b>"})", "eBarimtReceiver");
  EXPECT_EQ(clinic.wire->calls.size(), 0U);
}

}  // namespace
}  // namespace quittance::http
