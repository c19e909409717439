// A simulator of MVola merchant pay (docs/providers/mvola.md): its gateway, and its place among the
// rails.
#include <algorithm>

#include "sandbox/desk.hpp"
#include "sandbox/mvola_counter.hpp"
#include "sandbox/token.hpp"

namespace quittance::sandbox {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using base::Json;

constexpr std::string_view kToken = "/token";
constexpr std::string_view kMerchantPay = "/mvola/mm/transactions/type/merchantpay/1.0.0/";
constexpr std::string_view kStatus = "status/";
// The login of a demo, where nobody set one up.
constexpr std::string_view kDemoKey = "demo_key";
constexpr std::string_view kDemoSecret = "demo_secret";
/// Callers must send these; the gateway reads no further without.
constexpr std::string_view kHeaders[] = {"Version", "X-CorrelationID", "UserAccountIdentifier",
                                         "partnerName"};

base::Secret secret_of(const RailDesk& desk) {
  return desk.settings.secret.empty() ? base::Secret(std::string(kDemoSecret))
                                      : desk.settings.secret;
}

base::Secret token_key(const RailDesk& desk) {
  return base::Secret("mvola tokens of " + secret_of(desk).reveal());
}

HttpResponse issue_token(RailDesk& desk, const HttpRequest& request) {
  const auto given = basic_credentials(request);
  const std::string_view key =
      desk.settings.key_id.empty() ? kDemoKey : std::string_view(desk.settings.key_id);
  if (!given || desk.faults.unauthorized || given->first != key ||
      !(base::Secret(given->second) == secret_of(desk))) {
    return json_response(401,
                         Json::object({{"error", "invalid_client"},
                                       {"error_description", "Client Authentication failed."}}));
  }
  const auto form = base::parse_form(request.body);
  const auto is = [&form](std::string_view name, std::string_view value) {
    const auto found = form ? form->find(name) : decltype(form->end()){};
    return form && found != form->end() && found->second == value;
  };
  if (!is("grant_type", "client_credentials") || !is("scope", "EXT_INT_MVOLA_SCOPE")) {
    return json_response(400, Json::object({{"error", "unsupported_grant_type"},
                                            {"error_description", "Unsupported grant."}}));
  }
  const std::int64_t lifetime_s = desk.quirk("token_lifetime_s");
  const std::string id = desk.draw_id("access-", 20);
  return json_response(
      200,
      Json::object({{"access_token", sign_token(token_key(desk), id, desk.now_s(), lifetime_s)},
                    {"scope", "EXT_INT_MVOLA_SCOPE"},
                    {"token_type", "Bearer"},
                    {"expires_in", lifetime_s}}));
}

bool let_in(RailDesk& desk, const HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view header = request.headers.find("Authorization").value_or("");
  return !desk.faults.unauthorized && header.starts_with(kScheme) &&
         read_token(token_key(desk), header.substr(kScheme.size()), desk.now_s()) ==
             TokenState::good;
}

HttpResponse answer_mvola(RailDesk& desk, const HttpRequest& request) {
  if (request.path == kToken) return issue_token(desk, request);
  if (!let_in(desk, request)) return mvola_fault(401, 900'901, "Invalid Credentials");
  if (!request.path.starts_with(kMerchantPay)) return mvola_fault(404, 404, "No such resource");
  for (const std::string_view name : kHeaders) {
    if (!request.headers.find(name)) {
      return mvola_error(desk, 400, "formatError", "4001", "Missing field");
    }
  }
  const std::string_view rest = std::string_view(request.path).substr(kMerchantPay.size());
  if (rest.empty() && request.method == "POST") return mvola_initiate(desk, request);
  if (rest.empty() || request.method != "GET") return mvola_fault(405, 405, "Method not allowed");
  if (rest.starts_with(kStatus)) {
    return mvola_status(desk, std::string(rest.substr(kStatus.size())));
  }
  return mvola_details(desk, std::string(rest));
}

bool claims_mvola(const HttpRequest& request) {
  return request.path == kToken || request.path.starts_with("/mvola/mm/");
}

HttpResponse mvola_trouble(RailDesk&, int status) {
  return status == 429 ? mvola_fault(429, 900'800, "Message throttled out")
                       : mvola_fault(status, 101'503, "Error connecting to the back end");
}

/// Nothing is signed: a forger claims that a push was approved, of whatever came of it.
void seal_mvola(RailDesk&, Delivery& delivery) {
  constexpr std::string_view kTrue = "\"failed\"";
  const std::size_t at = delivery.body.find(kTrue);
  if (delivery.forged && at != std::string::npos) {
    delivery.body.replace(at, kTrue.size(), "\"completed\"");
  }
}

std::vector<Waiting> waiting_mvola(RailDesk& desk) {
  std::vector<Waiting> found;
  for (const Json* push : desk.shelf.newest("push")) {
    if (mvola_state(desk, *push) != "pending") continue;
    found.push_back({.ref = (*push)["server_correlation_id"].text_or_empty(),
                     .title = (*push)["description"].text_or_empty() + " (" +
                              (*push)["payer"].text_or_empty() + ")",
                     .sum = "Ar " + std::to_string((*push)["ariary"].integer().value_or(0))});
  }
  return found;
}

/// By the id that MVola gave, or by the payer's number: the newest that still waits.
std::optional<std::string> find_mvola(RailDesk& desk, std::string_view code) {
  if (code.empty()) return std::nullopt;
  // Numbers are written in groups.
  std::string number(code);
  std::erase(number, ' ');
  for (const Json* push : desk.shelf.newest("push")) {
    const std::string id = (*push)["server_correlation_id"].text_or_empty();
    if (code == id) return id;
    if (number == (*push)["payer"].text_or_empty() && mvola_state(desk, *push) == "pending") {
      return id;
    }
  }
  return std::nullopt;
}

constexpr Choice kChoices[] = {{"approve", "Approve with the PIN"}, {"refuse", "Refuse"}};
constexpr Quirk kQuirks[] = {
    {"token_lifetime_s", "Seconds that a token lasts", 3'600, 86'400},
    {"initiate_status_200", "1: a push is answered 200, not 202", 0, 1},
    {"capital_errors", "1: names in errors begin with a capital", 0, 1},
    {"callback_style", "0 transactionStatus, 1 status", 0, 1},
    {"published_names", "1: createDate and fee", 0, 1},
    {"reference_late_ms", "Milliseconds until objectReference shows", 0, 86'400'000},
    {"push_lives_ms", "Milliseconds that a push waits on the phone; 0: for ever", 600'000,
     86'400'000},
    {"any_number", "1: every number may pay", 0, 1},
};

}  // namespace

extern const Rail kMvola{.name = "mvola",
                         .title = "MVola",
                         .claims = claims_mvola,
                         .answer = answer_mvola,
                         .trouble = mvola_trouble,
                         .seal = seal_mvola,
                         .waiting = waiting_mvola,
                         .find = find_mvola,
                         .choices = kChoices,
                         .act = mvola_act,
                         .quirks = kQuirks};

HttpResponse mvola_fault(int status, std::int64_t code, std::string_view message) {
  return json_response(
      status,
      Json::object({{"fault", Json::object({{"code", code},
                                            {"message", message},
                                            {"description", std::string(message) + "."}})}}));
}

HttpResponse mvola_error(RailDesk& desk, int status, std::string_view code, std::string_view number,
                         std::string_view text) {
  const bool capital = desk.quirk("capital_errors") != 0;
  Json parameters{Json::Array{}};
  parameters.push(Json::object({{"key", "mmErrorCode"}, {"value", number}}));
  Json body;
  const auto set = [&](std::string name, Json value) {
    if (capital) name[0] = 'E';
    body.set(name, std::move(value));
  };
  set("errorCategory", "validation");
  set("errorCode", code);
  set("errorDescription", text);
  set("errorDateTime", base::to_iso8601(desk.now));
  set("errorParameters", std::move(parameters));
  return json_response(status, body);
}

std::string mvola_party(const Json& list) {
  for (const Json& pair : list.array()) {
    if (pair["key"].text_or_empty() == "msisdn") return pair["value"].text_or_empty();
  }
  return {};
}

}  // namespace quittance::sandbox
