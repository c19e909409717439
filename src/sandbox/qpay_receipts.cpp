// Tax receipts (e-Barimt) of the QPay simulator.
#include "sandbox/desk.hpp"
#include "sandbox/qpay_counter.hpp"

namespace quittance::sandbox {
namespace {

using base::HttpResponse;
using base::Json;

std::string draw_digits(RailDesk& desk, std::size_t count) {
  std::string digits;
  while (digits.size() < count)
    digits += static_cast<char>('0' + desk.random.below(10));
  return digits;
}

/// `9.09` of 100 tugrik: a tenth of what is left without it, to the nearest mongo.
std::string tax_in(std::int64_t tugrik) {
  const std::int64_t mongo = (tugrik * 200 + 11) / 22;
  const std::string cents = std::to_string(mongo % 100);
  return std::to_string(mongo / 100) + "." + (cents.size() < 2 ? "0" : "") + cents;
}

Json make_receipt(RailDesk& desk, const Json& body, const Json& payment) {
  const std::int64_t tugrik = payment["tugrik"].integer().value_or(0);
  const bool citizen = body["ebarimt_receiver_type"].text_or_empty() == "CITIZEN";
  const Json district = body["district_code"].is_null() ? Json("3505") : body["district_code"];
  Json receipt = Json::object({{"id", desk.random.uuid()},
                               {"ebarimt_by", "QPAY"},
                               {"g_payment_id", payment["payment_id"]},
                               {"ebarimt_receiver_type", body["ebarimt_receiver_type"]},
                               {"ebarimt_receiver", body["ebarimt_receiver"]},
                               {"ebarimt_district_code", district},
                               {"ebarimt_bill_type", "1"},
                               {"merchant_register_no", "0000000"},
                               {"paid_by", payment["paid_by"]},
                               {"object_type", "INVOICE"},
                               {"object_id", payment["invoice_id"]},
                               {"amount", qpay_sum(desk, tugrik, true)},
                               {"vat_amount", tax_in(tugrik)},
                               {"city_tax_amount", "0.00"},
                               {"ebarimt_qr_data", draw_digits(desk, 60)},
                               {"barimt_status", "REGISTERED"},
                               {"barimt_status_date", base::to_iso8601(desk.now)},
                               {"tax_type", "1"},
                               {"merchant_tin", "00000000000"},
                               {"ebarimt_receipt_id", draw_digits(desk, 33)},
                               {"status", true}});
  // Companies take no part in the lottery.
  if (citizen) receipt.set("ebarimt_lottery", "AB " + draw_digits(desk, 8));
  for (const std::string_view name : {"barimt_items", "barimt_transactions", "barimt_histories"})
    receipt.set(name, Json::Array{});
  return receipt;
}

}  // namespace

HttpResponse qpay_create_receipt(RailDesk& desk, const Json& body, bool newer) {
  const std::string type = body["ebarimt_receiver_type"].text_or_empty();
  if (type != "CITIZEN" && type != "COMPANY") {
    return qpay_field_error("ebarimt_receiver_type", "REQUIRED", "Required!");
  }
  for (const std::string_view name : {"district_code", "classification_code"}) {
    if (newer && body[name].text_or_empty().empty()) {
      return qpay_field_error(name, "REQUIRED", "Required!");
    }
  }
  const Json* payment = desk.shelf.find("payment", body["payment_id"].text_or_empty());
  if (payment == nullptr) return qpay_error(422, "PAYMENT_NOTFOUND");
  if ((*payment)["status"].text_or_empty() != "PAID") return qpay_error(409, "PAYMENT_NOT_PAID");
  // Nothing keeps a merchant from registering one payment twice.
  Json receipt = make_receipt(desk, body, *payment);
  const std::string id = receipt["id"].text_or_empty();
  if (!desk.shelf.put("receipt", id, receipt)) return qpay_error(500, "SYSTEM_BUSY");
  return json_response(200, receipt);
}

HttpResponse qpay_show_receipt(RailDesk& desk, const std::string& id) {
  const Json* receipt = desk.shelf.find("receipt", id);
  if (receipt == nullptr) return qpay_error(422, "BARIMT_NOT_FOUND");
  return json_response(200, *receipt);
}

HttpResponse qpay_void_receipt(RailDesk& desk, const std::string& id, bool newer) {
  std::string receipt_id;
  for (const Json* receipt : desk.shelf.newest("receipt")) {
    const bool meant = (*receipt)[newer ? "g_payment_id" : "id"].text_or_empty() == id;
    if (meant && (*receipt)["barimt_status"].text_or_empty() == "REGISTERED") {
      receipt_id = (*receipt)["id"].text_or_empty();
      break;
    }
  }
  if (receipt_id.empty()) return qpay_error(422, "BARIMT_NOT_FOUND");
  Json receipt = *desk.shelf.find("receipt", receipt_id);
  receipt.set("barimt_status", "CANCELED").set("status", false);
  if (!desk.shelf.put("receipt", receipt_id, std::move(receipt))) {
    return qpay_error(500, "SYSTEM_BUSY");
  }
  return json_response(200, Json(Json::Object{}));
}

}  // namespace quittance::sandbox
