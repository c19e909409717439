#include "http/billing.hpp"

#include <algorithm>
#include <cctype>

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using core::Money;
using storage::Books;
using storage::Settlement;

constexpr PaymentMethod kMethods[] = {
    {.key = "CASH", .label = "Cash", .sort_order = 10, .provider = "cash", .stated = true},
    {.key = "POS", .label = "Card terminal", .sort_order = 20, .provider = "", .stated = true},
    {.key = "TRANSFER", .label = "Bank transfer", .sort_order = 30, .provider = "", .stated = true},
    {.key = "KHQR", .label = "KHQR", .sort_order = 90, .provider = "bakong"},
    {.key = "QPAY", .label = "QPay", .sort_order = 100, .provider = "qpay"},
    {.key = "MVOLA", .label = "MVola", .sort_order = 110, .provider = "mvola"},
    {.key = "STRIPE", .label = "Stripe", .sort_order = 120, .provider = "stripe"},
    {.key = "RAZORPAY", .label = "Razorpay", .sort_order = 130, .provider = "razorpay"},
};

constexpr std::size_t kReceiverMost = 20;

bool is_adapter_of(std::string_view name, const PaymentMethod& method) {
  if (method.provider.empty() || !name.starts_with(method.provider)) return false;
  return name.size() == method.provider.size() || name[method.provider.size()] == '-';
}

/// What a settlement was paid by; a person's word says it in the evidence.
Result<std::string> method_of(Books& books, const Settlement& settlement) {
  for (const PaymentMethod& method : kMethods) {
    if (is_adapter_of(settlement.provider, method)) return std::string(method.key);
  }
  TRY(const auto seen, books.evidence(settlement.evidence_id));
  const auto said = Json::parse(seen ? seen->evidence.raw : std::string());
  const std::string method = said ? (*said)["method"].text_or_empty() : std::string();
  return method.empty() ? std::string("MANUAL") : method;
}

/// What of this money has not gone back.
Money held_of(const Settlement& settlement, const std::vector<storage::Refund>& refunds) {
  Money held = settlement.counted.plus(settlement.excess).value_or(settlement.counted);
  for (const storage::Refund& refund : refunds) {
    if (refund.settlement_id != settlement.id) continue;
    const auto back = refund.from_counted.plus(refund.from_excess);
    held = back ? held.minus(*back).value_or(held) : held;
  }
  return held;
}

Result<Json> payments_json(Books& books, core::OrderId id) {
  TRY(const auto settlements, books.settlements_of_order(id));
  TRY(const auto refunds, books.refunds_of_order(id));
  Json list{Json::Array{}};
  for (const Settlement& settlement : settlements) {
    const Money held = held_of(settlement, refunds);
    if (held.is_zero()) continue;
    TRY(const std::string method, method_of(books, settlement));
    const Json txn = is_qpay(settlement.provider) ? Json(settlement.provider_ref) : Json();
    list.push(Json::object({{"id", settlement.id.value()},
                            {"amount", sum_json(held)},
                            {"method", method},
                            {"timestamp", base::to_ms(settlement.paid_at)},
                            {"qpayTxnId", txn}}));
  }
  return list;
}

struct Items {
  Json list{Json::Array{}};
  Money sum;
};
Result<Items> items_of(Books& books, const core::Order& order) {
  TRY(const auto lines, books.order_items(order));
  Items items{.sum = Money::zero(order.total.currency())};
  for (const core::OrderItem& line : lines) {
    const auto price = line.price.times(line.quantity);
    const auto sum = price ? items.sum.plus(*price) : std::nullopt;
    if (!sum) return fail(ErrorCode::internal, "Items that cannot be summed.");
    items.sum = *sum;
    items.list.push(Json::object({{"name", line.name},
                                  {"quantity", line.quantity},
                                  {"price", sum_json(line.price)},
                                  {"amount", sum_json(*price)}}));
  }
  return items;
}

/// Whole percent that the total is below the items' sum.
std::int64_t discount_of(Money before, Money total) {
  const auto off = before.minus(total);
  if (!off || before.is_zero()) return 0;
  // At most 10^17, as Money is limited.
  return off->minor() * 100 / before.minor();
}

/// Every payment that is to have a tax receipt has it.
bool has_receipts(const std::vector<storage::StoredReceipt>& receipts) {
  bool any = false;
  for (const storage::StoredReceipt& receipt : receipts) {
    if (!receipt.wanted) continue;
    if (receipt.state != storage::ReceiptState::issued) return false;
    any = true;
  }
  return any;
}

std::string_view status_word(Money held, Money due) {
  if (held.is_zero()) return "unpaid";
  return due.is_zero() ? "paid" : "partial";
}

}  // namespace

std::span<const PaymentMethod> all_payment_methods() { return kMethods; }

const PaymentMethod* payment_method(std::string_view key) {
  const auto found = std::ranges::find(kMethods, key, &PaymentMethod::key);
  return found == std::end(kMethods) ? nullptr : &*found;
}

std::vector<std::string> providers_of(const PaymentMethod& method,
                                      const providers::Registry& registry) {
  std::vector<std::string> names;
  for (const auto& provider : registry.all()) {
    if (is_adapter_of(provider->name(), method)) names.emplace_back(provider->name());
  }
  return names;
}

