// Products and orders.
#include <algorithm>

#include "http/auth.hpp"
#include "http/handlers.hpp"
#include "http/idempotency.hpp"
#include "http/order_status.hpp"
#include "http/views.hpp"
#include "http/ways.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using core::OrderId;
using storage::Books;
using storage::WritableBooks;

std::unexpected<base::Error> no_such_order() {
  return fail(ErrorCode::not_found, "There is no such order, or it is not yours.");
}

Result<checkout::OrderDraft> draft_of(const Visit& visit) {
  checkout::OrderDraft draft;
  draft.payment_method = visit.body["payment_method"].string().value_or("khqr");
  draft.payer_phone = visit.body["payer_phone"].text_or_empty();
  const Json::Array& items = visit.body["items"].array();
  for (std::size_t i = 0; i < items.size() && i <= checkout::kItemsLimit; ++i) {
    const auto product_id = items[i]["product_id"].integer();
    const auto quantity = items[i]["quantity"].integer();
    if (!product_id || !quantity) {
      return fail(ErrorCode::invalid_request,
                  "Every item needs an integer `product_id` and `quantity`.",
                  "items[" + std::to_string(i) + "]");
    }
    draft.items.push_back({core::ProductId(*product_id), *quantity});
  }
  draft.customer_name = visit.body["customer_name"].text_or_empty();
  draft.customer_email = visit.body["customer_email"].text_or_empty();
  if (draft.customer_name.size() > 100 || draft.customer_email.size() > 200) {
    return fail(ErrorCode::invalid_request, "The name or the e-mail address is too long.",
                "customer_name");
  }
  draft.customer_id = visit.actor.customer_id;
  return draft;
}

Json placed_json(const core::Order& order) {
  return Json::object({{"success", true},
                       {"order_id", order.id.value()},
                       {"order_secret", order.order_secret},
                       {"transaction_id", order.transaction_id},
                       {"status", order_status_word(order.status)},
                       {"amount", amount_json(order.total)},
                       {"amount_minor", order.total.minor()},
                       {"currency", order.total.currency().code()},
                       {"checkout_url", checkout_url(order.id)}});
}

/// The answer of an earlier request with the same key. Its cookie was lost with it, so a guest gets
/// a new one for the same customer.
Answered replay_order(Services& services, Visit& visit, storage::IdempotencyRecord record) {
  const auto body = Json::parse(record.body);
  base::HttpResponse response = json_response(body ? *body : Json(), 201);
  response.headers.add("Idempotent-Replayed", "true");
  const auto id = body ? (*body)["order_id"].integer() : std::nullopt;
  if (!id || visit.actor.customer_id) co_return response;
  storage::Reading<std::optional<core::Order>> find = [&id](Books& books) {
    return books.order(OrderId(*id));
  };
  CO_TRY(const auto order, co_await services.store.read(std::move(find)));
  if (!order || !order->customer_id) co_return response;
  const NewLogin login =
      draw_login(services, std::nullopt, order->customer_id, storage::Role::customer);
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [row = login.row](WritableBooks& books) { return books.insert_login(row); };
  const auto written = co_await services.store.write<storage::Rows>(std::move(work));
  if (written) response.headers.add("Set-Cookie", login.set_cookie);
  co_return response;
}

/// Which orders a list is asked for.
Result<storage::OrderFilter> order_filter_of(const Visit& visit) {
  storage::OrderFilter filter;
  if (!visit.actor.is_staff()) {
    // No customer would mean no filter: everybody's orders.
    if (!visit.actor.customer_id) {
      return fail(ErrorCode::forbidden, "Only a customer has orders of their own.");
    }
    filter.customer_id = visit.actor.customer_id;
  }
  const auto text = [&visit](std::string_view name) {
    const auto value = visit.query.find(name);
    return value == visit.query.end() ? std::string() : value->second;
  };
  if (const std::string status = text("status"); !status.empty() && status != "all") {
    filter.status = order_status_from_word(status);
    if (!filter.status) {
      return fail(ErrorCode::invalid_request,
                  "status is all, pending, completed, cancelled or refunded.", "status");
    }
  }
  if (const std::string attention = text("attention"); !attention.empty()) {
    if (attention != "1" || !visit.actor.is_staff()) {
      return fail(ErrorCode::invalid_request,
                  "attention is 1, for staff: only orders that a person should look at.",
                  "attention");
    }
    filter.needs_attention = true;
  }
  const auto limit = base::Json(Json::Number{text("limit")}).integer();
  if (limit && *limit >= 1 && *limit <= 100) filter.limit = *limit;
  const auto cursor = base::Json(Json::Number{text("cursor")}).integer();
  if (cursor) filter.before = OrderId(*cursor);
  return filter;
}

/// How many orders there are of each kind, of a customer or of everybody, as far as is counted.
Result<Json> order_counts_json(Books& books, std::optional<core::CustomerId> customer_id) {
  TRY(const storage::OrderCounts counts, books.order_counts(customer_id));
  Json json = Json::object({{"all", counts.all()},
                            {"pending", counts.pending},
                            {"completed", counts.completed},
                            {"cancelled", counts.canceled},
                            {"refunded", counts.refunded},
                            {"counted_to", storage::kOrdersCounted}});
  if (customer_id) return json;
  TRY(const std::int64_t flagged, books.flagged_order_count());
  json.set("attention", flagged);
  return json;
}

}  // namespace

