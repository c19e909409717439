// Pushes of the MVola simulator: put on a phone, answered there, asked about, told by a callback.
#include <algorithm>
#include <charconv>

#include "sandbox/desk.hpp"
#include "sandbox/mvola_counter.hpp"

namespace quittance::sandbox {
namespace {

using base::ErrorCode;
using base::fail;
using base::HttpRequest;
using base::HttpResponse;
using base::Json;

constexpr std::int64_t kLeast = 100;
constexpr std::int64_t kMost = 5'000'000;
/// Their `requestDate` is local time with a Z.
constexpr base::Duration kDateSkew = std::chrono::hours(3);
constexpr std::string_view kRequired[] = {
    "amount",      "currency",   "descriptionText", "requestingOrganisationTransactionReference",
    "requestDate", "debitParty", "creditParty"};

/// A text of digits.
std::optional<std::int64_t> read_ariary(const Json& value) {
  const auto text = value.string();
  std::int64_t ariary = 0;
  if (!text || text->empty()) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), ariary);
  if (error != std::errc() || end != text->data() + text->size() || ariary < 0) {
    return std::nullopt;
  }
  return ariary;
}

/// Letters, digits, blanks and `-._,`.
bool plain(const std::string& text) {
  return !text.empty() && text.size() <= 50 && std::ranges::all_of(text, [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 ||
                        std::string_view(" -._,").find(static_cast<char>(c)) != std::string::npos);
  });
}

bool known(const RailDesk& desk, const std::string& number) {
  return desk.quirk("any_number") != 0 ||
         std::ranges::find(kMvolaNumbers, number) != std::end(kMvolaNumbers);
}

Json party(const Json& number) {
  Json list{Json::Array{}};
  list.push(Json::object({{"key", "msisdn"}, {"value", number}}));
  return list;
}

/// What is wrong with a push, in the words of their business errors.
std::optional<HttpResponse> refusal_of(RailDesk& desk, const Json& body) {
  for (const std::string_view name : kRequired) {
    if (body[name].is_null()) {
      return mvola_error(desk, 400, "formatError", "4001", "Missing field");
    }
  }
  const auto ariary = read_ariary(body["amount"]);
  const std::string payer = mvola_party(body["debitParty"]);
  const std::string payee = mvola_party(body["creditParty"]);
  if (!ariary || body["currency"].text_or_empty() != "Ar" ||
      !plain(body["descriptionText"].text_or_empty())) {
    return mvola_error(desk, 400, "formatError", "4002", "Invalid field");
  }
  if (*ariary < kLeast || *ariary > kMost) {
    return mvola_error(desk, 400, "businessRule", "4003", "Amount out of range");
  }
  if (!known(desk, payer) || !known(desk, payee) || payer == payee) {
    return mvola_error(desk, 400, "identifierError", "4004", "Unknown party");
  }
  return std::nullopt;
}

bool reference_shows(const RailDesk& desk, const Json& push) {
  return push["state"].text_or_empty() == "completed" &&
         push["reference_shows_at_ms"].integer().value_or(0) <= base::to_ms(desk.now);
}

Json callback_body(const RailDesk& desk, const Json& push) {
  const bool completed = push["state"].text_or_empty() == "completed";
  if (desk.quirk("callback_style") == 1) {
    return Json::object({{"status", push["state"]},
                         {"serverCorrelationId", push["server_correlation_id"]},
                         {"notificationMethod", "callback"},
                         {"objectReference", completed ? push["reference"] : Json("")}});
  }
  Json body = Json::object({{"transactionStatus", push["state"]},
                            {"serverCorrelationId", push["server_correlation_id"]},
                            {"transactionReference", push["reference"]},
                            {"requestDate", push["requested_at"]},
                            {"debitParty", party(push["payer"])},
                            {"creditParty", party(push["payee"])}});
  if (completed) body.set("fees", push["fees"]);
  body.set("metadata", completed ? push["metadata"] : Json(Json::Array{}));
  return body;
}

void call_back(RailDesk& desk, const Json& push) {
  const std::string url = push["callback_url"].text_or_empty();
  if (url.empty()) return;
  Delivery delivery{.notice_id = push["server_correlation_id"].text_or_empty(),
                    .method = "PUT",
                    .url = url,
                    .body = callback_body(desk, push).dump()};
  delivery.headers.add("Content-Type", "application/json");
  desk.notify(std::move(delivery));
}

std::string draw_reference(RailDesk& desk) {
  std::string digits;
  while (digits.size() < 9)
    digits += static_cast<char>('1' + desk.random.below(9));
  return digits;
}

}  // namespace

