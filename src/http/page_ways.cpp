// Choosing how to pay: the list for programs and scripts, and the page that changes one's mind for
// an order. Another way is another session beside the first, which stays honoured (law 5).
#include <algorithm>

#include "http/handlers.hpp"
#include "http/order_page.hpp"
#include "http/views.hpp"
#include "http/ways.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;

Json way_json(const Way& way) {
  Json currencies;
  if (way.can.currencies) {
    currencies = Json(Json::Array{});
    for (const std::string_view code : *way.can.currencies)
      currencies.push(code);
  }
  const WayWords words = words_of_way(way.method);
  return Json::object({{"payment_method", way.method},
                       {"title", words.title},
                       {"text", words.text},
                       {"provider", way.provider->name()},
                       {"currencies", std::move(currencies)},
                       {"rings_phone", way.can.rings_phone}});
}

/// What was typed before a refusal.
struct Chosen {
  std::string method;
  std::string payer_phone;
};

Chosen chosen_in(const Visit& visit) {
  const auto form = base::parse_form(visit.request.body);
  const auto field = [&form](std::string_view name) {
    if (!form) return std::string();
    const auto found = form->find(name);
    return found == form->end() ? std::string() : found->second;
  };
  return {.method = field("payment_method"), .payer_phone = field("payer_phone")};
}

base::HttpResponse ways_page(Services& services, const Visit& visit, const OrderFacts& facts,
                             const Chosen& chosen, const base::Error* problem) {
  Page page = order_page(services, visit, facts, "ways.html");
  page.set("amount_text", amount_text(facts.order.due()));
  page.set("ways_url",
           linked(visit, "/payment/ways?order_id=" + std::to_string(facts.order.id.value())));
  page.set("payer_phone", chosen.payer_phone);
  if (facts.order.status == core::OrderStatus::pending) page.show("choose");
  std::vector<Way> ways = ways_for(services, facts.order.total.currency());
  const bool known = std::ranges::find(ways, chosen.method, &Way::method) != ways.end();
  for (const Way& way : ways) {
    const bool marked = known ? way.method == chosen.method : &way == &ways.front();
    const WayWords words = words_of_way(way.method);
    page.add_row(marked ? "marked_ways" : "ways", {{"method", way.method},
                                                   {"method_title", std::string(words.title)},
                                                   {"text", std::string(words.text)},
                                                   {"text_key", "text_" + way.method}});
    if (way.can.rings_phone) page.show("rings_phone");
  }
  if (problem == nullptr) return page.render(200);
  page.show("problem");
  page.set("problem_text", problem->message);
  if (problem->param == "payer_phone") page.set("phone_invalid", "true");
  base::HttpResponse response = page.render(base::error_row(problem->code).http_status);
  add_retry_after(response, *problem);
  return response;
}

base::HttpResponse see_other(std::string url) {
  base::HttpResponse response = text_response("", "text/plain; charset=utf-8", 303);
  response.headers.add("Location", std::move(url));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

}  // namespace

Answered list_ways(Services& services, Visit&) {
  Json methods{Json::Array{}};
  for (const Way& way : all_ways(services))
    methods.push(way_json(way));
  co_return json_response(Json::object({{"success", true}, {"methods", std::move(methods)}}));
}

Answered show_ways(Services& services, Visit& visit) {
  CO_TRY(const OrderFacts facts, co_await facts_of(services, visit));
  Chosen now;
  if (facts.session) now.method = way_of_provider(facts.session->provider);
  co_return ways_page(services, visit, facts, now, nullptr);
}

Answered choose_way(Services& services, Visit& visit) {
  CO_TRY(const OrderFacts facts, co_await facts_of(services, visit));
  const Chosen chosen = chosen_in(visit);
  const std::string back = linked(visit, checkout_url(facts.order.id));
  // Paid, cancelled or refunded: the checkout page says which.
  if (facts.order.status != core::OrderStatus::pending) co_return see_other(back);
  const auto provider = chosen_way(services, chosen.method, chosen.payer_phone);
  if (!provider) co_return ways_page(services, visit, facts, chosen, &provider.error());
  if (!(*provider)->capabilities().takes(facts.order.total.currency())) {
    const base::Error refused{ErrorCode::invalid_request,
                              "This way of paying does not take this currency; choose another."};
    co_return ways_page(services, visit, facts, chosen, &refused);
  }
  checkout::ShowTo to{.payer_phone = chosen.payer_phone};
  auto session = co_await checkout::open_order_session(
      services.store, **provider, services.checkout, services.clock, services.random,
      facts.order.id, facts.order.due(), "", std::move(to));
  if (!session && session.error().code == ErrorCode::conflict) co_return see_other(back);
  if (!session) co_return ways_page(services, visit, facts, chosen, &session.error());
  co_return see_other(back + "&session=" + session->session_id);
}

}  // namespace quittance::http