bool is_offered(const PaymentMethod& method, const providers::Registry& registry) {
  return method.provider.empty() || !providers_of(method, registry).empty();
}

bool is_qpay(std::string_view provider) { return is_adapter_of(provider, *payment_method("QPAY")); }

base::Task<Result<core::Session>> qpay_session(Services& services, std::string qpay_invoice_id) {
  const std::vector<std::string> names = providers_of(*payment_method("QPAY"), services.registry);
  storage::Reading<std::optional<core::Session>> find =
      [&](Books& books) -> Result<std::optional<core::Session>> {
    for (const std::string& name : names) {
      TRY(auto found, books.session_by_provider_ref(name, qpay_invoice_id));
      if (found) return found;
    }
    return std::optional<core::Session>();
  };
  CO_TRY(auto session, co_await services.store.read(std::move(find)));
  if (!session) co_return fail(ErrorCode::not_found, "There is no such QPay invoice.");
  co_return std::move(*session);
}

base::Task<Result<core::Session>> qpay_session_numbered(Services& services,
                                                        std::string sender_invoice_no) {
  storage::Reading<std::vector<core::Session>> find = [&](Books& books) {
    return books.sessions_by_bill_number(sender_invoice_no);
  };
  CO_TRY(const auto sessions, co_await services.store.read(std::move(find)));
  for (const core::Session& session : sessions) {
    if (is_qpay(session.provider)) co_return session;
  }
  co_return fail(ErrorCode::not_found, "There is no such QPay invoice.");
}

base::Task<Result<bool>> ask_at_desk(Services& services, core::OrderId id) {
  providers::Provider* desk = services.registry.find("cash");
  if (!desk) co_return false;
  storage::Reading<std::optional<core::Order>> look =
      [id](Books& books) -> Result<std::optional<core::Order>> {
    TRY(const auto sessions, books.sessions_of_order(id));
    if (!sessions.empty()) return std::optional<core::Order>();
    return books.order(id);
  };
  CO_TRY(const auto order, co_await services.store.read(std::move(look)));
  if (!order || order->due().is_zero()) co_return false;
  checkout::ShowTo plainly;
  CO_TRY_VOID(co_await checkout::open_order_session(services.store, *desk, services.checkout,
                                                    services.clock, services.random, id,
                                                    order->due(), "", std::move(plainly)));
  co_return true;
}

Result<std::optional<storage::ReceiptWish>> wish_of(const Visit& visit, core::OrderId id,
                                                    base::Time now) {
  const Json& asked = visit.body["issueEBarimt"];
  if (asked.is_null() || asked.boolean() == false) return std::optional<storage::ReceiptWish>();
  if (!asked.boolean()) {
    return fail(ErrorCode::invalid_request, "`issueEBarimt` is true or false.", "issueEBarimt");
  }
  storage::ReceiptWish wish{.order_id = id, .asked_by = visit.actor.audit_name(), .asked_at = now};
  const std::string type = visit.body["eBarimtReceiverType"].string().value_or("CITIZEN");
  if (type != "CITIZEN" && type != "COMPANY") {
    return fail(ErrorCode::invalid_request, "`eBarimtReceiverType` is CITIZEN or COMPANY.",
                "eBarimtReceiverType");
  }
  wish.receiver_type = type == "COMPANY" ? "company" : "citizen";
  wish.receiver = visit.body["eBarimtReceiver"].text_or_empty();
  const bool plain = std::ranges::all_of(
      wish.receiver, [](unsigned char c) { return std::isalnum(c) != 0 && c < 0x80; });
  if (!plain || wish.receiver.size() > kReceiverMost ||
      (type == "COMPANY" && wish.receiver.empty())) {
    return fail(ErrorCode::invalid_request,
                "`eBarimtReceiver` is a citizen's phone or a company's register number.",
                "eBarimtReceiver");
  }
  return std::optional(std::move(wish));
}

Json sum_json(Money amount) {
  std::string text = amount.decimal();
  const std::size_t point = text.find('.');
  if (point != std::string::npos && text.find_first_not_of('0', point + 1) == std::string::npos) {
    text.resize(point);
  }
  return Json::Number{std::move(text)};
}

Result<Json> invoice_state_json(Books& books, core::OrderId id) {
  TRY(const auto order, books.order(id));
  if (!order) return fail(ErrorCode::not_found, "There is no such invoice.");
  TRY(Items items, items_of(books, *order));
  TRY(Json payments, payments_json(books, id));
  TRY(const auto receipts, books.receipts_of_order(id));
  const Money held = order->paid.minus(order->refunded).value_or(order->paid);
  const Money due = order->due();
  return Json::object({{"id", id.value()},
                       {"status", status_word(held, due)},
                       {"totalBeforeDiscount", sum_json(items.sum)},
                       {"discountPercent", discount_of(items.sum, order->total)},
                       {"finalAmount", sum_json(order->total)},
                       {"paidTotal", sum_json(held)},
                       {"unpaidAmount", sum_json(due)},
                       {"hasEBarimt", has_receipts(receipts)},
                       {"items", std::move(items.list)},
                       {"payments", std::move(payments)}});
}

}  // namespace quittance::http
