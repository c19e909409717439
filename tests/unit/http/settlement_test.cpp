// The billing page settles an invoice: by QPay's own word, or by that of a person.
#include "unit/http/clinic.hpp"

namespace quittance::http {
namespace {

Json by_qpay(const std::string& invoice_id, const std::string& payment_id, std::int64_t amount) {
  return Json::object(
      {{"amount", amount},
       {"method", "QPAY"},
       {"meta", Json::object({{"qpayInvoiceId", invoice_id}, {"qpayPaymentId", payment_id}})}});
}

Json by_word(std::string_view method, std::int64_t amount) {
  return Json::object({{"amount", amount}, {"method", method}});
}

std::string method_of(const Json& state, std::size_t at) {
  return state["payments"].array().at(at)["method"].text_or_empty();
}

TEST(Settlement, S2_17_S2_66_TheAnswerHasThePagesShape) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  const std::string payment = clinic.pay(id);
  const Json state = clinic.settle_invoice(by_qpay(id, payment, 2'500));
  ASSERT_EQ(clinic.status, 200) << state.dump();
  EXPECT_EQ(state["id"].integer(), clinic.invoice);
  EXPECT_EQ(state["status"].text_or_empty(), "paid");
  EXPECT_EQ(state["totalBeforeDiscount"].number_text(), "2500");
  EXPECT_EQ(state["discountPercent"].integer(), 0);
  EXPECT_EQ(state["finalAmount"].number_text(), "2500");
  EXPECT_EQ(state["paidTotal"].number_text(), "2500");
  EXPECT_EQ(state["unpaidAmount"].number_text(), "0");
  EXPECT_EQ(state["hasEBarimt"].boolean(), false);
  ASSERT_EQ(state["items"].array().size(), 1U);
  EXPECT_EQ(state["items"].array()[0]["amount"].number_text(), "2500");
  ASSERT_EQ(state["payments"].array().size(), 1U);
  const Json& money = state["payments"].array()[0];
  EXPECT_EQ(money["qpayTxnId"].text_or_empty(), payment);
  EXPECT_EQ(money["method"].text_or_empty(), "QPAY");
  EXPECT_EQ(money["amount"].number_text(), "2500");
  EXPECT_TRUE(money["id"].integer());
  EXPECT_TRUE(money["timestamp"].integer());
}

TEST(Settlement, C17_ThePagesAmountIsNotBelieved) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(1'000);
  const std::string payment = clinic.pay(id);
  const Json state = clinic.settle_invoice(by_qpay(id, payment, 2'500));
  ASSERT_EQ(clinic.status, 200) << state.dump();
  EXPECT_EQ(state["status"].text_or_empty(), "partial");
  EXPECT_EQ(state["paidTotal"].number_text(), "1000");
  EXPECT_EQ(state["unpaidAmount"].number_text(), "1500");
  EXPECT_EQ(clinic.billed().paid, tugrik(1'000));
}

TEST(Settlement, C17_WithoutMoneyAtQpayNothingIsSettled) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  const Json refused = clinic.settle_invoice(by_qpay(id, "900000000000001", 2'500));
  EXPECT_EQ(clinic.status, 409) << refused.dump();
  EXPECT_TRUE(clinic.settlements(core::OrderId(clinic.invoice)).empty());
  // It is paid, but not by the payment that the page names.
  clinic.pay(id);
  clinic.settle_invoice(by_qpay(id, "900000000000001", 2'500));
  EXPECT_EQ(clinic.status, 409);
  const Json state = clinic.settle_invoice(by_qpay(id, "", 2'500));
  EXPECT_EQ(clinic.status, 400) << "an empty id is none: " << state.dump();
}

TEST(Settlement, S2_16_S2_67_C16_TheSamePaymentAgainIsAnsweredBeforeAnythingElse) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  const std::string payment = clinic.pay(id);
  const Json first = clinic.settle_invoice(by_qpay(id, payment, 2'500));
  ASSERT_EQ(clinic.status, 200) << first.dump();
  const std::size_t calls = clinic.wire->calls.size();
  const Json meta = Json::object({{"qpayPaymentId", payment}});
  // No amount, no method, nothing due, and QPay is not asked.
  const Json again = clinic.settle_invoice(Json::object({{"meta", meta}}));
  EXPECT_EQ(clinic.status, 200) << again.dump();
  EXPECT_EQ(again.dump(), first.dump());
  clinic.settle_invoice(by_qpay("no such invoice", payment, -1));
  EXPECT_EQ(clinic.status, 200);
  EXPECT_EQ(clinic.wire->calls.size(), calls);
  EXPECT_EQ(clinic.settlements(core::OrderId(clinic.invoice)).size(), 1U);
}

TEST(Settlement, C16_OnePaymentOnTwoInvoicesIsAConflict) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  const std::string payment = clinic.pay(id);
  clinic.settle_invoice(by_qpay(id, payment, 2'500));
  ASSERT_EQ(clinic.status, 200);
  clinic.invoice = clinic.place(core::ProductId(1)).order.value();
  const Json refused = clinic.settle_invoice(by_qpay(id, payment, 2'500));
  EXPECT_EQ(clinic.status, 409) << refused.dump();
  EXPECT_EQ(clinic.billed().paid, tugrik(0));
  // Before it is counted anywhere, too: QPay's invoice is of the other one.
  const std::int64_t second = clinic.invoice;
  clinic.invoice = clinic.place(core::ProductId(1)).order.value();
  const std::string other = clinic.qpay_invoice(2'500);
  const std::string money = clinic.pay(other);
  clinic.invoice = second;
  clinic.settle_invoice(by_qpay(other, money, 2'500));
  EXPECT_EQ(clinic.status, 409);
  EXPECT_EQ(clinic.billed().paid, tugrik(0));
}

TEST(Settlement, C17_AfterTheCallbackItOnlyTellsTheState) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  const std::string payment = clinic.pay(id);
  clinic.hear();
  const Json state = clinic.settle_invoice(by_qpay(id, payment, 2'500));
  EXPECT_EQ(clinic.status, 200) << state.dump();
  EXPECT_EQ(state["status"].text_or_empty(), "paid");
  EXPECT_EQ(clinic.settlements(core::OrderId(clinic.invoice)).size(), 1U);
}

TEST(Settlement, S2_55_N5_QpayOutOfReachSettlesNothingAndTellsNothing) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  const std::string payment = clinic.pay(id);
  const auto down = [&clinic](int percent) {
    ASSERT_TRUE(clinic.qpay_bank
                    ->change_rail_faults("qpay", Json::object({{"error_rate_percent", percent}}))
                    .has_value());
  };
  down(100);
  const Json refused = clinic.settle_invoice(by_qpay(id, payment, 2'500));
  EXPECT_EQ(clinic.status, 502);
  EXPECT_EQ(refused["error"]["code"].text_or_empty(), "provider_unavailable");
  EXPECT_EQ(refused.dump().find("SYSTEM_BUSY"), std::string::npos);
  down(0);
  clinic.settle_invoice(by_qpay(id, payment, 2'500));
  EXPECT_EQ(clinic.status, 200);
}

TEST(Settlement, S2_69_WhatMakesNoSenseIsRefused) {
  Clinic clinic;
  for (const char* amount : {"0", "-5", "\"x\"", "null", "1e3"}) {
    const Json refused = clinic.settle_invoice(
        Json::object({{"amount", Json::parse(amount).value()}, {"method", "CASH"}}));
    EXPECT_EQ(clinic.status, 400) << amount;
    EXPECT_EQ(refused["error"]["param"].text_or_empty(), "amount") << amount;
  }
  for (const char* method : {"", "BARTER", "MVOLA", "KHQR", "cash"}) {
    const Json refused = clinic.settle_invoice(by_word(method, 100));
    EXPECT_EQ(clinic.status, 400) << method;
    EXPECT_EQ(refused["error"]["param"].text_or_empty(), "method") << method;
  }
  clinic.settle_invoice(by_word("CASH", 2'501));
  EXPECT_EQ(clinic.status, 400) << "more than is owed (S2.25)";
  clinic.settle_invoice(by_qpay("11111111-2222-4333-8444-555555555555", "1", 2'500));
  EXPECT_EQ(clinic.status, 404);
  clinic.invoice = 99'999;
  clinic.settle_invoice(by_word("CASH", 100));
  EXPECT_EQ(clinic.status, 404);
}

TEST(Settlement, S2_22_WaysToPayCombineOnOneInvoice) {
  Clinic clinic;
  Json state = clinic.settle_invoice(by_word("CASH", 500));
  ASSERT_EQ(clinic.status, 200) << state.dump();
  EXPECT_EQ(state["status"].text_or_empty(), "partial");
  state = clinic.settle_invoice(by_word("POS", 500));
  EXPECT_EQ(clinic.status, 200) << state.dump();
  const std::string id = clinic.qpay_invoice(1'000);
  const std::string payment = clinic.pay(id);
  state = clinic.settle_invoice(by_qpay(id, payment, 1'000));
  EXPECT_EQ(clinic.status, 200) << state.dump();
  EXPECT_EQ(state["unpaidAmount"].number_text(), "500");
  state = clinic.settle_invoice(by_word("TRANSFER", 500));
  EXPECT_EQ(state["status"].text_or_empty(), "paid");
  ASSERT_EQ(state["payments"].array().size(), 4U);
  EXPECT_EQ(method_of(state, 0), "CASH");
  EXPECT_EQ(method_of(state, 1), "POS");
  EXPECT_EQ(method_of(state, 2), "QPAY");
  EXPECT_EQ(method_of(state, 3), "TRANSFER");
  EXPECT_TRUE(state["payments"].array()[0]["qpayTxnId"].is_null());
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::completed);
  clinic.settle_invoice(by_word("CASH", 1));
  EXPECT_EQ(clinic.status, 409) << "nothing is owed any more";
}

TEST(Settlement, C16_ASlipOrARequestIsCountedOnce) {
  Clinic clinic;
  Json slip = by_word("TRANSFER", 500);
  slip.set("meta", Json::object({{"reference", "FT26330-77"}}));
  clinic.settle_invoice(slip);
  ASSERT_EQ(clinic.status, 200);
  const Json again = clinic.settle_invoice(slip);
  EXPECT_EQ(clinic.status, 200);
  EXPECT_EQ(again["paidTotal"].number_text(), "500");
  const std::int64_t first = clinic.invoice;
  clinic.invoice = clinic.place(core::ProductId(1)).order.value();
  clinic.settle_invoice(slip);
  EXPECT_EQ(clinic.status, 409) << "the slip is of another invoice";
  clinic.invoice = first;
  clinic.request_key = "a key of the page";
  clinic.settle_invoice(by_word("CASH", 300));
  EXPECT_EQ(clinic.status, 400) << "keys have no blanks";
  clinic.request_key = "key-1";
  clinic.settle_invoice(by_word("CASH", 300));
  const Json repeated = clinic.settle_invoice(by_word("CASH", 300));
  EXPECT_EQ(clinic.status, 200);
  EXPECT_EQ(repeated["paidTotal"].number_text(), "800");
  EXPECT_EQ(clinic.billed().paid, tugrik(800));
}

TEST(Settlement, C13_OnlyStaffGiveTheirWord) {
  Clinic clinic;
  clinic.settle_invoice(by_word("CASH", 500), false);
  EXPECT_EQ(clinic.status, 404) << "a stranger sees no invoice";
  const std::string secret = clinic.billed().order_secret;
  base::HttpRequest request{
      .method = "POST", .path = "/api/invoices/" + std::to_string(clinic.invoice) + "/settlement"};
  request.headers.add("Content-Type", "application/json");
  request.headers.add("X-Order-Secret", secret);
  request.body = by_word("CASH", 500).dump();
  const base::HttpResponse response = clinic.answer(std::move(request));
  EXPECT_EQ(response.status, 403) << response.body;
  EXPECT_EQ(clinic.billed().paid, tugrik(0));
}

TEST(Settlement, C13_ALargeSumSaidInPartsTakesTwoPersonsToo) {
  Clinic clinic("sandbox", {.second_approver_from = {tugrik(1'000)}});
  clinic.add_user("dara");
  Json state = clinic.settle_invoice(by_word("CASH", 600));
  EXPECT_EQ(clinic.status, 200) << state.dump();
  state = clinic.settle_invoice(by_word("CASH", 600));
  EXPECT_EQ(clinic.status, 202) << "1200 of cash by one person's word";
  EXPECT_EQ(state["paidTotal"].number_text(), "600");
  const core::OrderId order(clinic.invoice);
  const core::EvidenceId claim = clinic.evidence_of(order).back().id;
  const std::string confirm = "/api/orders/" + std::to_string(clinic.invoice) + "/confirm-payment";
  const Json yes = Json::object({{"evidence_id", claim.value()}, {"reason", "counted it too"}});
  clinic.post(confirm, yes);
  EXPECT_EQ(clinic.status, 403) << "not by the same person";
  clinic.who = "dara";
  clinic.post(confirm, yes);
  EXPECT_EQ(clinic.status, 200);
  EXPECT_EQ(clinic.billed().paid, tugrik(1'200));
  // Nor is the rest said as a whole.
  clinic.post("/api/orders/" + std::to_string(clinic.invoice) + "/mark-paid",
              Json::object({{"reason", "the rest is there"}}));
  EXPECT_EQ(clinic.billed().paid, tugrik(1'200));
  EXPECT_TRUE(clinic.billed().attention.has(core::Attention::approval));
}

TEST(Settlement, C13_WhatWasPaidBackInPartWasStatedAllTheSame) {
  Clinic clinic("sandbox", {.second_approver_from = {tugrik(1'000)}});
  clinic.settle_invoice(by_word("CASH", 900));
  const auto money = clinic.settlements(core::OrderId(clinic.invoice));
  ASSERT_EQ(money.size(), 1U);
  clinic.post("/api/orders/" + std::to_string(clinic.invoice) + "/refund",
              Json::object({{"settlement_id", money[0].id.value()},
                            {"amount", "1.00"},
                            {"reason", "a coin too many"}}));
  ASSERT_EQ(clinic.status, 200);
  clinic.settle_invoice(by_word("CASH", 400));
  EXPECT_EQ(clinic.status, 202) << "1300 of cash by one person's word";
}

TEST(Settlement, AVoidedWordIsNoPaymentAnyMore) {
  Clinic clinic;
  clinic.settle_invoice(by_word("CASH", 500));
  const auto money = clinic.settlements(core::OrderId(clinic.invoice));
  ASSERT_EQ(money.size(), 1U);
  clinic.post("/api/orders/" + std::to_string(clinic.invoice) + "/void",
              Json::object({{"settlement_id", money[0].id.value()}, {"reason", "a mistake"}}));
  ASSERT_EQ(clinic.status, 200);
  const Json state = clinic.settle_invoice(by_word("POS", 700));
  EXPECT_EQ(state["paidTotal"].number_text(), "700");
  EXPECT_EQ(state["payments"].array().size(), 1U);
}

/// An order as another system writes it: nobody was asked to pay it so far.
std::int64_t order_without_request(Clinic& clinic) {
  const auto id = clinic.write<core::OrderId>(
      [&](storage::WritableBooks& books) -> base::Result<core::OrderId> {
        const core::ProductId visit(1);
        TRY_VOID(books.reserve(visit, 1));
        const std::string transaction_id = clinic.random.hex(16);
        TRY(const core::OrderId made,
            books.insert_order({.transaction_id = transaction_id,
                                .order_secret = transaction_id,
                                .total = tugrik(2'500),
                                .paid = tugrik(0),
                                .refunded = tugrik(0),
                                .payment_method = "qpay",
                                .created_at = clinic.clock.now(),
                                .reserved_until = clinic.clock.now() + std::chrono::hours(24)}));
        TRY_VOID(books.insert_order_item(
            made, {.product_id = visit, .name = "Visit", .quantity = 1, .price = tugrik(2'500)}));
        return made;
      });
  return id.value();
}

std::vector<core::Session> requests_of(Clinic& clinic) {
  return clinic.read<std::vector<core::Session>>(
      [&](auto& books) { return books.sessions_of_order(core::OrderId(clinic.invoice)); });
}

TEST(Settlement, S2_22_CashSettlesAnOrderThatNobodyWasAskedToPay) {
  Clinic clinic;
  clinic.invoice = order_without_request(clinic);
  ASSERT_TRUE(requests_of(clinic).empty());
  // What makes no sense leaves no request behind.
  clinic.settle_invoice(by_word("CASH", 2'501));
  EXPECT_EQ(clinic.status, 400);
  EXPECT_TRUE(requests_of(clinic).empty());
  Json state = clinic.settle_invoice(by_word("CASH", 500));
  ASSERT_EQ(clinic.status, 200) << state.dump();
  EXPECT_EQ(state["status"].text_or_empty(), "partial");
  state = clinic.settle_invoice(by_word("POS", 2'000));
  ASSERT_EQ(clinic.status, 200) << state.dump();
  EXPECT_EQ(state["status"].text_or_empty(), "paid");
  EXPECT_EQ(method_of(state, 0), "CASH");
  EXPECT_EQ(method_of(state, 1), "POS");
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::completed);
  const auto requests = requests_of(clinic);
  ASSERT_EQ(requests.size(), 1U) << "one at the desk, for all of it";
  EXPECT_EQ(requests[0].provider, "cash");
  EXPECT_EQ(requests[0].amount, tugrik(2'500));
  clinic.settle_invoice(by_word("CASH", 1));
  EXPECT_EQ(clinic.status, 409) << "nothing is owed any more";
  EXPECT_EQ(requests_of(clinic).size(), 1U);
}

TEST(Settlement, C13_AnOrderThatNobodyWasAskedToPayIsMarkedPaid) {
  Clinic clinic;
  clinic.invoice = order_without_request(clinic);
  const std::string path = "/api/orders/" + std::to_string(clinic.invoice) + "/mark-paid";
  clinic.post(path, Json::object({{"reason", "no"}}));
  EXPECT_EQ(clinic.status, 400);
  EXPECT_TRUE(requests_of(clinic).empty());
  const Json marked = clinic.post(path, Json::object({{"reason", "counted at the desk"}}));
  ASSERT_EQ(clinic.status, 200) << marked.dump();
  EXPECT_EQ(marked["status"].text_or_empty(), "completed");
  EXPECT_EQ(clinic.billed().paid, tugrik(2'500));
  EXPECT_EQ(clinic.settlements(core::OrderId(clinic.invoice)).size(), 1U);
}

TEST(PaymentSettings, S2_20_TheWaysToPayThatAreSetUp) {
  Clinic clinic;
  const Json settings = clinic.get("/api/payment-settings");
  ASSERT_EQ(clinic.status, 200);
  std::vector<std::string> keys;
  std::int64_t last = 0;
  for (const Json& method : settings["methods"].array()) {
    keys.push_back(method["key"].text_or_empty());
    EXPECT_GT(method["sortOrder"].integer().value_or(0), last) << "in their order";
    last = method["sortOrder"].integer().value_or(0);
    EXPECT_FALSE(method["label"].text_or_empty().empty());
    if (keys.back() == "QPAY") {
      EXPECT_EQ(last, 100);
      EXPECT_EQ(method["providers"].dump(), R"(["qpay"])");
    }
  }
  EXPECT_EQ(keys, (std::vector<std::string>{"CASH", "POS", "TRANSFER", "KHQR", "QPAY"}));
}

}  // namespace
}  // namespace quittance::http
