// Invoices of the QPay simulator: made, shown, canceled; with a QR that decodes and 23 links.
#include <algorithm>
#include <array>

#include "qr/qr.hpp"
#include "sandbox/desk.hpp"
#include "sandbox/qpay_counter.hpp"

namespace quittance::sandbox {
namespace {

using base::HttpResponse;
using base::Json;

constexpr std::size_t kCodeLimit = 45;
constexpr std::string_view kInvoiceCodes[] = {"TEST_INVOICE", "TEST_EB_INVOICE"};
constexpr std::string_view kRequired[] = {
    "invoice_code", "sender_invoice_no", "invoice_receiver_code", "invoice_description",
    "amount",       "callback_url"};
constexpr std::string_view kShort[] = {"invoice_code", "sender_invoice_no", "sender_branch_code"};
/// Echoed when the invoice is shown, as they were sent.
constexpr std::string_view kEchoed[] = {"invoice_due_date", "note", "callback_url",
                                        "sender_branch_code"};

constexpr std::array<QpayBank, 23> kBanks{{
    {"qpaywallet", "qPay wallet", ""},
    {"khanbank", "Khan bank", "050000"},
    {"statebankmongolia", "State bank", "340000"},
    {"xacbank", "Xac bank", "320000"},
    {"tdbbank", "Trade and Development bank", "040000"},
    {"socialpay-payment", "SocialPay", "150000"},
    {"most", "Most money", ""},
    {"nibank", "National investment bank", "290000"},
    {"ckbank", "Chinggis Khaan bank", "330000"},
    {"capitronbank", "Capitron bank", "300000"},
    {"bogdbank", "Bogd bank", "380000"},
    {"transbank", "Trans bank", "190000"},
    {"mbank", "M bank", "991000"},
    {"ard", "Ard App", ""},
    {"toki", "Toki App", ""},
    {"arig", "Arig bank", "210000"},
    {"monpay", "Monpay", "990000"},
    {"hipay", "Hipay", ""},
    {"tdbwallet", "Happy Pay", ""},
    {"sono", "Sono", ""},
    {"payon", "PayOn", ""},
    {"tino", "Tino", ""},
    {"pass", "Pass", ""},
}};

/// At most 25 bytes, in the letters that every bank's scanner reads.
std::string plain_name(const std::string& name) {
  std::string plain;
  for (const char c : name) {
    if (c >= ' ' && c <= '~' && plain.size() < 25) plain += c;
  }
  return plain.empty() ? "TEST" : plain;
}

std::string make_qr_text(RailDesk& desk, std::int64_t tugrik) {
  std::string account = "2794049627940496";
  for (int i = 0; i < 15; ++i)
    account += static_cast<char>('0' + desk.random.below(10));
  const std::vector<qr::DataObject> objects{
      {.id = "00", .value = "01"},
      {.id = "01", .value = "12"},
      {.id = "15", .value = account},
      {.id = "52", .value = "5734"},
      {.id = "53", .value = "496"},
      {.id = "54", .value = std::to_string(tugrik)},
      {.id = "58", .value = "MN"},
      {.id = "59", .value = plain_name(desk.settings.merchant)},
      {.id = "60", .value = "Ulaanbaatar"},
      {.id = "62",
       .value{},
       .children{{.id = "05", .value = "test"}, {.id = "07", .value = desk.draw_id("", 21)}}},
  };
  return qr::encode_emv(objects).value_or("");
}

/// What is wrong with an order for an invoice.
std::optional<HttpResponse> refusal_of(const Json& body) {
  for (const std::string_view name : kRequired) {
    if (body[name].is_null() || (body[name].is_string() && body[name].text_or_empty().empty())) {
      return qpay_field_error(name, "REQUIRED", "Required!");
    }
  }
  for (const std::string_view name : kShort) {
    if (body[name].text_or_empty().size() > kCodeLimit) {
      return qpay_field_error(name, "MAX_LENGTH", "Max length [45]!");
    }
  }
  if (std::ranges::find(kInvoiceCodes, body["invoice_code"].text_or_empty()) ==
      std::end(kInvoiceCodes)) {
    return qpay_error(400, "INVOICE_CODE_INVALID");
  }
  if (!read_qpay_sum(body["amount"])) return qpay_error(400, "INVALID_AMOUNT");
  return std::nullopt;
}

Json links_of(const std::string& qr_text, const std::string& origin) {
  Json links{Json::Array{}};
  for (const QpayBank& bank : kBanks) {
    links.push(Json::object({{"name", bank.name},
                             {"description", bank.name},
                             {"logo", origin + "/bank.svg"},
                             {"link", std::string(bank.scheme) + "://q?qPay_QRcode=" + qr_text}}));
  }
  return links;
}

}  // namespace

std::span<const QpayBank> qpay_banks() { return kBanks; }

HttpResponse qpay_create_invoice(RailDesk& desk, const Json& body) {
  if (auto refusal = refusal_of(body)) return std::move(*refusal);
  const std::int64_t tugrik = read_qpay_sum(body["amount"]).value_or(0);
  const std::string qr_text = make_qr_text(desk, tugrik);
  const auto matrix = qr::make_qr(qr_text);
  const auto png = matrix ? qr::qr_png(*matrix, 4) : base::Result<std::string>("");
  const std::string id = desk.random.uuid();
  Json invoice = Json::object({{"invoice_id", id},
                               {"invoice_status", "OPEN"},
                               {"qr_text", qr_text},
                               {"tugrik", tugrik},
                               {"made_at", base::to_iso8601(desk.now)}});
  // The number of the sender is not looked at: two equal orders make two payable invoices.
  for (const std::string_view name : {"sender_invoice_no", "invoice_description", "expiry_date"})
    invoice.set(name, body[name].text_or_empty());
  for (const std::string_view name : {"enable_expiry", "allow_partial", "allow_exceed"})
    invoice.set(name, body[name].boolean().value_or(false));
  for (const std::string_view name : kEchoed)
    invoice.set(name, body[name]);
  invoice.set("lines", body["lines"]);
  if (!desk.shelf.put("invoice", id, std::move(invoice))) return qpay_error(500, "SYSTEM_BUSY");
  return json_response(200, Json::object({{"invoice_id", id},
                                          {"qr_text", qr_text},
                                          {"qr_image", base::to_base64(png.value_or(""))},
                                          {"qPay_shortUrl", desk.origin + "/rails/qpay/" + id},
                                          {"urls", links_of(qr_text, desk.origin)}}));
}

std::string qpay_invoice_state(const RailDesk& desk, const Json& invoice) {
  std::string state = invoice["invoice_status"].text_or_empty();
  const std::string ends = invoice["expiry_date"].text_or_empty();
  // ISO texts in UTC compare like the moments they name.
  if (state == "OPEN" && invoice["enable_expiry"].boolean() == true && !ends.empty() &&
      ends <= base::to_iso8601(desk.now)) {
    state = "EXPIRED";
  }
  return state;
}

HttpResponse qpay_show_invoice(RailDesk& desk, const std::string& id) {
  const Json* invoice = desk.shelf.find("invoice", id);
  if (invoice == nullptr) return qpay_error(422, "INVOICE_NOTFOUND");
  const std::int64_t tugrik = (*invoice)["tugrik"].integer().value_or(0);
  Json shown;
  for (const std::string_view name :
       {"invoice_id", "invoice_status", "sender_invoice_no", "invoice_description", "enable_expiry",
        "allow_partial", "allow_exceed"}) {
    shown.set(name, (*invoice)[name]);
  }
  // Shown whether it counts or not.
  const std::string ends = (*invoice)["expiry_date"].text_or_empty();
  shown.set("expiry_date", ends.empty() ? (*invoice)["made_at"] : Json(ends));
  for (const std::string_view name : kEchoed)
    shown.set(name, (*invoice)[name]);
  shown.set("minimum_amount", "0.00").set("maximum_amount", "0.00");
  shown.set("total_amount", qpay_sum(desk, tugrik, true));
  shown.set("gross_amount", qpay_sum(desk, tugrik, false));
  for (const std::string_view name : {"tax_amount", "surcharge_amount", "discount_amount"})
    shown.set(name, 0);
  const Json& lines = (*invoice)["lines"];
  shown.set("lines", lines.is_array() ? lines : Json(Json::Array{}));
  shown.set("transactions", Json::Array{}).set("inputs", Json::Array{});
  return json_response(200, shown);
}

HttpResponse qpay_cancel_invoice(RailDesk& desk, const std::string& id) {
  const Json* found = desk.shelf.find("invoice", id);
  if (found == nullptr) return qpay_error(422, "INVOICE_NOTFOUND");
  Json invoice = *found;
  const std::string state = invoice["invoice_status"].text_or_empty();
  if (state == "CANCELED") return qpay_error(409, "INVOICE_ALREADY_CANCELED");
  if (state != "OPEN") return qpay_error(409, "INVOICE_PAID");
  invoice.set("invoice_status", "CANCELED");
  if (!desk.shelf.put("invoice", id, std::move(invoice))) return qpay_error(500, "SYSTEM_BUSY");
  return json_response(200, Json(Json::Object{}));
}

}  // namespace quittance::sandbox
