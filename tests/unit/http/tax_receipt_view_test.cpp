// Tax receipts on the receipt page: each state has its words, and codes are shown of what stands
// only (S2.68).
#include "http/tax_receipt_view.hpp"

#include <array>

#include "qr/qr.hpp"
#include "unit/http/clinic.hpp"

namespace quittance::http {
namespace {

using namespace std::chrono_literals;
using storage::ReceiptState;
using storage::StoredReceipt;

const base::Time kIssuedAt = base::from_ms(1'795'685'400'000);  // 2026-11-26 09:30 UTC
constexpr std::array kSights{TaxReceiptSight::waiting, TaxReceiptSight::issued,
                             TaxReceiptSight::leaving, TaxReceiptSight::voided,
                             TaxReceiptSight::refused, TaxReceiptSight::doubtful};

/// With everything filled in that a receipt can have.
StoredReceipt receipt(ReceiptState state, bool wanted = true, bool tried_again = false) {
  StoredReceipt made{.settlement_id = core::SettlementId(1),
                     .order_id = core::OrderId(1),
                     .provider = "qpay",
                     .payment_ref = "payment-1",
                     .receiver_type = "citizen",
                     .receiver = "88614450"};
  made.wanted = wanted;
  made.state = state;
  made.last_error = "provider_refused";
  made.receipt_ref = "v3/payment-1";
  made.receipt_id = "000123";
  made.details = R"({"amount_minor":250000,"vat_minor":22727,"city_tax_minor":0})";
  made.qr_data = base::Secret("112233445566");
  made.lottery = base::Secret("AB 12345678");
  made.issued_at = kIssuedAt;
  made.voided_at = kIssuedAt + 1h;
  if (tried_again) made.next_attempt_at = kIssuedAt + 2h;
  return made;
}

std::string slot(const Slots& row, std::string_view name) {
  const auto found = row.find(name);
  return found == row.end() ? "" : found->second;
}

TEST(TaxReceiptView, S2_68_EveryStateIsToldAsWhatItMeansToTheCustomer) {
  struct Case {
    ReceiptState state;
    bool wanted;
    bool tried_again;
    TaxReceiptSight sight;
  };
  using enum TaxReceiptSight;
  constexpr std::array kCases{
      Case{ReceiptState::waiting, true, true, waiting},
      Case{ReceiptState::waiting, true, false, waiting},
      Case{ReceiptState::waiting, false, true, voided},
      Case{ReceiptState::waiting, false, false, voided},
      Case{ReceiptState::asked, true, true, waiting},
      Case{ReceiptState::asked, true, false, doubtful},
      Case{ReceiptState::asked, false, true, leaving},
      Case{ReceiptState::asked, false, false, doubtful},
      Case{ReceiptState::issued, true, true, issued},
      Case{ReceiptState::issued, true, false, issued},
      Case{ReceiptState::issued, false, true, leaving},
      Case{ReceiptState::issued, false, false, doubtful},
      Case{ReceiptState::voided, true, true, voided},
      Case{ReceiptState::voided, true, false, voided},
      Case{ReceiptState::voided, false, true, voided},
      Case{ReceiptState::voided, false, false, voided},
      Case{ReceiptState::refused, true, true, refused},
      Case{ReceiptState::refused, true, false, refused},
      Case{ReceiptState::refused, false, true, voided},
      Case{ReceiptState::refused, false, false, voided},
  };
  for (const Case& one : kCases) {
    const StoredReceipt stored = receipt(one.state, one.wanted, one.tried_again);
    EXPECT_EQ(to_text(sight_of(stored)), to_text(one.sight))
        << to_text(one.state) << (one.wanted ? " wanted" : " not wanted")
        << (one.tried_again ? ", tried again" : ", at rest");
    const Slots row = tax_receipt_row(stored, tugrik(2'500));
    for (const TaxReceiptSight sight : kSights) {
      EXPECT_EQ(row.contains("tax_" + std::string(to_text(sight))), sight == one.sight)
          << to_text(one.state) << " as " << to_text(sight);
    }
  }
}

TEST(TaxReceiptView, S2_68_CodesAreShownOfWhatStandsOnlyAndNothingElseThatIsInTheBooks) {
  for (const ReceiptState state : {ReceiptState::waiting, ReceiptState::asked, ReceiptState::issued,
                                   ReceiptState::voided, ReceiptState::refused}) {
    for (const bool wanted : {true, false}) {
      const Slots row = tax_receipt_row(receipt(state, wanted), tugrik(2'500));
      const bool stands = state == ReceiptState::issued && wanted;
      EXPECT_EQ(slot(row, "tax_lottery"), stands ? "AB 12345678" : "") << to_text(state) << wanted;
      EXPECT_EQ(slot(row, "tax_qr").empty(), !stands) << to_text(state) << wanted;
      const bool made = state == ReceiptState::issued || state == ReceiptState::voided;
      EXPECT_EQ(slot(row, "tax_number"), made ? "000123" : "") << to_text(state) << wanted;
      EXPECT_EQ(slot(row, "tax_issued_at").empty(), !made) << to_text(state) << wanted;
      for (const auto& [name, value] : row) {
        for (const std::string_view hidden : {"88614450", "provider_refused", "v3/payment-1"})
          EXPECT_EQ(value.find(hidden), std::string::npos) << name;
      }
    }
  }
}

TEST(TaxReceiptView, S2_68_WhatWasRegisteredStandsInTheRow) {
  const Slots row = tax_receipt_row(receipt(ReceiptState::issued), tugrik(9));
  EXPECT_EQ(slot(row, "tax_number"), "000123");
  EXPECT_EQ(slot(row, "tax_amount"), "2,500.00 MNT") << "the registered sum, not the payment's";
  EXPECT_EQ(slot(row, "tax_vat"), "227.27 MNT");
  EXPECT_EQ(slot(row, "tax_city"), "") << "nothing of nothing";
  EXPECT_EQ(slot(row, "tax_issued_at"), "2026-11-26 09:30 UTC");
  EXPECT_EQ(slot(row, "tax_voided_at"), "") << "it stands";
  EXPECT_TRUE(row.contains("tax_citizen"));
  EXPECT_FALSE(row.contains("tax_company"));
  const std::string drawn = qr::qr_svg(qr::make_qr("112233445566", qr::QrLevel::low).value());
  EXPECT_EQ(slot(row, "tax_qr"), "data:image/svg+xml;base64," + base::to_base64(drawn));
  EXPECT_EQ(slot(tax_receipt_row(receipt(ReceiptState::voided), tugrik(9)), "tax_voided_at"),
            "2026-11-26 10:30 UTC");
}

TEST(TaxReceiptView, S2_68_ACompanyHasNoLotteryAndTheRestStays) {
  StoredReceipt made = receipt(ReceiptState::issued);
  made.receiver_type = "company";
  made.lottery = base::Secret();
  const Slots row = tax_receipt_row(made, tugrik(2'500));
  EXPECT_TRUE(row.contains("tax_company"));
  EXPECT_FALSE(row.contains("tax_citizen"));
  EXPECT_EQ(slot(row, "tax_lottery"), "");
  EXPECT_NE(slot(row, "tax_qr"), "");
}

TEST(TaxReceiptView, S2_68_WhatTheProviderLeftOutOrGarbledIsLeftOutHere) {
  StoredReceipt made = receipt(ReceiptState::issued);
  made.qr_data = base::Secret();
  made.receipt_id.clear();
  for (const std::string_view details :
       {"", "{", "[]", R"({"amount_minor":null,"vat_minor":"22727"})", R"({"amount_minor":2.5})"}) {
    made.details = details;
    const Slots row = tax_receipt_row(made, tugrik(2'500));
    EXPECT_EQ(slot(row, "tax_amount"), "2,500.00 MNT") << details;
    EXPECT_EQ(slot(row, "tax_vat"), "") << details;
    EXPECT_EQ(slot(row, "tax_qr"), "");
    EXPECT_EQ(slot(row, "tax_number"), "");
    EXPECT_TRUE(row.contains("tax_issued"));
  }
  EXPECT_EQ(slot(tax_receipt_row(made, std::nullopt), "tax_amount"), "");
  made.qr_data = base::Secret(std::string(qr::kMaxQrTextBytes + 1, 'x'));
  EXPECT_EQ(slot(tax_receipt_row(made, tugrik(2'500)), "tax_qr"), "") << "no code holds so much";
}

/// The receipt page as a browser gets it.
std::string receipt_page(Clinic& clinic, bool logged_in = true) {
  base::HttpRequest request{.method = "GET", .path = "/receipt"};
  request.query = "order_id=" + std::to_string(clinic.invoice);
  if (logged_in) clinic.log_in(request);
  request.remote_address = "10.0.0.1";
  const base::HttpResponse response = clinic.answer(std::move(request));
  clinic.status = response.status;
  return response.body;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++times;
  return times;
}

/// How many receipts the page tells of in this way.
std::size_t told(std::string_view html, TaxReceiptSight sight) {
  return count(html, "data-i18n=\"tax_" + std::string(to_text(sight)) + "_text\"");
}

std::string ask_for_receipt(Clinic& clinic, std::int64_t amount) {
  const Json made = clinic.post(
      "/api/qpay/invoice",
      Json::object({{"invoiceId", clinic.invoice}, {"amount", amount}, {"issueEBarimt", true}}));
  EXPECT_EQ(clinic.status, 200) << made.dump();
  return made["qpayInvoiceId"].text_or_empty();
}

/// What each way is told how often, in the order of `kSights`.
std::array<std::size_t, kSights.size()> told_in_all(std::string_view html) {
  std::array<std::size_t, kSights.size()> all{};
  for (std::size_t i = 0; i < kSights.size(); ++i)
    all[i] = told(html, kSights[i]);
  return all;
}

using Told = std::array<std::size_t, kSights.size()>;
constexpr Told kNothing{0, 0, 0, 0, 0, 0};
constexpr Told kWaiting{1, 0, 0, 0, 0, 0};
constexpr Told kIssued{0, 1, 0, 0, 0, 0};
constexpr Told kLeaving{0, 0, 1, 0, 0, 0};
constexpr Told kVoided{0, 0, 0, 1, 0, 0};
constexpr Told kDoubtful{0, 0, 0, 0, 0, 1};

TEST(TaxReceiptPage, S2_68_WhereNobodyAskedNothingIsShown) {
  Clinic clinic;
  clinic.pay(clinic.qpay_invoice(2'500));
  clinic.hear();
  clinic.run(clinic.receipts->process_due());
  const std::string html = receipt_page(clinic);
  ASSERT_EQ(clinic.status, 200);
  EXPECT_EQ(told_in_all(html), kNothing);
  EXPECT_EQ(count(html, "tax_heading"), 0U);
}

TEST(TaxReceiptPage, S2_68_FromAskedForToRegisteredToTakenBack) {
  Clinic clinic;
  clinic.pay(ask_for_receipt(clinic, 2'500));
  clinic.hear();
  std::string html = receipt_page(clinic);
  ASSERT_EQ(clinic.status, 200);
  EXPECT_EQ(told_in_all(html), kWaiting) << "the job has not run yet";
  EXPECT_EQ(count(html, "tax_lottery"), 0U);

  clinic.run(clinic.receipts->process_due());
  const Json made = clinic.qpay_bank->objects("qpay", "receipt").at(0);
  const std::string lottery = made["ebarimt_lottery"].text_or_empty();
  const std::string number = made["ebarimt_receipt_id"].text_or_empty();
  const std::string drawn = base::to_base64(
      qr::qr_svg(qr::make_qr(made["ebarimt_qr_data"].text_or_empty(), qr::QrLevel::low).value()));
  html = receipt_page(clinic);
  EXPECT_EQ(told_in_all(html), kIssued);
  for (const std::string& part : {lottery, number, drawn, std::string("227.27 MNT")})
    EXPECT_EQ(count(html, part), 1U) << part;
  EXPECT_EQ(count(html, "data-i18n=\"tax_citizen\""), 1U);
  EXPECT_EQ(count(html, "data-i18n=\"tax_company\""), 0U);
  EXPECT_EQ(count(receipt_page(clinic, false), lottery), 0U) << "for whoever may see the order";
  EXPECT_EQ(clinic.status, 404);

  const auto money = clinic.settlements(core::OrderId(clinic.invoice));
  clinic.post("/api/orders/" + std::to_string(clinic.invoice) + "/refund",
              Json::object({{"settlement_id", money.at(0).id.value()},
                            {"amount", "2500"},
                            {"reason", "the doctor was ill"}}));
  ASSERT_EQ(clinic.status, 200);
  html = receipt_page(clinic);
  EXPECT_EQ(told_in_all(html), kLeaving);
  EXPECT_EQ(count(html, lottery) + count(html, drawn), 0U) << "it is to stand no more";
  EXPECT_EQ(count(html, number), 1U) << "the number still says which one it is";

  clinic.run(clinic.receipts->process_due());
  html = receipt_page(clinic);
  EXPECT_EQ(told_in_all(html), kVoided);
  EXPECT_EQ(count(html, lottery) + count(html, drawn), 0U);
  EXPECT_EQ(count(html, "data-i18n=\"tax_voided_at\""), 1U);
}

/// The only tax receipt of the order as `GET /api/orders/{id}` tells it.
Json told_by_api(Clinic& clinic) {
  const Json detail = clinic.get("/api/orders/" + std::to_string(clinic.invoice));
  EXPECT_EQ(clinic.status, 200);
  EXPECT_EQ(detail["tax_receipts"].array().size(), 1U) << detail.dump();
  return detail["tax_receipts"].array().at(0);
}

TEST(TaxReceiptApi, S2_68_TheCodesAreToldOnlyAsLongAsThePageShowsThem) {
  Clinic clinic;
  clinic.pay(ask_for_receipt(clinic, 2'500));
  clinic.hear();
  clinic.run(clinic.receipts->process_due());
  const Json made = clinic.qpay_bank->objects("qpay", "receipt").at(0);
  Json told_of = told_by_api(clinic);
  EXPECT_EQ(told_of["lottery"].string(), made["ebarimt_lottery"].string());
  EXPECT_EQ(told_of["qr_data"].string(), made["ebarimt_qr_data"].string());
  EXPECT_NE(told_of["lottery"].text_or_empty(), "");

  const auto money = clinic.settlements(core::OrderId(clinic.invoice));
  clinic.post("/api/orders/" + std::to_string(clinic.invoice) + "/refund",
              Json::object({{"settlement_id", money.at(0).id.value()},
                            {"amount", "2500"},
                            {"reason", "the doctor was ill"}}));
  ASSERT_EQ(clinic.status, 200);
  told_of = told_by_api(clinic);
  EXPECT_EQ(told_of["state"].text_or_empty(), "issued") << "it is not withdrawn yet";
  EXPECT_TRUE(told_of["lottery"].is_null()) << "its money went back";
  EXPECT_TRUE(told_of["qr_data"].is_null());
  EXPECT_EQ(told_of["receipt_id"].string(), made["ebarimt_receipt_id"].string());

  clinic.run(clinic.receipts->process_due());
  told_of = told_by_api(clinic);
  EXPECT_EQ(told_of["state"].text_or_empty(), "voided");
  EXPECT_TRUE(told_of["lottery"].is_null());
  EXPECT_TRUE(told_of["qr_data"].is_null());
}

TEST(TaxReceiptPage, S2_68_EachPaymentHasItsOwn) {
  Clinic clinic;
  clinic.pay(ask_for_receipt(clinic, 1'000));
  clinic.hear();
  clinic.pay(clinic.qpay_invoice(500));
  clinic.hear();
  clinic.settle_invoice(Json::object({{"amount", 1'000}, {"method", "CASH"}}));
  ASSERT_EQ(clinic.status, 200);
  EXPECT_EQ(told(receipt_page(clinic), TaxReceiptSight::waiting), 2U) << "cash has none";
  clinic.run(clinic.receipts->process_due());
  const std::string html = receipt_page(clinic);
  EXPECT_EQ(told_in_all(html), (Told{0, 2, 0, 0, 0, 0}));
  const auto made = clinic.qpay_bank->objects("qpay", "receipt");
  ASSERT_EQ(made.size(), 2U);
  for (const Json& one : made)
    EXPECT_EQ(count(html, one["ebarimt_lottery"].text_or_empty()), 1U);
}

TEST(TaxReceiptPage, S2_68_CashAloneIsPromisedNoReceipt) {
  Clinic clinic;
  clinic.settle_invoice(
      Json::object({{"amount", 2'500}, {"method", "CASH"}, {"issueEBarimt", true}}));
  ASSERT_EQ(clinic.status, 200);
  EXPECT_EQ(told_in_all(receipt_page(clinic)), kNothing);
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(told_in_all(receipt_page(clinic)), kNothing);
  EXPECT_EQ(clinic.status, 200);
}

TEST(TaxReceiptPage, S2_68_WhereOnlyAPersonCanFindOutTheCustomerIsSentToOne) {
  Clinic clinic;
  clinic.receipts = clinic.make_receipts({});
  clinic.pay(ask_for_receipt(clinic, 2'500));
  clinic.hear();
  clinic.fault("garbage_percent", 100);
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(told_in_all(receipt_page(clinic)), kWaiting) << "it is asked about once more";
  clinic.fault("garbage_percent", 0);
  clinic.advance(1h);
  clinic.run(clinic.receipts->process_due());
  EXPECT_EQ(told_in_all(receipt_page(clinic)), kDoubtful);
}

TEST(TaxReceiptPage, S2_68_WhatTheProviderWroteIsNeverMarkup) {
  Clinic clinic;
  clinic.pay(ask_for_receipt(clinic, 2'500));
  clinic.hear();
  clinic.run(clinic.receipts->process_due());
  const core::OrderId id(clinic.invoice);
  StoredReceipt odd = clinic
                          .read<std::vector<StoredReceipt>>(
                              [&](storage::Books& books) { return books.receipts_of_order(id); })
                          .at(0);
  odd.receipt_id = "<i>1</i>";
  odd.lottery = base::Secret("\"><script>alert(1)</script>{{csrf_token}}");
  EXPECT_TRUE(clinic.write<bool>([&](storage::WritableBooks& books) {
    return books.finish_receipt(odd, clinic.clock.now());
  }));
  const std::string html = receipt_page(clinic);
  EXPECT_EQ(told_in_all(html), kIssued);
  EXPECT_EQ(count(html, "&lt;i&gt;1&lt;/i&gt;"), 1U);
  EXPECT_EQ(count(html, "<script>alert"), 0U);
  EXPECT_EQ(count(html, "{{csrf_token}}"), 1U) << "a value is no template";
}

}  // namespace
}  // namespace quittance::http
