#include "providers/qpay_wire.hpp"

#include <algorithm>
#include <cctype>

#include "providers/moment_text.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;
using base::Json;

/// Dates without a zone are taken for Ulaanbaatar's.
constexpr base::Duration kZone = std::chrono::hours(8);
constexpr std::int64_t kMinorPerTugrik = 100;

core::Currency tugrik() { return *core::Currency::from_code("MNT"); }

/// Amounts come as numbers and as texts, sometimes both in one body.
std::optional<core::Money> read_sum(const Json& value) {
  const auto text = value.is_string() ? value.string() : value.number_text();
  if (!text) return std::nullopt;
  const auto money = core::Money::parse(*text, tugrik());
  return money ? std::optional(*money) : std::nullopt;
}

/// An id or a word; ids have been seen as numbers too.
std::string word(const Json& value) {
  if (value.is_number()) return value.number_text().value_or("");
  return value.text_or_empty();
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::optional<PaymentState> state_of(const std::string& status) {
  if (status == "PAID") return PaymentState::paid;
  if (status == "NEW" || status == "PENDING" || status == "PARTIAL") return PaymentState::pending;
  if (status == "FAILED") return PaymentState::failed;
  if (status == "CANCELED" || status == "CANCELLED") return PaymentState::canceled;
  if (status == "REFUNDED") return PaymentState::refunded;
  return std::nullopt;
}

Json offset(std::int64_t page) {
  return Json::object({{"page_number", page}, {"page_limit", kQpayPageLimit}});
}

/// `count` counts all rows; where it is missing, a full page means that there may be another.
bool another_page(const Json& body, std::int64_t page) {
  const auto rows = static_cast<std::int64_t>(body["rows"].array().size());
  if (rows == 0) return false;
  const auto count = body["count"].integer();
  return count ? *count > page * kQpayPageLimit : rows >= kQpayPageLimit;
}

}  // namespace

QpayHeard read_qpay(const base::HttpReply& reply) {
  QpaySaid said{.status = reply.status, .body{}, .error{}};
  if (reply.status < 200 || (reply.status > 299 && reply.status < 400)) {
    return std::unexpected(Unknown{.reason = UnknownReason::unreadable});
  }
  if (!reply.body.empty()) {
    auto body = Json::parse(reply.body);
    if (!body) return std::unexpected(Unknown{.reason = UnknownReason::unreadable});
    said.body = std::move(*body);
  }
  if (said.well()) return said;
  const Json& error = said.body["error"];
  said.error = error.is_object() ? "VALIDATION_ERROR" : error.text_or_empty();
  // Not in the dialect: a proxy on the way, or another service.
  if (said.error.empty()) return std::unexpected(Unknown{.reason = UnknownReason::unreadable});
  return said;
}

base::Result<void> check_qpay_amount(core::Money amount) {
  if (amount.currency() == tugrik() && !amount.is_zero() && amount.minor() % kMinorPerTugrik == 0) {
    return {};
  }
  return base::fail(ErrorCode::invalid_request, "QPay asks for whole tugrik (MNT) above zero only.",
                    "amount");
}

std::optional<Presentation> read_qpay_invoice(const Json& body) {
  Presentation shown{.qr_data = body["qr_text"].text_or_empty(),
                     .md5_hash{},
                     .receiver{},
                     .provider_ref = word(body["invoice_id"]),
                     .picture = body["qPay_shortUrl"].text_or_empty()};
  if (shown.qr_data.empty() || shown.provider_ref.empty()) return std::nullopt;
  shown.md5_hash = base::md5_hex(shown.qr_data);
  // Published under one name, sent under the other.
  const Json& links = body["urls"].is_array() ? body["urls"] : body["qPay_deeplink"];
  for (const Json& link : links.array()) {
    DeepLink read{.name = link["name"].text_or_empty(),
                  .description = link["description"].text_or_empty(),
                  .logo = link["logo"].text_or_empty(),
                  .link = link["link"].text_or_empty()};
    if (!read.link.empty()) shown.links.push_back(std::move(read));
  }
  return shown;
}

Json qpay_check(std::string_view invoice_id, std::int64_t page) {
  return Json::object(
      {{"object_type", "INVOICE"}, {"object_id", invoice_id}, {"offset", offset(page)}});
}

std::optional<QpayCheck> read_qpay_check(const Json& body, std::int64_t page) {
  if (!body["rows"].is_array()) return std::nullopt;
  QpayCheck check;
  for (const Json& row : body["rows"].array()) {
    const bool tugriks = upper(row["payment_currency"].text_or_empty()) == "MNT";
    const auto amount = tugriks ? read_sum(row["payment_amount"]) : std::nullopt;
    check.rows.push_back({.payment_id = word(row["payment_id"]),
                          .status = upper(row["payment_status"].text_or_empty()),
                          .amount = amount,
                          .raw = row.dump()});
  }
  check.more = another_page(body, page);
  return check;
}