HttpResponse mvola_initiate(RailDesk& desk, const HttpRequest& request) {
  const auto parsed = Json::parse(request.body);
  const Json body = parsed && parsed->is_object() ? *parsed : Json(Json::Object{});
  if (auto refusal = refusal_of(desk, body)) return std::move(*refusal);
  const std::string id = desk.random.uuid();
  const std::string callback_url(request.headers.find("X-Callback-URL").value_or(""));
  // A correlation id that was seen before is not taken for a repeat: it is another push.
  const Json push = Json::object(
      {{"server_correlation_id", id},
       {"correlation_id", std::string(request.headers.find("X-CorrelationID").value_or(""))},
       {"state", "pending"},
       {"ariary", read_ariary(body["amount"])},
       {"currency", "Ar"},
       {"payer", mvola_party(body["debitParty"])},
       {"payee", mvola_party(body["creditParty"])},
       {"description", body["descriptionText"]},
       {"merchant_reference", body["requestingOrganisationTransactionReference"]},
       {"metadata", body["metadata"].is_array() ? body["metadata"] : Json(Json::Array{})},
       {"requested_at", body["requestDate"]},
       {"made_at_ms", base::to_ms(desk.now)},
       {"reference", ""},
       {"callback_url", callback_url}});
  if (!desk.shelf.put("push", id, push)) return mvola_fault(500, 101'503, "Out of room");
  const bool polling = callback_url.empty();
  return json_response(desk.quirk("initiate_status_200") != 0 ? 200 : 202,
                       Json::object({{"status", "pending"},
                                     {"serverCorrelationId", id},
                                     {"notificationMethod", polling ? "polling" : "callback"}}));
}

std::string mvola_state(const RailDesk& desk, const Json& push) {
  std::string state = push["state"].text_or_empty();
  const std::int64_t lives_ms = desk.quirk("push_lives_ms");
  const std::int64_t made_at_ms = push["made_at_ms"].integer().value_or(0);
  if (state == "pending" && lives_ms > 0 && base::to_ms(desk.now) - made_at_ms >= lives_ms) {
    state = "failed";
  }
  return state;
}

HttpResponse mvola_status(RailDesk& desk, const std::string& id) {
  const Json* push = desk.shelf.find("push", id);
  if (push == nullptr) {
    return mvola_error(desk, 404, "identifierError", "4040", "Unknown correlation id");
  }
  const bool polling = (*push)["callback_url"].text_or_empty().empty();
  return json_response(
      200, Json::object({{"status", mvola_state(desk, *push)},
                         {"serverCorrelationId", id},
                         {"notificationMethod", polling ? "polling" : "callback"},
                         {"objectReference",
                          reference_shows(desk, *push) ? (*push)["reference"] : Json("")}}));
}

HttpResponse mvola_details(RailDesk& desk, const std::string& reference) {
  const Json* push = nullptr;
  for (const Json* each : desk.shelf.newest("push")) {
    if ((*each)["reference"].text_or_empty() == reference && !reference.empty()) push = each;
  }
  if (push == nullptr) {
    return mvola_error(desk, 404, "identifierError", "4041", "Unknown transaction");
  }
  const base::Time made_at = base::from_ms((*push)["made_at_ms"].integer().value_or(0));
  const std::int64_t ariary = (*push)["ariary"].integer().value_or(0);
  const bool published_names = desk.quirk("published_names") != 0;
  Json metadata{Json::Array{}};
  for (const std::string_view key : {"originalTransactionResult", "originalTransactionResultDesc"})
    metadata.push(Json::object({{"key", key}, {"value", "0"}}));
  Json details = Json::object({{"amount", std::to_string(ariary) + ".00"},
                               {"currency", (*push)["currency"]},
                               {"requestDate", base::to_iso8601(made_at + kDateSkew)},
                               {"debitParty", party((*push)["payer"])},
                               {"creditParty", party((*push)["payee"])}});
  details.set(published_names ? "fee" : "fees", (*push)["fees"]);
  details.set("metadata", std::move(metadata));
  details.set("transactionStatus", (*push)["state"]);
  details.set(published_names ? "createDate" : "creationDate", base::to_iso8601(made_at));
  details.set("transactionReference", reference);
  return json_response(200, details);
}

base::Result<Json> mvola_act(RailDesk& desk, const std::string& ref, const Act& act) {
  const Json* known_push = desk.shelf.find("push", ref);
  if (known_push == nullptr) return fail(ErrorCode::not_found, "There is no such push.", "ref");
  Json push = *known_push;
  if (mvola_state(desk, push) != "pending") {
    return fail(ErrorCode::conflict, "This push was answered, or is over.");
  }
  const bool approves = act.choice == "approve";
  if (!approves && act.choice != "refuse") {
    return fail(ErrorCode::invalid_request, "Approve or refuse.", "choice");
  }
  if (act.amount) {
    const auto ariary = read_ariary(Json(*act.amount));
    if (!ariary) return fail(ErrorCode::invalid_request, "Whole ariary.", "amount");
    push.set("ariary", *ariary);
  }
  if (act.currency) push.set("currency", *act.currency);
  push.set("state", approves ? "completed" : "failed");
  push.set("reference", draw_reference(desk));
  push.set("reference_shows_at_ms", base::to_ms(desk.now) + desk.quirk("reference_late_ms"));
  Json fees{Json::Array{}};
  const std::int64_t ariary = push["ariary"].integer().value_or(0);
  fees.push(Json::object({{"feeAmount", std::to_string(ariary * 15 / 1'000)}}));
  push.set("fees", std::move(fees));
  TRY_VOID(desk.shelf.put("push", ref, push));
  call_back(desk, push);
  return push;
}

}  // namespace quittance::sandbox
