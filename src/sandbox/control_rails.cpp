// JSON control of the rails: `/control/rails/<rail>/<what>`.
#include "sandbox/control.hpp"
#include "sandbox/desk.hpp"
#include "sandbox/rail_hall.hpp"

namespace quittance::sandbox {
namespace {

using base::ErrorCode;
using base::HttpRequest;
using base::HttpResponse;
using base::Json;
using base::Result;

constexpr std::string_view kPrefix = "/control/rails/";
constexpr std::size_t kObjectsShown = 1'000;
constexpr std::size_t kSecretsLimit = 4;

Result<HttpResponse> get_faults(RailRoom& room, RailDesk&, const HttpRequest&) {
  return json_response(200, to_json(room.faults));
}

Result<HttpResponse> post_faults(RailRoom& room, RailDesk&, const HttpRequest& request) {
  TRY(const Json body, object_body(request));
  TRY(room.faults, changed_faults(room.faults, room.rail.quirks, body));
  return json_response(200, to_json(room.faults));
}

Result<HttpResponse> get_waiting(RailRoom& room, RailDesk& desk, const HttpRequest&) {
  Json found(Json::Array{});
  for (const Waiting& waiting : room.rail.waiting(desk)) {
    found.push(
        Json::object({{"ref", waiting.ref}, {"title", waiting.title}, {"sum", waiting.sum}}));
  }
  return json_response(200, Json::object({{"waiting", std::move(found)}}));
}

Result<HttpResponse> post_act(RailRoom& room, RailDesk& desk, const HttpRequest& request) {
  TRY(const Json body, object_body(request));
  TRY(const auto ref, text_member(body, "ref"));
  TRY(const auto choice, text_member(body, "choice"));
  TRY(const auto payer, text_member(body, "payer"));
  Act act{.choice = choice.value_or(std::string(room.rail.choices.front().name)),
          .payer = payer.value_or(""),
          .details = body["details"]};
  TRY(act.amount, amount_member(body));
  TRY(act.currency, text_member(body, "currency"));
  TRY(const Json done, room.rail.act(desk, ref.value_or(""), act));
  return json_response(200, done);
}

Result<HttpResponse> get_objects(RailRoom&, RailDesk& desk, const HttpRequest& request) {
  const auto query = base::parse_form(request.query);
  const auto kind = query ? query->find("kind") : decltype(query->end()){};
  if (!query || kind == query->end()) {
    return base::fail(ErrorCode::invalid_request, "Name a kind.", "kind");
  }
  Json found(Json::Array{});
  for (const Json* object : desk.shelf.newest(kind->second)) {
    if (found.array().size() >= kObjectsShown) break;
    found.push(*object);
  }
  return json_response(200, Json::object({{"objects", std::move(found)}}));
}

Result<HttpResponse> get_calls(RailRoom& room, RailDesk&, const HttpRequest&) {
  Json calls(Json::Object{});
  std::int64_t total = 0;
  for (const auto& [name, count] : room.calls) {
    calls.set(name, count);
    total += count;
  }
  return json_response(200, Json::object({{"calls", std::move(calls)}, {"total", total}}));
}

Result<HttpResponse> get_notices(RailRoom& room, RailDesk& desk, const HttpRequest&) {
  Json found(Json::Array{});
  for (const Delivery& delivery : desk.postman.all()) {
    if (delivery.rail != room.rail.name) continue;
    found.push(Json::object({{"notice_id", delivery.notice_id},
                             {"method", delivery.method},
                             {"url", delivery.url},
                             {"body", delivery.body},
                             {"state", delivery.state},
                             {"forged", delivery.forged},
                             {"attempts", delivery.attempts},
                             {"wrong_answers", delivery.wrong_answers},
                             {"last_status", delivery.last_status}}));
  }
  return json_response(200, Json::object({{"notices", std::move(found)}}));
}

/// Where notices go and what signs them. Credentials of the shop are set at the start only.
Result<HttpResponse> post_settings(RailRoom& room, RailDesk&, const HttpRequest& request) {
  TRY(const Json body, object_body(request));
  TRY(const auto url, text_member(body, "notice_url"));
  if (url) room.settings.notice_url = *url;
  if (body.has("notice_secrets")) {
    std::vector<base::Secret> secrets;
    for (const Json& secret : body["notice_secrets"].array())
      secrets.emplace_back(secret.text_or_empty());
    if (secrets.empty() || secrets.size() > kSecretsLimit) {
      return base::fail(ErrorCode::invalid_request, "Send one to four texts.", "notice_secrets");
    }
    room.settings.notice_secrets = std::move(secrets);
  }
  return json_response(200, Json::object({{"notice_url", room.settings.notice_url}}));
}

struct Route {
  std::string_view method;
  std::string_view what;
  Result<HttpResponse> (*answer)(RailRoom&, RailDesk&, const HttpRequest&);
};

constexpr Route kRoutes[] = {
    {"GET", "faults", get_faults},   {"POST", "faults", post_faults},
    {"GET", "waiting", get_waiting}, {"POST", "act", post_act},
    {"GET", "objects", get_objects}, {"GET", "calls", get_calls},
    {"GET", "notices", get_notices}, {"POST", "settings", post_settings},
};

}  // namespace

bool is_rail_control(std::string_view path) { return path.starts_with(kPrefix); }

HttpResponse answer_rail_control(Desk& desk, const HttpRequest& request) {
  const std::string_view rest = std::string_view(request.path).substr(kPrefix.size());
  const std::size_t slash = rest.find('/');
  RailRoom* room = desk.hall.find(rest.substr(0, slash));
  if (room == nullptr || slash == std::string_view::npos) {
    return error_response({ErrorCode::not_found, "No such rail."});
  }
  RailDesk rail_desk =
      desk.hall.desk(*room, desk.clock.now(), desk.random, origin_of(desk, request));
  for (const Route& route : kRoutes) {
    if (route.method != request.method || route.what != rest.substr(slash + 1)) continue;
    auto response = route.answer(*room, rail_desk, request);
    return response ? std::move(*response) : error_response(response.error());
  }
  return error_response({ErrorCode::not_found, "No such control."});
}

}  // namespace quittance::sandbox
