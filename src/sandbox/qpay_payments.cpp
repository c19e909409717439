// Payments of the QPay simulator: what a payer does, how it is told, and how it is asked about.
#include <algorithm>
#include <array>

#include "sandbox/desk.hpp"
#include "sandbox/qpay_counter.hpp"

namespace quittance::sandbox {
namespace {

using base::ErrorCode;
using base::fail;
using base::HttpResponse;
using base::Json;

constexpr std::int64_t kPageLimit = 100;
constexpr std::string_view kCard = "card";
constexpr std::string_view kRefusedByBank = "fails";

constexpr std::array<Choice, 25> kChoices{{
    {"khanbank", "Khan bank"},
    {"qpaywallet", "qPay wallet"},
    {"statebankmongolia", "State bank"},
    {"xacbank", "Xac bank"},
    {"tdbbank", "Trade and Development bank"},
    {"socialpay-payment", "SocialPay"},
    {"most", "Most money"},
    {"nibank", "National investment bank"},
    {"ckbank", "Chinggis Khaan bank"},
    {"capitronbank", "Capitron bank"},
    {"bogdbank", "Bogd bank"},
    {"transbank", "Trans bank"},
    {"mbank", "M bank"},
    {"ard", "Ard App"},
    {"toki", "Toki App"},
    {"arig", "Arig bank"},
    {"monpay", "Monpay"},
    {"hipay", "Hipay"},
    {"tdbwallet", "Happy Pay"},
    {"sono", "Sono"},
    {"payon", "PayOn"},
    {"tino", "Tino"},
    {"pass", "Pass"},
    {kCard, "Card"},
    {kRefusedByBank, "Try, and be refused by the bank"},
}};

bool shows(const RailDesk& desk, const Json& payment) {
  return payment["shows_at_ms"].integer().value_or(0) <= base::to_ms(desk.now);
}

std::int64_t tugrik_of(const Json& payment) { return payment["tugrik"].integer().value_or(0); }

bool by_card(const Json& payment) { return payment["paid_by"].text_or_empty() == "CARD"; }

Json bank_leg(const RailDesk& desk, const Json& payment) {
  return Json::object({{"transaction_bank_code", payment["bank_code"]},
                       {"account_bank_code", "050000"},
                       {"account_bank_name", "Khan bank"},
                       {"account_number", "5000000000"},
                       {"status", "SUCCESS"},
                       {"amount", qpay_sum(desk, tugrik_of(payment), true)},
                       {"currency", payment["currency"]},
                       {"settlement_status", "SETTLED"}});
}

void add_legs(const RailDesk& desk, const Json& payment, Json& row) {
  Json card{Json::Array{}};
  Json bank{Json::Array{}};
  const bool money = payment["status"].text_or_empty() == "PAID";
  if (money && !by_card(payment)) bank.push(bank_leg(desk, payment));
  if (money && by_card(payment)) {
    card.push(Json::object({{"card_type", "VISA"},
                            {"is_cross_border", false},
                            {"amount", qpay_sum(desk, tugrik_of(payment), true)},
                            {"currency", payment["currency"]},
                            {"status", "SUCCESS"}}));
  }
  row.set("next_payment_date", nullptr).set("next_payment_datetime", nullptr);
  row.set("card_transactions", std::move(card)).set("p2p_transactions", std::move(bank));
}

/// A row of `payment/check`: it has no date.
Json check_row(const RailDesk& desk, const Json& payment) {
  Json row = Json::object({{"payment_id", payment["payment_id"]},
                           {"payment_status", payment["status"]},
                           {"payment_amount", qpay_sum(desk, tugrik_of(payment), true)},
                           {"trx_fee", "0.00"},
                           {"payment_currency", payment["currency"]},
                           {"payment_wallet", payment["wallet"]},
                           {"payment_type", payment["paid_by"]}});
  add_legs(desk, payment, row);
  return row;
}

/// What `payment/{id}` and a row of `payment/list` have in common.
Json dated(const RailDesk& desk, const Json& payment) {
  return Json::object({{"payment_id", payment["payment_id"]},
                       {"payment_date", payment["paid_at"]},
                       {"payment_status", payment["status"]},
                       {"payment_fee", "1.00"},
                       {"payment_amount", qpay_sum(desk, tugrik_of(payment), true)},
                       {"payment_currency", payment["currency"]},
                       {"payment_wallet", payment["wallet"]},
                       {"object_type", "INVOICE"},
                       {"object_id", payment["invoice_id"]}});
}

struct PageAsked {
  std::int64_t number = 1;
  std::int64_t limit = kPageLimit;
};

std::optional<HttpResponse> read_page(const Json& body, PageAsked& page) {
  if (body["offset"].is_null()) return std::nullopt;
  page.number = body["offset"]["page_number"].integer().value_or(0);
  page.limit = body["offset"]["page_limit"].integer().value_or(0);
  if (page.number < 1) {
    return qpay_field_error("page_number", "MIN_NUMBER", "Number min value [1]!");
  }
  if (page.limit < 1) return qpay_field_error("page_limit", "MIN_NUMBER", "Number min value [1]!");
  if (page.limit > kPageLimit) {
    return qpay_field_error("page_limit", "MAX_NUMBER", "Number max value [100]!");
  }
  return std::nullopt;
}

/// The rows of one page, of payments that `wanted` takes; counts all and sums what is paid.
struct Found {
  Json rows{Json::Array{}};
  std::int64_t count = 0;
  std::int64_t paid_tugrik = 0;
};
template <class Wanted, class Row>
Found find_payments(RailDesk& desk, PageAsked page, Wanted wanted, Row row) {
  Found found;
  for (const Json* payment : desk.shelf.newest("payment")) {
    if (!shows(desk, *payment) || !wanted(*payment)) continue;
    ++found.count;
    if ((*payment)["status"].text_or_empty() == "PAID") found.paid_tugrik += tugrik_of(*payment);
    if (found.count > (page.number - 1) * page.limit && found.count <= page.number * page.limit) {
      found.rows.push(row(desk, *payment));
    }
  }
  return found;
}

/// A GET of the merchant's own URL with one thing added to its query. Only one word will do.
void call_back(RailDesk& desk, const Json& invoice, const std::string& payment_id) {
  const std::string url = invoice["callback_url"].text_or_empty();
  if (url.empty()) return;
  Delivery delivery{.notice_id = payment_id, .method = "GET", .url = url};
  const std::string_view joint = url.find('?') == std::string::npos ? "?" : "&";
  switch (desk.quirk("callback_style")) {
    case 2:
      delivery.method = "POST";
      delivery.headers.add("Content-Type", "application/json");
      delivery.body =
          Json::object({{"invoice_id", invoice["invoice_id"]}, {"payment_id", payment_id}}).dump();
      break;
    case 1:
      delivery.url += std::string(joint) + "payment_id=" + payment_id;
      delivery.wanted_answer = "SUCCESS";
      break;
    default:
      delivery.url += std::string(joint) + "qpay_payment_id=" + payment_id;
      delivery.wanted_answer = "SUCCESS";
      break;
  }
  desk.notify(std::move(delivery));
}

std::string draw_payment_id(RailDesk& desk) {
  std::string id = "9";
  while (id.size() < 15)
    id += static_cast<char>('0' + desk.random.below(10));
  return id;
}

/// May this invoice be paid, and how much may come?
base::Result<void> check_payable(RailDesk& desk, const Json& invoice) {
  const std::string state = qpay_invoice_state(desk, invoice);
  if (state == "CANCELED") return fail(ErrorCode::conflict, "This invoice was canceled.");
  if (state == "EXPIRED") return fail(ErrorCode::conflict, "This invoice is over.");
  if (state != "OPEN" && desk.quirk("pay_twice") == 0) {
    return fail(ErrorCode::conflict, "This invoice is paid.");
  }
  return {};
}

}  // namespace

std::span<const Choice> qpay_choices() { return kChoices; }

base::Result<Json> qpay_act(RailDesk& desk, const std::string& ref, const Act& act) {
  const Json* known = desk.shelf.find("invoice", ref);
  if (known == nullptr) return fail(ErrorCode::not_found, "There is no such invoice.", "ref");
  const auto choice = std::ranges::find(kChoices, act.choice, &Choice::name);
  if (choice == kChoices.end()) {
    return fail(ErrorCode::invalid_request, "There is no such bank.", "choice");
  }
  Json invoice = *known;
  TRY_VOID(check_payable(desk, invoice));
  const auto tugrik = act.amount ? read_qpay_sum(Json(*act.amount)) : invoice["tugrik"].integer();
  if (!tugrik) {
    return fail(ErrorCode::invalid_request, "Whole tugrik above zero.", "amount");
  }
  const bool refused = act.choice == kRefusedByBank;
  const auto bank = std::ranges::find(qpay_banks(), act.choice, &QpayBank::scheme);
  const std::string id = draw_payment_id(desk);
  Json payment =
      Json::object({{"payment_id", id},
                    {"invoice_id", ref},
                    {"status", refused ? "FAILED" : "PAID"},
                    {"tugrik", *tugrik},
                    {"currency", act.currency.value_or("MNT")},
                    {"wallet", choice->label},
                    {"paid_by", act.choice == kCard ? "CARD" : "P2P"},
                    {"bank_code", bank == qpay_banks().end() ? std::string_view() : bank->code},
                    {"name", act.payer},
                    {"description", invoice["invoice_description"]},
                    {"qr_code", ref},
                    {"paid_at", base::to_iso8601(desk.now)},
                    {"shows_at_ms", base::to_ms(desk.now) + desk.quirk("paid_late_ms")}});
  TRY_VOID(desk.shelf.put("payment", id, payment));
  if (!refused) {
    invoice.set("invoice_status", "CLOSED");
    TRY_VOID(desk.shelf.put("invoice", ref, invoice));
    call_back(desk, invoice, id);
  }
  return payment;
}

HttpResponse qpay_check_payments(RailDesk& desk, const Json& body) {
  constexpr std::string_view kTypes[] = {"INVOICE", "QR", "ITEM"};
  const std::string type = body["object_type"].text_or_empty();
  if (std::ranges::find(kTypes, type) == std::end(kTypes)) {
    return qpay_error(400, "INVALID_OBJECT_TYPE");
  }
  PageAsked page;
  if (auto wrong = read_page(body, page)) return std::move(*wrong);
  std::string invoice_id = body["object_id"].text_or_empty();
  if (type == "INVOICE" && desk.shelf.find("invoice", invoice_id) == nullptr) {
    return qpay_error(422, "INVOICE_NOTFOUND");
  }
  if (type == "QR") {
    for (const Json* invoice : desk.shelf.newest("invoice")) {
      if ((*invoice)["qr_text"].text_or_empty() == invoice_id) {
        invoice_id = (*invoice)["invoice_id"].text_or_empty();
        break;
      }
    }
  }
  Found found = find_payments(
      desk, page,
      [&](const Json& payment) { return payment["invoice_id"].text_or_empty() == invoice_id; },
      check_row);
  Json answer = Json::object({{"count", found.count}});
  // Nothing paid: the sum is not zero but missing.
  if (found.paid_tugrik > 0) answer.set("paid_amount", qpay_sum(desk, found.paid_tugrik, false));
  answer.set("rows", std::move(found.rows));
  return json_response(200, answer);
}

HttpResponse qpay_list_payments(RailDesk& desk, const Json& body) {
  const std::string type = body["object_type"].text_or_empty();
  const std::string object = body["object_id"].text_or_empty();
  if (type != "MERCHANT" && type != "INVOICE" && type != "QR") {
    return qpay_error(400, "INVALID_OBJECT_TYPE");
  }
  for (const std::string_view name : {"start_date", "end_date"}) {
    if (body[name].text_or_empty().size() != std::string_view("2025-10-09 00:00:00").size()) {
      return qpay_field_error(name, "REQUIRED", "Required!");
    }
  }
  PageAsked page;
  if (auto wrong = read_page(body, page)) return std::move(*wrong);
  std::string since = body["start_date"].text_or_empty();
  std::string until = body["end_date"].text_or_empty();
  since[10] = until[10] = 'T';
  until += ".999Z";
  Found found = find_payments(
      desk, page,
      [&](const Json& payment) {
        const std::string at = payment["paid_at"].text_or_empty();
        return at >= since && at <= until &&
               (type == "MERCHANT" || payment["invoice_id"].text_or_empty() == object);
      },
      [](const RailDesk& at, const Json& payment) {
        Json row = dated(at, payment);
        row.set("payment_name", payment["name"]);
        row.set("payment_description", payment["description"]);
        row.set("qr_code", payment["qr_code"]).set("paid_by", payment["paid_by"]);
        return row;
      });
  return json_response(200,
                       Json::object({{"count", found.count}, {"rows", std::move(found.rows)}}));
}

HttpResponse qpay_show_payment(RailDesk& desk, const std::string& id) {
  const Json* payment = desk.shelf.find("payment", id);
  if (payment == nullptr || !shows(desk, *payment)) return qpay_error(422, "PAYMENT_NOTFOUND");
  Json shown = dated(desk, *payment);
  shown.set("transaction_type", (*payment)["paid_by"]);
  add_legs(desk, *payment, shown);
  return json_response(200, shown);
}

HttpResponse qpay_return_payment(RailDesk& desk, const std::string& id) {
  const Json* found = desk.shelf.find("payment", id);
  if (found == nullptr) return qpay_error(422, "PAYMENT_NOTFOUND");
  Json payment = *found;
  const std::string status = payment["status"].text_or_empty();
  if (status == "REFUNDED") return qpay_error(409, "PAYMENT_ALREADY_CANCELED");
  if (status != "PAID") return qpay_error(409, "PAYMENT_NOT_PAID");
  // Between banks it has arrived, and QPay cannot bring it back.
  if (!by_card(payment)) return qpay_error(409, "PAYMENT_SETTLED");
  payment.set("status", "REFUNDED");
  if (!desk.shelf.put("payment", id, std::move(payment))) return qpay_error(500, "SYSTEM_BUSY");
  return json_response(200, Json(Json::Object{}));
}

}  // namespace quittance::sandbox
