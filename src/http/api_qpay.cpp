// QPay for a billing page (S2): an invoice for a part of what an order owes, and whether it is
// paid. Names are those of the page: camelCase.
#include <algorithm>

#include "http/billing.hpp"
#include "http/handlers.hpp"
#include "qr/qr.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::Books;

constexpr std::size_t kDescriptionMost = 255;
constexpr std::size_t kIdMost = 64;
constexpr std::string_view kInvoice = "INVOICE";
constexpr std::string_view kBooking = "BOOKING";
constexpr int kPngScale = 8;
/// However many pages look, QPay is asked about one invoice no more often than this.
constexpr base::Duration kAskedAtMostEvery{3'000};

Result<providers::Provider*> qpay_of(const Services& services) {
  providers::Provider* qpay = services.registry.find("qpay");
  if (!qpay) return fail(ErrorCode::invalid_request, "QPay is not set up here.");
  return qpay;
}

/// Whole tugrik above zero.
Result<core::Money> tugrik_member(const Json& body, core::Currency currency) {
  const auto text = body["amount"].number_text();
  const auto amount = text ? core::Money::parse(*text, currency) : core::Money::zero(currency);
  if (!amount || amount->is_zero() || amount->minor() % 100 != 0) {
    return fail(ErrorCode::invalid_request, "Send `amount` as a whole number of tugrik above zero.",
                "amount");
  }
  return *amount;
}

/// As it is set, or all that is due where that is less (C18).
core::Money deposit_of(const checkout::CheckoutPolicy& policy, const core::Order& order) {
  const core::Money due = order.due();
  return due.minus(policy.booking_deposit) ? policy.booking_deposit : due;
}

Result<checkout::PartPayment> wanted_of(const Visit& visit, const Services& services,
                                        const core::Order& order,
                                        std::optional<core::Money> amount) {
  const Json& body = visit.body;
  const auto tugrik = core::Currency::from_code("MNT");
  if (order.total.currency() != *tugrik) {
    return fail(ErrorCode::invalid_request, "QPay takes tugrik (MNT) only.", "invoiceId");
  }
  if (!amount) {
    TRY(amount, tugrik_member(body, *tugrik));
  }
  checkout::PartPayment part{.order_id = order.id, .amount = *amount};
  if (!body["description"].is_null()) {
    TRY(part.description, text_member(body, "description", 1, kDescriptionMost));
  }
  const std::string type =
      body["objectType"].is_null() ? std::string(kInvoice) : body["objectType"].text_or_empty();
  if (type != kInvoice && type != kBooking) {
    return fail(ErrorCode::invalid_request, "Send `objectType` as INVOICE or BOOKING.",
                "objectType");
  }
  part.booking = type == kBooking;
  const core::Money deposit = deposit_of(services.checkout, order);
  if (part.booking && !deposit.is_zero() && part.amount != deposit) {
    return fail(ErrorCode::invalid_request,
                "The deposit of this booking is " + deposit.text() + ".", "amount");
  }
  TRY(part.receipt, wish_of(visit, order.id, services.clock.now()));
  return part;
}

/// The invoice as the page draws it: the picture is made here, from the text that QPay gave.
Answered invoice_json(Services& services, core::Session session) {
  storage::Reading<std::optional<std::string>> look = [id = session.id](Books& books) {
    return books.presentation(id);
  };
  CO_TRY(const auto beside, co_await services.store.read(std::move(look)));
  CO_TRY(const qr::QrMatrix matrix, qr::make_qr(session.qr_data));
  CO_TRY(const std::string png, qr::qr_png(matrix, kPngScale));
  const auto presentation = Json::parse(beside.value_or("{}"));
  const Json links = presentation ? (*presentation)["links"] : Json();
  co_return json_response(
      Json::object({{"qpayInvoiceId", session.provider_ref},
                    {"senderInvoiceNo", session.bill_number},
                    {"amount", sum_json(session.amount)},
                    {"qrText", session.qr_data},
                    {"qrImage", "data:image/png;base64," + base::to_base64(png)},
                    {"urls", links.is_array() ? links : Json(Json::Array{})}}));
}

/// What QPay ended is over at once, whatever the clock says of its session.
std::string_view intent_word(const core::Session& session) {
  const bool waits = session.status == core::SessionStatus::open ||
                     session.status == core::SessionStatus::processing;
  if (waits && checkout::is_over(session)) return "FAILED";
  switch (session.status) {
    case core::SessionStatus::open:
    case core::SessionStatus::processing:
      return "NEW";
    case core::SessionStatus::settled:
      return "PAID";
    case core::SessionStatus::failed:
      return "FAILED";
    case core::SessionStatus::expired:
    case core::SessionStatus::canceled:
      return "CANCELLED";
  }
  return "";
}

/// What the books say of an invoice; provider data only, never what a page claimed.
Result<Json> state_json(Books& books, core::SessionId id) {
  TRY(const auto session, books.session(id));
  if (!session) return fail(ErrorCode::not_found, "There is no such QPay invoice.");
  TRY(const auto settlements, books.settlements_of_session(id));
  Json state = Json::object({{"status", intent_word(*session)},
                             {"paid", session->status == core::SessionStatus::settled},
                             {"paidAmount", 0},
                             {"paymentId", nullptr},
                             {"transactionType", nullptr},
                             {"paidAt", nullptr}});
  if (settlements.empty()) return state;
  const storage::Settlement& money = settlements.front();
  TRY(const auto seen, books.evidence(money.evidence_id));
  const auto raw = Json::parse(seen ? seen->evidence.raw : std::string());
  const Json type = raw ? (*raw)["payment_type"] : Json();
  state.set("paidAmount", sum_json(money.counted.plus(money.excess).value_or(money.counted)));
  state.set("paymentId", money.provider_ref);
  state.set("transactionType", type.is_string() ? type : Json());
  state.set("paidAt", base::to_ms(money.paid_at));
  return state;
}

Answered make_invoice(Services& services, Visit& visit, bool of_all_that_is_due) {
  CO_TRY(const std::int64_t id, id_member(visit.body, "invoiceId"));
  CO_TRY(providers::Provider * qpay, qpay_of(services));
  CO_TRY(const core::Order order, co_await order_for(services, visit, core::OrderId(id)));
  std::optional<core::Money> amount;
  if (of_all_that_is_due) amount = order.due();
  CO_TRY(checkout::PartPayment part, wanted_of(visit, services, order, amount));
  CO_TRY(const core::Session session,
         co_await checkout::open_part_session(services.store, *qpay, services.checkout,
                                              services.clock, services.random, std::move(part)));
  co_return co_await invoice_json(services, session);
}

base::Task<Result<core::Session>> named_invoice(Services& services, const Visit& visit) {
  const bool by_number =
      visit.body["qpayInvoiceId"].is_null() && !visit.body["senderInvoiceNo"].is_null();
  if (by_number) {
    CO_TRY(std::string number, text_member(visit.body, "senderInvoiceNo", 1, kIdMost));
    co_return co_await qpay_session_numbered(services, std::move(number));
  }
  CO_TRY(std::string id, text_member(visit.body, "qpayInvoiceId", 1, kIdMost));
  co_return co_await qpay_session(services, std::move(id));
}

}  // namespace

