// Invoices of the billing page end: paid, refused, called off, or over; and deposits of bookings
// (C18, C19).
#include "unit/http/clinic.hpp"

namespace quittance::http {
namespace {

using namespace std::chrono_literals;

/// How QPay's side has it: `OPEN`, `CLOSED`, `CANCELED`.
std::string at_qpay(Clinic& clinic, const std::string& id) {
  for (const Json& invoice : clinic.qpay_bank->objects("qpay", "invoice")) {
    if (invoice["invoice_id"].text_or_empty() == id) {
      return invoice["invoice_status"].text_or_empty();
    }
  }
  return "";
}

std::string state_of(Clinic& clinic, const std::string& id) {
  return clinic.check(id)["status"].text_or_empty();
}

Json book(Clinic& clinic, std::int64_t amount) {
  return clinic.post(
      "/api/qpay/invoice",
      Json::object({{"invoiceId", clinic.invoice}, {"amount", amount}, {"objectType", "BOOKING"}}));
}

TEST(Closing, C19_WhenItsTimeIsOverTheInvoiceIsCanceledAtQpay) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  clinic.advance(14min);
  EXPECT_EQ(clinic.run(clinic.closing->process_due()), 0);
  EXPECT_EQ(state_of(clinic, id), "NEW");
  clinic.advance(2min);
  EXPECT_EQ(clinic.run(clinic.closing->process_due()), 1);
  EXPECT_EQ(at_qpay(clinic, id), "CANCELED");
  EXPECT_EQ(state_of(clinic, id), "CANCELLED");
  EXPECT_EQ(clinic.run(clinic.closing->process_due()), 0) << "once is enough";
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::pending) << "it may be paid another way";
  const std::string again = clinic.qpay_invoice(2'500);
  EXPECT_NE(again, id);
}

TEST(Closing, C19_MoneyOfTheLastSecondIsFoundBeforeAnythingIsCanceled) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  clinic.advance(15min);
  clinic.pay(id);
  EXPECT_EQ(clinic.run(clinic.closing->process_due()), 1);
  EXPECT_EQ(state_of(clinic, id), "PAID");
  EXPECT_EQ(at_qpay(clinic, id), "CLOSED");
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::completed);
}

TEST(Closing, C19_N2_MoneyThatShowsOnlyAfterTheQuestionIsNotCanceledAway) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  clinic.advance(15min);
  clinic.fault("paid_late_ms", 60'000);
  clinic.pay(id);
  clinic.run(clinic.closing->process_due());
  EXPECT_EQ(at_qpay(clinic, id), "CLOSED") << "QPay says: it is paid";
  EXPECT_NE(clinic.billed().status, core::OrderStatus::completed);
  clinic.advance(2min);
  EXPECT_EQ(clinic.run(clinic.closing->process_due()), 1) << "it is not forgotten";
  EXPECT_EQ(state_of(clinic, id), "PAID");
}

TEST(Closing, C19_N5_WithoutAnAnswerNothingEnds) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  clinic.advance(15min);
  clinic.fault("error_rate_percent", 100);
  for (int i = 0; i < 5; ++i) {
    clinic.run(clinic.closing->process_due());
    clinic.advance(10min);
  }
  const auto sessions = clinic.read<std::vector<core::Session>>(
      [&](auto& books) { return books.sessions_of_order(core::OrderId(clinic.invoice)); });
  EXPECT_EQ(sessions.front().status, core::SessionStatus::open);
  const Json providers = clinic.get("/api/admin/providers");
  for (const Json& provider : providers["providers"].array()) {
    const bool qpay = provider["provider"].text_or_empty() == "qpay";
    EXPECT_EQ(provider["stuck_sessions"].integer(), qpay ? 1 : 0) << "S2.76";
  }
  clinic.pay(id);
  clinic.fault("error_rate_percent", 0);
  clinic.advance(1h);
  clinic.run(clinic.closing->process_due());
  EXPECT_EQ(state_of(clinic, id), "PAID");
}