Json qpay_list(std::string_view merchant, ListWindow window, std::int64_t page) {
  // Nobody says which zone these are in. As UTC or as Ulaanbaatar's, the window is inside them.
  return Json::object({{"object_type", "MERCHANT"},
                       {"object_id", merchant},
                       {"start_date", plain_moment(window.since)},
                       {"end_date", plain_moment(window.until + kZone)},
                       {"offset", offset(page)}});
}

std::optional<ListedPayment> read_qpay_payment(const Json& row) {
  const std::string id = word(row["payment_id"]);
  const auto state = state_of(upper(row["payment_status"].text_or_empty()));
  const auto amount = read_sum(row["payment_amount"]);
  const auto at = read_moment(row["payment_date"].text_or_empty(), kZone);
  if (id.empty() || !state || !amount || !at ||
      upper(row["payment_currency"].text_or_empty()) != "MNT") {
    return std::nullopt;
  }
  const bool of_invoice = upper(row["object_type"].text_or_empty()) == "INVOICE";
  const bool moved = *state == PaymentState::paid || *state == PaymentState::refunded;
  return ListedPayment{
      .payment_ref = id,
      .provider_ref = of_invoice ? word(row["object_id"]) : std::string(),
      .merchant_reference{},
      .state = *state,
      .amount = *amount,
      .refunded = *state == PaymentState::refunded ? *amount : core::Money::zero(tugrik()),
      .payer{},
      .created_at = *at,
      .paid_at = moved ? at : std::nullopt,
      .raw = row.dump()};
}

std::optional<Page> read_qpay_list(const Json& body, std::int64_t page) {
  if (!body["rows"].is_array()) return std::nullopt;
  Page read;
  for (const Json& row : body["rows"].array()) {
    if (auto payment = read_qpay_payment(row)) {
      read.payments.push_back(std::move(*payment));
    } else {
      read.unreadable.push_back(row.dump());
    }
  }
  if (another_page(body, page)) read.next_cursor = std::to_string(page + 1);
  return read;
}

Json qpay_receipt(const ReceiptDraft& draft) {
  const bool citizen = draft.receiver_type == ReceiptReceiver::citizen;
  Json body = Json::object({{"payment_id", draft.payment_ref},
                            {"ebarimt_receiver_type", citizen ? "CITIZEN" : "COMPANY"}});
  if (!draft.receiver.empty()) body.set("ebarimt_receiver", draft.receiver);
  if (!draft.district_code.empty()) body.set("district_code", draft.district_code);
  if (!draft.classification_code.empty()) {
    body.set("classification_code", draft.classification_code);
  }
  return body;
}

std::optional<TaxReceipt> read_qpay_receipt(const Json& body, bool newer,
                                            const std::string& payment_ref) {
  const std::string id = word(body["id"]);
  if (id.empty()) return std::nullopt;
  return TaxReceipt{.receipt_ref = newer ? "v3/" + payment_ref : "v1/" + id,
                    .receipt_id = word(body["ebarimt_receipt_id"]),
                    .status = body["barimt_status"].text_or_empty(),
                    .amount = read_sum(body["amount"]),
                    .vat = read_sum(body["vat_amount"]),
                    .city_tax = read_sum(body["city_tax_amount"]),
                    .merchant_tin = word(body["merchant_tin"]),
                    .district_code = word(body["ebarimt_district_code"]),
                    .qr_data = base::Secret(word(body["ebarimt_qr_data"])),
                    .lottery = base::Secret(word(body["ebarimt_lottery"]))};
}

std::unexpected<base::Error> qpay_refusal(const QpaySaid& said, std::string_view what) {
  const std::string& code = said.error;
  const std::string detail = std::to_string(said.status) + " " + code;
  if (code == "INVALID_AMOUNT" || code == "MIN_AMOUNT_ERR" || code == "MAX_AMOUNT_ERR") {
    return base::fail(ErrorCode::invalid_request, "QPay does not take this amount.", "amount",
                      detail);
  }
  if (said.status == 422 || code.ends_with("NOTFOUND") || code.ends_with("NOT_FOUND")) {
    return base::fail(ErrorCode::not_found, "QPay does not know it.", "", detail);
  }
  return base::fail(ErrorCode::provider_refused,
                    "QPay refuses to " + std::string(what) + " this one.", "", detail);
}

}  // namespace quittance::providers