Answered create_qpay_invoice(Services& services, Visit& visit) {
  return make_invoice(services, visit, false);
}

/// For whoever builds a page: asks for all that is due. Where real money moves, there is no such
/// address (C21).
Answered create_qpay_test_invoice(Services& services, Visit& visit) {
  const bool sandbox = std::ranges::all_of(services.registry.all(), [](const auto& provider) {
    return provider->environment() == "sandbox";
  });
  if (!sandbox || !services.registry.find("qpay")) {
    co_return fail(ErrorCode::not_found, "There is no such address.");
  }
  co_return co_await make_invoice(services, visit, true);
}

/// By QPay's id, or by our number where QPay gave none: it refused to make the invoice, or its
/// answer was lost.
Answered check_qpay_invoice(Services& services, Visit& visit) {
  CO_TRY(core::Session session, co_await named_invoice(services, visit));
  if (!session.order_id) co_return fail(ErrorCode::not_found, "There is no such QPay invoice.");
  CO_TRY(const core::Order order, co_await order_for(services, visit, *session.order_id));
  const core::SessionId id = session.id;
  const base::Time now = services.clock.now();
  const bool asked_just_now =
      session.last_checked_at && now - *session.last_checked_at < kAskedAtMostEvery;
  // What QPay never made, it cannot be asked about.
  const bool failed = session.status == core::SessionStatus::failed && !session.presented();
  if (session.status != core::SessionStatus::settled && !failed && !asked_just_now) {
    CO_TRY(const detect::Asked asked, co_await services.asker.ask_now(
                                          std::move(session), detect::AskReason::verify_instantly));
    if (asked.result == detect::AskResult::unknown) {
      co_return fail(ErrorCode::provider_unavailable,
                     "QPay cannot be asked just now. Nothing has changed; try again.");
    }
  }
  storage::Reading<Json> look = [id](Books& books) { return state_json(books, id); };
  CO_TRY(const Json state, co_await services.store.read(std::move(look)));
  co_return json_response(state);
}

/// The invoice is called off: QPay is asked, its invoice canceled, and asked again (C19).
Answered cancel_qpay_invoice(Services& services, Visit& visit) {
  CO_TRY(const std::string qpay_invoice_id, text_member(visit.body, "qpayInvoiceId", 1, kIdMost));
  CO_TRY(core::Session session, co_await qpay_session(services, qpay_invoice_id));
  if (!session.order_id) co_return fail(ErrorCode::not_found, "There is no such QPay invoice.");
  CO_TRY_VOID(co_await order_for(services, visit, *session.order_id));
  const core::SessionId id = session.id;
  detect::ClosingParts parts{.store = services.store,
                             .registry = services.registry,
                             .asker = services.asker,
                             .clock = services.clock,
                             .bulletin = services.bulletin,
                             .log = services.log};
  CO_TRY(const detect::Closed closed,
         co_await detect::close_session(std::move(parts), std::move(session)));
  if (closed == detect::Closed::later) {
    co_return fail(ErrorCode::provider_unavailable,
                   "QPay cannot be asked just now. The invoice is canceled as soon as it can.");
  }
  storage::Reading<Json> look = [id](Books& books) { return state_json(books, id); };
  CO_TRY(const Json state, co_await services.store.read(std::move(look)));
  co_return json_response(state);
}

}  // namespace quittance::http