base::Task<Result<core::Order>> order_for(Services& services, const Visit& visit, OrderId id) {
  storage::Reading<std::optional<core::Order>> find = [id](Books& books) {
    return books.order(id);
  };
  CO_TRY(auto order, co_await services.store.read(std::move(find)));
  if (!order) co_return no_such_order();
  if (visit.actor.sees_every_order()) co_return std::move(*order);
  if (visit.actor.customer_id && order->customer_id == visit.actor.customer_id) {
    co_return std::move(*order);
  }
  std::string_view secret = visit.request.headers.find("X-Order-Secret").value_or("");
  const auto query = visit.query.find("secret");
  if (secret.empty() && query != visit.query.end()) secret = query->second;
  if (!secret.empty() && base::constant_time_equal(secret, order->order_secret)) {
    co_return std::move(*order);
  }
  co_return no_such_order();
}

Answered list_products(Services& services, Visit&) {
  storage::Reading<std::vector<storage::Product>> look = [](Books& books) {
    return books.products();
  };
  CO_TRY(const auto products, co_await services.store.read(std::move(look)));
  Json list{Json::Array{}};
  for (const auto& product : products)
    list.push(product_json(product));
  co_return json_response(Json::object({{"products", std::move(list)}}));
}

Answered place_order(Services& services, Visit& visit) {
  CO_TRY(const auto claim, claim_of(visit));
  if (claim) {
    CO_TRY(auto record, co_await find_answer(services, *claim));
    if (record) co_return co_await replay_order(services, visit, std::move(*record));
  }
  CO_TRY(checkout::OrderDraft draft, draft_of(visit));
  CO_TRY(providers::Provider * provider,
         chosen_way(services, draft.payment_method, draft.payer_phone));
  std::optional<NewLogin> login;
  if (!draft.customer_id && !visit.actor.sees_every_order()) {
    login = draw_login(services, std::nullopt, std::nullopt, storage::Role::customer);
  }
  // The answer and the cookie are written with the order: a crash leaves all of it or nothing.
  checkout::AlsoWrite also = [claim, login, now = services.clock.now()](
                                 WritableBooks& books,
                                 const checkout::PlacedOrder& placed) -> Result<storage::Rows> {
    if (login) {
      storage::Login row = login->row;
      row.customer_id = placed.order.customer_id;
      TRY_VOID(books.insert_login(row));
    }
    if (!claim) return storage::Rows();
    return record_answer(books, *claim, 201, placed_json(placed.order).dump(), now);
  };
  auto placed_or =
      co_await checkout::place_order(services.store, *provider, services.checkout, services.clock,
                                     services.random, std::move(draft), std::move(also));
  if (!placed_or && claim) {
    // A double tap: the other request with this key was faster, and its answer is ours too.
    CO_TRY(auto record, co_await find_answer(services, *claim));
    if (record) co_return co_await replay_order(services, visit, std::move(*record));
  }
  CO_TRY(const checkout::PlacedOrder placed, std::move(placed_or));
  base::HttpResponse response = json_response(placed_json(placed.order), 201);
  if (login) response.headers.add("Set-Cookie", login->set_cookie);
  co_return response;
}

Answered list_orders(Services& services, Visit& visit) {
  CO_TRY(const storage::OrderFilter filter, order_filter_of(visit));
  storage::Reading<std::vector<storage::OrderSummary>> list = [&filter](Books& books) {
    return books.orders(filter);
  };
  CO_TRY(const auto summaries, co_await services.store.read(std::move(list)));
  storage::Reading<Json> count = [&filter](Books& books) {
    return order_counts_json(books, filter.customer_id);
  };
  CO_TRY(Json counts, co_await services.store.read(std::move(count)));
  Json orders{Json::Array{}};
  for (const auto& summary : summaries)
    orders.push(order_json(summary));
  const bool more = summaries.size() == static_cast<std::size_t>(filter.limit);
  const Json next = more ? Json(std::to_string(summaries.back().order.id.value())) : Json();
  co_return json_response(Json::object(
      {{"orders", std::move(orders)}, {"next_cursor", next}, {"counts", std::move(counts)}}));
}

Answered show_order_status(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  CO_TRY(const core::Order order, co_await order_for(services, visit, OrderId(id)));
  co_return co_await answer_status(services, order.id);
}

Answered stream_order_status(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  CO_TRY(const core::Order order, co_await order_for(services, visit, OrderId(id)));
  auto place = services.streams.enter(visit.request.remote_address);
  if (!place) {
    co_return fail(ErrorCode::rate_limited, "Too many open pages from here; close some.");
  }
  base::HttpResponse response;
  response.headers.add("Content-Type", "text/event-stream");
  response.headers.add("Cache-Control", "no-store");
  response.stream = make_status_stream(services, order.id, std::move(place));
  co_return response;
}

Answered cancel_order(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  CO_TRY(const core::Order order, co_await order_for(services, visit, OrderId(id)));
  CO_TRY(const detect::CancelResult result,
         co_await detect::cancel_order(services.store, services.asker, services.bulletin,
                                       services.clock, order.id, visit.actor.audit_name()));
  if (result == detect::CancelResult::completed) {
    co_return fail(ErrorCode::conflict,
                   "The payment has arrived: the order is completed and cannot be canceled.");
  }
  co_return json_response(
      Json::object({{"success", true}, {"order_id", order.id.value()}, {"status", "CANCELLED"}}));
}

}  // namespace quittance::http
