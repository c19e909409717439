// The checkout page: what a payer does next, for each way of paying.
#include <algorithm>

#include "http/handlers.hpp"
#include "http/order_page.hpp"
#include "http/order_status.hpp"
#include "http/views.hpp"
#include "http/ways.hpp"

namespace quittance::http {
namespace {

using base::Json;
using base::Result;
using base::Task;

/// `https://host:port` of an address; empty for what could not stand in a header.
std::string origin_of(std::string_view url) {
  constexpr std::size_t kLongest = 200;
  const std::size_t host = url.find("://");
  if (host == std::string_view::npos) return {};
  const std::string_view origin = url.substr(0, url.find_first_of("/?#", host + 3));
  const bool web = origin.starts_with("https://") || origin.starts_with("http://");
  const bool plain = std::ranges::all_of(origin, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == ':' || c == '/';
  });
  return web && plain && origin.size() <= kLongest ? std::string(origin) : std::string();
}

/// A link that opens an app or a page, and never one that runs here.
bool opens_elsewhere(std::string_view link) {
  const std::string_view scheme = link.substr(0, link.find(':'));
  if (scheme.empty() || scheme.size() == link.size()) return false;
  if (scheme == "javascript" || scheme == "data" || scheme == "blob" || scheme == "file") {
    return false;
  }
  return scheme.front() >= 'a' && scheme.front() <= 'z' && std::ranges::all_of(scheme, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '+' ||
                  c == '.';
         });
}

/// What the provider gave beside the text of a QR.
Task<Json> beside_of(Services& services, core::SessionId id) {
  storage::Reading<std::optional<std::string>> look = [id](storage::Books& books) {
    return books.presentation(id);
  };
  const auto text = co_await services.store.read(std::move(look));
  auto json = Json::parse(text && *text ? **text : std::string("{}"));
  co_return json ? std::move(*json) : Json();
}

/// The answer to presenting may have been lost: the same session is presented again, with the same
/// reference. A phone is rung only by its owner's wish.
Task<void> present_again(Services& services, OrderFacts& facts) {
  core::Session session = *facts.session;
  providers::Provider* provider = services.registry.find(session.provider);
  if (!provider || session.presented() || session.status != core::SessionStatus::open) co_return;
  const providers::Capabilities can = provider->capabilities();
  if (!can.presents_remotely || can.rings_phone) co_return;
  detect::Gate& gate = services.asker.gate(provider->name());
  if (gate.enter() != detect::Admission::admitted) co_return;
  checkout::ShowTo as_before;
  auto shown = co_await checkout::show_session(services.store, *provider, services.checkout,
                                               std::move(session), std::move(as_before));
  gate.leave({});
  if (shown) facts.session = std::move(*shown);
}

bool rings_phone(const providers::Provider* provider) {
  return provider != nullptr && provider->capabilities().rings_phone;
}

/// `…0004`: whoever was sent the link of an order need not learn a number from it.
std::string phone_end(const std::string& phone) {
  constexpr std::size_t kShown = 4;
  const std::string digits = checkout::digits_of(phone);
  return "…" + digits.substr(digits.size() > kShown ? digits.size() - kShown : 0);
}

/// What is shown of a session: a code, a picture of one, a phone that rings, a desk, or nothing
/// yet.
std::string_view section_of(const core::Session& session, const providers::Provider* provider,
                            const Json& beside) {
  if (checkout::is_over(session)) return "over";
  if (session.provider == "cash") return "desk";
  if (!session.presented()) return "not_shown";
  if (rings_phone(provider)) {
    return session.status == core::SessionStatus::settled ? "over" : "phone";
  }
  if (!session.qr_data.empty()) return session.provider == "bakong" ? "khqr" : "code";
  return beside["picture"].text_or_empty().empty() ? "not_shown" : "picture";
}

void add_links(Page& page, const Json& beside) {
  bool any = false;
  for (const Json& link : beside["links"].array()) {
    const std::string target = link["link"].text_or_empty();
    if (!opens_elsewhere(target)) continue;
    any = true;
    page.add_row("links", {{"name", link["name"].text_or_empty()}, {"link", target}});
  }
  if (any) page.show("has_links");
}

