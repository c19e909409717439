// What an invoice says on QPay's wire: the few fields of the simple kind, and the full kind.
#include "providers/qpay_wire.hpp"

namespace quittance::providers {
namespace {

using base::Json;

/// Longer texts are refused.
constexpr std::size_t kCodeLimit = 45;
constexpr std::size_t kDescriptionLimit = 255;

/// A JSON number of tugrik; a fraction is written only where there is one.
Json sum(core::Money amount) {
  std::string text = amount.decimal();
  if (text.ends_with(".00")) text.resize(text.size() - 3);
  return Json::Number{std::move(text)};
}

void set_text(Json& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.set(name, text);
}

/// At most `limit` bytes, cut between characters.
std::string cut(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  text.resize(end);
  return text;
}

Json party(const InvoiceParty& party) {
  Json json{Json::Object{}};
  set_text(json, "register", party.register_number);
  set_text(json, "name", party.name);
  set_text(json, "email", party.email);
  set_text(json, "phone", party.phone);
  return json;
}

Json changes(const std::vector<LineChange>& changes, std::string_view code_name) {
  Json list{Json::Array{}};
  for (const LineChange& change : changes) {
    Json one = Json::object({{"amount", sum(change.amount)}});
    set_text(one, code_name, change.code);
    set_text(one, "description", change.description);
    list.push(std::move(one));
  }
  return list;
}

Json line(const InvoiceLine& line) {
  Json json = Json::object({{"line_description", line.description},
                            {"line_quantity", line.quantity},
                            {"line_unit_price", sum(line.unit_price)}});
  set_text(json, "tax_product_code", line.tax_product_code);
  set_text(json, "classification_code", line.classification_code);
  set_text(json, "barcode", line.barcode);
  set_text(json, "note", line.note);
  if (!line.discounts.empty()) json.set("discounts", changes(line.discounts, "discount_code"));
  if (!line.surcharges.empty()) json.set("surcharges", changes(line.surcharges, "surcharge_code"));
  if (!line.taxes.empty()) json.set("taxes", changes(line.taxes, "tax_code"));
  return json;
}

std::string_view tax_code(TaxType type) {
  switch (type) {
    case TaxType::taxed:
      return "1";
    case TaxType::untaxed:
      return "2";
    case TaxType::exempt:
      return "3";
  }
  return "";
}

void add_detail(Json& json, const InvoiceDetail& detail) {
  if (detail.branch) json.set("sender_branch_data", party(*detail.branch));
  if (detail.receiver) json.set("invoice_receiver_data", party(*detail.receiver));
  set_text(json, "sender_staff_code", detail.staff_code);
  set_text(json, "sender_terminal_code", detail.terminal_code);
  set_text(json, "district_code", detail.district_code);
  set_text(json, "note", detail.note);
  if (detail.tax_type) json.set("tax_type", tax_code(*detail.tax_type));
  json.set("calculate_vat", detail.provider_adds_tax);
  if (detail.due_at) json.set("invoice_due_date", base::to_iso8601(*detail.due_at));
  json.set("enable_expiry", detail.ends_at.has_value());
  if (detail.ends_at) json.set("expiry_date", base::to_iso8601(*detail.ends_at));
  // One request, one sum: a part or a surplus would leave the order neither open nor paid.
  json.set("allow_partial", false);
  json.set("allow_exceed", false);
  if (detail.lines.empty()) return;
  Json lines{Json::Array{}};
  for (const InvoiceLine& each : detail.lines)
    lines.push(line(each));
  json.set("lines", std::move(lines));
}

/// Our URL at the address that QPay shall use: the session and its token stand in the query.
std::string callback_url(const std::string& url, const QpayOptions& options) {
  const std::size_t query = url.find('?');
  if (options.callback_url.empty() || query == std::string::npos) return url;
  const bool has_query = options.callback_url.find('?') != std::string::npos;
  return options.callback_url + (has_query ? "&" : "?") + url.substr(query + 1);
}

}  // namespace

Json qpay_invoice(const SessionDraft& draft, const QpayOptions& options) {
  const std::string& number =
      draft.bill_number.empty() ? draft.merchant_reference : draft.bill_number;
  const std::string& description = draft.description.empty() ? number : draft.description;
  Json json = Json::object({{"invoice_code", options.invoice_code},
                            {"sender_invoice_no", cut(number, kCodeLimit)},
                            {"invoice_receiver_code", options.receiver_code},
                            {"invoice_description", cut(description, kDescriptionLimit)},
                            {"amount", sum(draft.amount)}});
  set_text(json, "callback_url", callback_url(draft.callback_url, options));
  set_text(json, "sender_branch_code", cut(options.branch, kCodeLimit));
  if (draft.detail) add_detail(json, *draft.detail);
  return json;
}

}  // namespace quittance::providers
