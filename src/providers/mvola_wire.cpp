#include "providers/mvola_wire.hpp"

#include <algorithm>
#include <cctype>

#include "providers/moment_text.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;
using base::Json;

constexpr std::size_t kTextLimit = 50;

core::Currency ariary() { return *core::Currency::from_code("MGA"); }

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered;
}

std::string word(const Json& value) {
  if (value.is_number()) return value.number_text().value_or("");
  return value.text_or_empty();
}

Json parties(std::string_view number) {
  Json list{Json::Array{}};
  list.push(Json::object({{"key", "msisdn"}, {"value", number}}));
  return list;
}

/// The value of one key in a list of `{"key","value"}`.
std::string value_of(const Json& list, std::string_view key) {
  for (const Json& pair : list.array()) {
    if (lower(member(pair, "key").text_or_empty()) == key) return word(member(pair, "value"));
  }
  return {};
}

/// Letters, digits, blanks and `-._,`; anything else is refused by MVola and becomes a blank here.
std::string plain(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool fine = byte < 0x80 && (std::isalnum(byte) != 0 ||
                                      std::string_view("-._,").find(c) != std::string_view::npos);
    if (fine) {
      kept += c;
    } else if (!kept.empty() && kept.back() != ' ') {
      kept += ' ';
    }
    if (kept.size() == kTextLimit) break;
  }
  while (!kept.empty() && kept.back() == ' ')
    kept.pop_back();
  return kept;
}

std::string first_of(std::string first, const std::string& second) {
  return first.empty() ? second : first;
}

/// `errorCode`, and the number among its parameters when there is one.
std::string business_error(const Json& body) {
  const std::string code = word(member(body, "errorCode"));
  const std::string number = value_of(member(body, "errorParameters"), "mmerrorcode");
  return number.empty() ? code : code + " " + number;
}

}  // namespace

const Json& member(const Json& object, std::string_view name) {
  const std::string wanted = lower(name);
  for (const auto& [key, value] : object.object()) {
    if (lower(key) == wanted) return value;
  }
  return object[name];
}

MvolaHeard read_mvola(const base::HttpReply& reply) {
  const auto unreadable = std::unexpected(Unknown{.reason = UnknownReason::unreadable});
  auto body = Json::parse(reply.body);
  if (!body || !body->is_object() || reply.status < 200 ||
      (reply.status > 299 && reply.status < 400)) {
    return unreadable;
  }
  MvolaSaid said{.status = reply.status, .body = std::move(*body), .error{}};
  if (said.well()) return said;
  const Json& fault = member(said.body, "fault");
  said.error = fault.is_object() ? word(member(fault, "code")) : business_error(said.body);
  if (said.error.empty()) return unreadable;
  return said;
}

std::string mvola_number(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c != ' ' && c != '+') {
      return {};
    }
  }
  if (digits.size() == 12 && digits.starts_with("261")) digits.replace(0, 3, "0");
  return digits.size() == 10 && digits.starts_with("03") ? digits : std::string();
}

base::Result<void> check_mvola_draft(const SessionDraft& draft) {
  if (draft.amount.currency() != ariary() || draft.amount.minor() < kMvolaLeast ||
      draft.amount.minor() > kMvolaMost) {
    return base::fail(ErrorCode::invalid_request,
                      "MVola takes from 100 to 5,000,000 ariary (MGA) at a time.", "amount");
  }
  if (mvola_number(draft.payer_phone).empty()) {
    return base::fail(ErrorCode::invalid_request,
                      "Give the MVola number to be asked: 03 and eight more digits.",
                      "payer_phone");
  }
  return {};
}

Json mvola_push(const SessionDraft& draft, const MvolaOptions& options, base::Time now) {
  const std::string reference = draft.merchant_reference.substr(0, kTextLimit);
  Json metadata{Json::Array{}};
  metadata.push(Json::object({{"key", "partnerName"}, {"value", options.partner_name}}));
  // Some reports say that the test service insists on these two.
  if (!options.foreign_currency.empty()) {
    metadata.push(Json::object({{"key", "fc"}, {"value", options.foreign_currency}}));
    metadata.push(Json::object({{"key", "amountFc"}, {"value", "1"}}));
  }
  return Json::object(
      {{"amount", std::to_string(draft.amount.minor())},
       {"currency", "Ar"},
       {"descriptionText", first_of(plain(draft.description), "Payment")},
       {"requestingOrganisationTransactionReference", reference},
       {"requestDate", base::to_iso8601(now)},
       {"originalTransactionReference", first_of(plain(draft.bill_number), reference)},
       {"debitParty", parties(mvola_number(draft.payer_phone))},
       {"creditParty", parties(options.partner_number)},
       {"metadata", std::move(metadata)}});
}

std::optional<MvolaStatus::Word> read_mvola_word(std::string_view text) {
  const std::string word = lower(text);
  if (word == "pending") return MvolaStatus::Word::pending;
  // An unofficial simulator says `success`; S3 lists all three.
  if (word == "completed" || word == "success" || word == "successful") {
    return MvolaStatus::Word::completed;
  }
  if (word == "failed") return MvolaStatus::Word::failed;
  return std::nullopt;
}

std::optional<MvolaStatus> read_mvola_status(const Json& body) {
  const Json& named = member(body, "status");
  const auto status = read_mvola_word(
      (named.is_null() ? member(body, "transactionStatus") : named).text_or_empty());
  if (!status) return std::nullopt;
  return MvolaStatus{.word = *status,
                     .object_reference = first_of(word(member(body, "objectReference")),
                                                  word(member(body, "transactionReference")))};
}

std::optional<Paid> read_mvola_details(const Json& body, const std::string& reference,
                                       const core::Session& session, base::Time now) {
  const std::string currency = lower(member(body, "currency").text_or_empty());
  const Json& sum = member(body, "amount");
  const auto text = sum.is_string() ? sum.string() : sum.number_text();
  const std::string id = word(member(body, "transactionReference"));
  const std::string status = member(body, "transactionStatus").text_or_empty();
  const bool completed = status.empty() || read_mvola_word(status) == MvolaStatus::Word::completed;
  if (!text || (currency != "ar" && currency != "mga") || !completed ||
      (!id.empty() && id != reference)) {
    return std::nullopt;
  }
  const auto amount = core::Money::parse(*text, ariary());
  if (!amount || amount->is_zero()) return std::nullopt;
  const std::string date =
      first_of(word(member(body, "creationDate")),
               first_of(word(member(body, "createDate")), word(member(body, "requestDate"))));
  const base::Time made_at = read_moment(date, base::Duration{0}).value_or(now);
  return Paid{.provider_ref = reference,
              .amount = *amount,
              .receiver = mvola_number(value_of(member(body, "creditParty"), "msisdn")),
              .payer = mvola_number(value_of(member(body, "debitParty"), "msisdn")),
              .paid_at = within(made_at, session.created_at, now),
              .raw = body.dump()};
}

}  // namespace quittance::providers