/// In a test shop the visitor is the payer's bank too.
std::string test_bank_url(const Services& services, const core::Session& session) {
  if (services.sandbox_url.empty() || !session.presented()) return {};
  const std::string& code = session.provider_ref.empty() ? session.qr_data : session.provider_ref;
  return services.sandbox_url + "/pay?payload=" + base::url_encode(code);
}

/// Gives the origin of a picture that the page needs; empty: none.
std::string show_session_on(Page& page, Services& services, const core::Session& session,
                            const Json& beside, const std::string& save_url) {
  const providers::Provider* provider = services.registry.find(session.provider);
  const std::string method = way_of_provider(session.provider);
  const std::string_view section = section_of(session, provider, beside);
  page.show("by_" + std::string(section));
  if (rings_phone(provider)) page.show("rings_phone");
  if (const std::string asked = beside["payer_phone"].text_or_empty(); !asked.empty()) {
    page.show("knows_phone");
    page.set("asked_phone", phone_end(asked));
  }
  page.set("method", method);
  const WayWords words = words_of_way(method);
  page.set("method_title", words.title);
  page.set("how_text", words.how);
  page.set("how_key", "how_" + method);
  if (words.keeps && !session.qr_data.empty() && section != "over") {
    page.show("keep");
    page.set("keep_url", save_url);
  }
  if (provider && provider->capabilities().makes_deep_links) page.set("deep_link", "1");
  add_links(page, beside);
  if (const std::string url = test_bank_url(services, session);
      !url.empty() && section != "over" && session.provider != "bakong") {
    page.show("test_bank");
    page.set("test_bank_url", url);
  }
  if (section != "picture") return {};
  const std::string picture = beside["picture"].text_or_empty();
  const std::string origin = origin_of(picture);
  page.set("picture_url", origin.empty() ? std::string() : picture);
  return origin;
}

/// The QR in hand is used up, and something is still owed: the page needs one for the rest.
/// Nobody's phone is rung for it unasked.
Task<void> ask_for_rest(Services& services, OrderFacts& facts) {
  const core::Money due = facts.order.due();
  providers::Provider* provider = services.registry.find(facts.session->provider);
  const bool used_up = facts.session->status == core::SessionStatus::settled;
  if (!provider || rings_phone(provider) || due.is_zero() || !used_up) co_return;
  checkout::ShowTo as_before;
  auto rest = co_await checkout::open_order_session(services.store, *provider, services.checkout,
                                                    services.clock, services.random, facts.order.id,
                                                    due, "", std::move(as_before));
  if (rest) facts.session = std::move(*rest);
}

}  // namespace

Answered show_checkout(Services& services, Visit& visit) {
  CO_TRY(OrderFacts facts, co_await facts_of(services, visit));
  const bool pending = facts.order.status == core::OrderStatus::pending;
  if (pending && facts.session) {
    co_await ask_for_rest(services, facts);
    co_await present_again(services, facts);
  }
  // Without script nothing else tells that somebody waits here.
  co_await keep_order_hot(services, facts.order.id);
  Page page = order_page(services, visit, facts, "checkout.html");
  const std::string id = std::to_string(facts.order.id.value());
  std::string pictures_from;
  if (pending) {
    page.set("amount_text", amount_text(facts.order.due()));
    page.set("ways_url", linked(visit, "/payment/ways?order_id=" + id));
    if (ways_for(services, facts.order.total.currency()).size() > 1) page.show("other_ways");
  }
  if (pending && facts.session) {
    const Json beside = co_await beside_of(services, facts.session->id);
    std::string save_url = "/payment/save-qr?order_id=" + id;
    if (visit.query.contains("session")) save_url += "&session=" + facts.session->session_id;
    save_url = linked(visit, std::move(save_url));
    page.set("save_url", save_url);
    pictures_from = show_session_on(page, services, *facts.session, beside, save_url);
  }
  base::HttpResponse response = page.render(200);
  response.headers.add("Content-Security-Policy", content_security_policy(pictures_from));
  co_return response;
}

}  // namespace quittance::http
