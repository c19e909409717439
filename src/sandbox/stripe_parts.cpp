#include "sandbox/stripe_parts.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace quittance::sandbox::stripe {
namespace {

using base::HttpResponse;
using base::Json;

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

HttpResponse reply(int status, const Json& body) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-cache, no-store");
  response.body = body.dump();
  return response;
}

/// `created=5`, or `created[gte]=5` and its siblings; nullopt when a bound is no number.
std::optional<bool> in_window(const Json& created, std::int64_t at) {
  if (created.is_null()) return true;
  if (const auto text = created.string()) {
    const auto moment = whole(*text);
    if (!moment) return std::nullopt;
    return at == *moment;
  }
  for (const auto& [name, bound] : created.object()) {
    const auto moment = whole(bound.text_or_empty());
    if (!moment) return std::nullopt;
    const bool fits = name == "gt"    ? at > *moment
                      : name == "gte" ? at >= *moment
                      : name == "lt"  ? at < *moment
                      : name == "lte" ? at <= *moment
                                      : false;
    if (!fits) return false;
  }
  return true;
}

}  // namespace

std::optional<std::int64_t> Call::number(std::string_view name) const { return whole(text(name)); }

HttpResponse answer(const Json& object) { return reply(200, object); }

HttpResponse error(int status, std::string_view type, std::string_view code,
                   std::string_view message, std::string_view param, const Json& extra) {
  Json members = Json::object({{"message", message}, {"type", type}});
  if (!code.empty()) {
    members.set("code", code);
    members.set("doc_url", "https://stripe.com/docs/error-codes/" + std::string(code));
  }
  if (!param.empty()) members.set("param", param);
  for (const auto& [name, value] : extra.object())
    members.set(name, value);
  return reply(status, Json::object({{"error", std::move(members)}}));
}

HttpResponse invalid(std::string_view param, std::string_view message, std::string_view code) {
  return error(400, "invalid_request_error", code, message, param);
}

HttpResponse missing(std::string_view object, const std::string& id, std::string_view param) {
  return error(404, "invalid_request_error", "resource_missing",
               "No such " + std::string(object) + ": '" + id + "'", param);
}

HttpResponse unkept() { return error(503, "api_error", "", "The simulator cannot keep any more."); }

HttpResponse list(Call& call, std::string_view kind, std::string_view object,
                  const std::function<bool(const Json&)>& fits) {
  const std::int64_t limit = call.params.has("limit") ? call.number("limit").value_or(0) : 10;
  if (limit < 1 || limit > 100) return invalid("limit", "This value must be from 1 to 100.");
  const std::string after = call.text("starting_after");
  const std::string before = call.text("ending_before");
  if (!after.empty() && !before.empty()) {
    return invalid("ending_before", "Send one of starting_after and ending_before.");
  }
  std::vector<const Json*> all;
  for (const Json* one : call.desk.shelf.newest(kind)) {
    const auto inside = in_window(call.params["created"], (*one)["created"].integer().value_or(0));
    if (!inside) return invalid("created", "Invalid timestamp: must be a whole number of seconds.");
    const bool is_cursor = (*one)["id"].string() == after || (*one)["id"].string() == before;
    if (is_cursor || (*inside && fits(*one))) all.push_back(one);
  }
  auto first = all.begin();
  auto last = all.end();
  const auto place_of = [&](const std::string& id) {
    return std::ranges::find_if(all, [&](const Json* one) { return (*one)["id"].string() == id; });
  };
  if (!after.empty()) {
    if (place_of(after) == all.end()) return missing(object, after, "starting_after");
    first = place_of(after) + 1;
  }
  if (!before.empty()) {
    if (place_of(before) == all.end()) return missing(object, before, "ending_before");
    last = place_of(before);
  }
  const bool more = last - first > limit;
  // Towards the newer end the page is the part next to the cursor; still newest first.
  if (more) (before.empty() ? last : first) = before.empty() ? first + limit : last - limit;
  Json data{Json::Array{}};
  for (auto one = first; one != last; ++one)
    data.push(**one);
  return answer(Json::object({{"object", "list"},
                              {"data", std::move(data)},
                              {"has_more", more},
                              {"url", call.request.path}}));
}

int exponent_of(std::string_view currency) {
  static constexpr std::array<std::string_view, 16> kWhole{"bif", "clp", "djf", "gnf", "jpy", "kmf",
                                                           "krw", "mga", "pyg", "rwf", "ugx", "vnd",
                                                           "vuv", "xaf", "xof", "xpf"};
  return std::ranges::find(kWhole, currency) != kWhole.end() ? 0 : 2;
}

std::optional<std::int64_t> minor_of(std::string_view decimal, std::string_view currency) {
  const std::size_t point = std::min(decimal.find('.'), decimal.size());
  std::string digits(decimal.substr(0, point));
  std::string fraction(decimal.substr(std::min(point + 1, decimal.size())));
  const auto decimals = static_cast<std::size_t>(exponent_of(currency));
  if (digits.empty() || fraction.size() > decimals || digits.size() > 12) return std::nullopt;
  fraction.resize(decimals, '0');
  return whole(digits + fraction);
}

std::string sum_for_people(std::int64_t minor, std::string_view currency) {
  std::string code(currency);
  std::ranges::transform(code, code.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  if (exponent_of(currency) == 0) return code + " " + std::to_string(minor);
  const std::string cents = std::to_string(minor % 100);
  return code + " " + std::to_string(minor / 100) + "." + (cents.size() < 2 ? "0" : "") + cents;
}

}  // namespace quittance::sandbox::stripe