TEST(Closing, C19_WhoCallsItOffHearsHowItEnded) {
  Clinic clinic;
  const auto cancel = [&clinic](const std::string& id) {
    return clinic.post("/api/qpay/cancel", Json::object({{"qpayInvoiceId", id}}));
  };
  const std::string id = clinic.qpay_invoice(1'000);
  EXPECT_EQ(cancel(id)["status"].text_or_empty(), "CANCELLED");
  EXPECT_EQ(at_qpay(clinic, id), "CANCELED");
  EXPECT_EQ(cancel(id)["status"].text_or_empty(), "CANCELLED") << "again";
  const std::string paid = clinic.qpay_invoice(1'500);
  clinic.pay(paid);
  EXPECT_EQ(cancel(paid)["status"].text_or_empty(), "PAID");
  EXPECT_EQ(clinic.billed().paid, tugrik(1'500));
  const std::string late = clinic.qpay_invoice(700);
  clinic.fault("error_rate_percent", 100);
  cancel(late);
  EXPECT_EQ(clinic.status, 502);
  clinic.fault("error_rate_percent", 0);
  clinic.advance(1min);
  clinic.run(clinic.closing->process_due());
  EXPECT_EQ(at_qpay(clinic, late), "CANCELED") << "as soon as QPay could be asked";
  cancel("11111111-2222-4333-8444-555555555555");
  EXPECT_EQ(clinic.status, 404);
}

TEST(Closing, C19_WithItsOrderTheInvoiceIsCanceledAtQpayToo) {
  Clinic clinic;
  const std::string id = clinic.qpay_invoice(2'500);
  clinic.post("/api/orders/" + std::to_string(clinic.invoice) + "/cancel", Json::object({}));
  ASSERT_EQ(clinic.status, 200);
  clinic.run(clinic.closing->process_due());
  EXPECT_EQ(at_qpay(clinic, id), "CANCELED");
  EXPECT_EQ(state_of(clinic, id), "CANCELLED");
}

TEST(Closing, C19_AnInvoiceThatQpayRefusesToMakeIsFailed) {
  Clinic clinic;
  const std::int64_t beyond = 20'000'000'000;
  clinic.invoice = clinic.place(clinic.add_product(1, tugrik(beyond))).order.value();
  clinic.ask_for(beyond);
  EXPECT_EQ(clinic.status, 400) << "QPay does not take this amount";
  const auto sessions = clinic.read<std::vector<core::Session>>(
      [&](auto& books) { return books.sessions_of_order(core::OrderId(clinic.invoice)); });
  EXPECT_EQ(sessions.front().provider, "qpay");
  EXPECT_EQ(sessions.front().status, core::SessionStatus::failed);
  clinic.advance(1h);
  EXPECT_EQ(clinic.run(clinic.closing->process_due()), 0) << "there is nothing to close";
  clinic.qpay_invoice(1'000);
}

TEST(Closing, C19_AnInvoiceWhoseAnswerWasLostIsClosedToo) {
  Clinic clinic;
  clinic.fault("garbage_percent", 100);
  clinic.ask_for(2'500);
  EXPECT_EQ(clinic.status, 502);
  clinic.fault("garbage_percent", 0);
  clinic.advance(16min);
  EXPECT_EQ(clinic.run(clinic.closing->process_due()), 1);
  const auto sessions = clinic.read<std::vector<core::Session>>(
      [&](auto& books) { return books.sessions_of_order(core::OrderId(clinic.invoice)); });
  EXPECT_EQ(sessions.front().status, core::SessionStatus::canceled);
}

TEST(Booking, C18_AnUnpaidHoldEndsWithItsInvoiceAndLetsItsGoodsGo) {
  Clinic clinic;
  const core::ProductId room = clinic.add_product(1, tugrik(120'000));
  clinic.invoice = clinic.place(room).order.value();
  book(clinic, 20'000);
  EXPECT_EQ(clinic.status, 400) << "the deposit is 30 000";
  const Json made = book(clinic, 30'000);
  ASSERT_EQ(clinic.status, 200) << made.dump();
  const std::string id = made["qpayInvoiceId"].text_or_empty();
  EXPECT_EQ(book(clinic, 30'000)["qpayInvoiceId"].text_or_empty(), id) << "asked twice";
  clinic.advance(9min);
  EXPECT_EQ(clinic.run(clinic.closing->process_due()), 0);
  EXPECT_EQ(clinic.product(room).reserved, 1);
  clinic.advance(1min);
  EXPECT_EQ(clinic.run(clinic.closing->process_due()), 1);
  EXPECT_EQ(state_of(clinic, id), "CANCELLED");
  EXPECT_EQ(at_qpay(clinic, id), "CANCELED");
  EXPECT_EQ(clinic.product(room).reserved, 0) << "the next may book it";
  book(clinic, 30'000);
  EXPECT_EQ(clinic.status, 409) << "it is held no more";
}

TEST(Booking, C18_TheDepositOfTheLastSecondKeepsWhatIsBooked) {
  Clinic clinic;
  const core::ProductId room = clinic.add_product(1, tugrik(120'000));
  clinic.invoice = clinic.place(room).order.value();
  const std::string id = book(clinic, 30'000)["qpayInvoiceId"].text_or_empty();
  clinic.advance(9min + 59s);
  clinic.pay(id);
  clinic.advance(1s);
  clinic.run(clinic.closing->process_due());
  EXPECT_EQ(state_of(clinic, id), "PAID");
  EXPECT_EQ(clinic.billed().paid, tugrik(30'000));
  // The hold of the order itself ends after a day; the bank of its other QR says no again and
  // again.
  for (int day = 0; day < 3; ++day) {
    clinic.advance(24h);
    clinic.run(clinic.poller->tick());
  }
  EXPECT_EQ(clinic.product(room).reserved, 1);
  clinic.settle_invoice(Json::object({{"amount", 90'000}, {"method", "POS"}}));
  EXPECT_EQ(clinic.status, 200);
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::completed);
  clinic.settle_down();  // what the poller still has under way
}

TEST(Booking, C18_ASmallBookingIsPaidInFull) {
  Clinic clinic;
  const Json made = book(clinic, 2'500);
  ASSERT_EQ(clinic.status, 200) << made.dump();
  clinic.pay(made["qpayInvoiceId"].text_or_empty());
  clinic.hear();
  EXPECT_EQ(clinic.billed().status, core::OrderStatus::completed);
}

}  // namespace
}  // namespace quittance::http
