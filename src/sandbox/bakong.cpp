// The Bakong Open API as clients meet it (docs/providers/bakong.md). Where no source says what the
// real service does, the comment says "ours".
#include <algorithm>
#include <array>

#include "sandbox/desk.hpp"
#include "sandbox/token.hpp"

namespace quittance::sandbox {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using base::Json;

constexpr std::string_view kNotFoundText =
    "Transaction could not be found. Please check and try again.";
constexpr std::string_view kFailedText = "Transaction failed.";
constexpr std::size_t kTextLimit = 255;  ///< of md5 and other keys
constexpr std::size_t kEmailLimit = 30;

HttpResponse success(std::string_view message, Json data) {
  return json_response(200, Json::object({{"responseCode", 0},
                                          {"responseMessage", message},
                                          {"errorCode", nullptr},
                                          {"data", std::move(data)}}));
}

/// A business failure travels with HTTP 200.
HttpResponse failure(int error_code, std::string_view message, int status = 200) {
  return json_response(status, Json::object({{"responseCode", 1},
                                             {"responseMessage", message},
                                             {"errorCode", error_code},
                                             {"data", nullptr}}));
}

HttpResponse missing_field(std::string_view name) {
  return failure(5, "Missing or malformed field: " + std::string(name));
}

std::string_view success_text(Desk& desk) {
  constexpr std::string_view kLive = "Success";
  constexpr std::string_view kDocumented = "Getting transaction successfully.";
  switch (desk.faults.success_text) {
    case SuccessText::live:
      return kLive;
    case SuccessText::documented:
      return kDocumented;
    case SuccessText::varying:
      return desk.random.below(2) == 0 ? kLive : kDocumented;
  }
  return kLive;
}

Json date(const Faults& faults, base::Time moment) {
  std::string text = std::to_string(base::to_ms(moment) + faults.clock_skew_ms);
  switch (faults.date_style) {
    case DateStyle::integer:
      break;
    case DateStyle::floating:
      text += ".0";
      break;
  }
  return Json::Number{std::move(text)};
}

Json amount_number(const Faults& faults, Amount amount) {
  switch (faults.amount_style) {
    case WireAmount::shortest:
      break;
    case WireAmount::two_decimals:
      return Json::Number{amount_text(amount, AmountStyle::two_decimals)};
  }
  return Json::Number{amount_text(amount, AmountStyle::shortest)};
}

Json tracking_status(TransferStatus status) {
  switch (status) {
    case TransferStatus::succeeded:
    case TransferStatus::failed:
      return nullptr;
    case TransferStatus::refunded:
      return "REFUNDED_BY_RECEIVER";
  }
  return nullptr;
}

Json transaction(const Faults& faults, const Transfer& transfer) {
  return Json::object({
      {"hash", transfer.hash},
      {"fromAccountId", transfer.payer},
      {"toAccountId", transfer.receiver},
      {"currency", currency_code(transfer.amount.currency)},
      {"amount", amount_number(faults, transfer.amount)},
      {"description", transfer.description},
      {"createdDateMs", date(faults, transfer.created_at)},
      {"acknowledgedDateMs", date(faults, transfer.visible_at)},
      {"trackingStatus", tracking_status(transfer.status)},
      {"receiverBank", nullptr},
      {"receiverBankAccount", nullptr},
      {"instructionRef", transfer.instruction_ref},
      {"externalRef", transfer.external_ref},
  });
}

/// What a lookup found.
enum class Found { nothing, static_qr, failed, succeeded };

struct Lookup {
  Found found = Found::nothing;
  const Transfer* transfer = nullptr;
};

Lookup classified(const Transfer* transfer) {
  if (transfer == nullptr) return {};
  if (transfer->status == TransferStatus::failed) return {Found::failed, transfer};
  return {Found::succeeded, transfer};
}

/// A static QR cannot be asked for by md5, paid or not.
Lookup look_up_md5(const Desk& desk, std::string_view md5) {
  const Transfer* transfer = desk.bank.by_md5(md5, desk.clock.now());
  const KnownQr* known = desk.bank.known_qr(md5);
  if ((transfer != nullptr && transfer->static_qr) || (known != nullptr && known->static_qr)) {
    return {Found::static_qr, nullptr};
  }
  return classified(transfer);
}

HttpResponse single(Desk& desk, const Lookup& lookup) {
  switch (lookup.found) {
    case Found::nothing:
      return failure(1, kNotFoundText);
    case Found::static_qr:
      return failure(2, "A static QR cannot be checked by md5.");
    case Found::failed:
      return failure(3, kFailedText);
    case Found::succeeded:
      return success(success_text(desk), transaction(desk.faults, *lookup.transfer));
  }
  return failure(1, kNotFoundText);
}

Json list_item(Desk& desk, std::string_view key_name, std::string_view key, const Lookup& lookup) {
  Json item = Json::object({{key_name.data(), key}});
  const auto say = [&item](std::string_view status, std::string_view message) {
    item.set("status", status);
    item.set("message", message);
  };
  switch (lookup.found) {
    case Found::nothing:
      say("NOT_FOUND", kNotFoundText);
      break;
    case Found::static_qr:
      say("STATIC_QR", "A static QR cannot be checked by md5.");
      break;
    case Found::failed:
      say("FAILED", kFailedText);
      break;
    case Found::succeeded:
      say("SUCCESS", success_text(desk));
      break;
  }
  Json data;
  if (lookup.found == Found::succeeded) data = transaction(desk.faults, *lookup.transfer);
  switch (desk.faults.list_wrapper) {
    case ListWrapper::data:
      item.set("data", std::move(data));
      break;
    case ListWrapper::transaction:
      item.set("transaction", std::move(data));
      break;
    case ListWrapper::bare:
      for (const auto& [name, value] : data.object())
        item.set(name, value);
      break;
  }
  return item;
}

HttpResponse list(Desk& desk, const Json& body, std::string_view key_name) {
  // A bare array of 1 to 50 texts; the refusal of more is documented, its words are ours.
  if (!body.is_array() || body.array().empty() || body.array().size() > kListLimit) {
    return failure(5, "Send an array of 1 to 50 texts.", 400);
  }
  Json items(Json::Array{});
  for (const Json& element : body.array()) {
    const auto key = element.string();
    if (!key || key->empty() || key->size() > kTextLimit) {
      return failure(5, "Send an array of 1 to 50 texts.", 400);
    }
    const Lookup lookup = key_name == "md5" ? look_up_md5(desk, *key)
                                            : classified(desk.bank.by_hash(*key, desk.clock.now()));
    items.push(list_item(desk, key_name, *key, lookup));
  }
  return success(success_text(desk), std::move(items));
}

/// The text member `name`, 1 to 255 bytes.
std::optional<std::string> key_text(const Json& body, std::string_view name) {
  auto text = body[name].string();
  if (!text || text->empty() || text->size() > kTextLimit) return std::nullopt;
  return text;
}

HttpResponse by_md5(Desk& desk, const Json& body) {
  const auto md5 = key_text(body, "md5");
  if (!md5) return missing_field("md5");
  return single(desk, look_up_md5(desk, *md5));
}

HttpResponse by_hash(Desk& desk, const Json& body) {
  const auto hash = key_text(body, "hash");
  if (!hash) return missing_field("hash");
  return single(desk, classified(desk.bank.by_hash(*hash, desk.clock.now())));
}

HttpResponse by_short_hash(Desk& desk, const Json& body) {
  const auto hash = key_text(body, "hash");
  if (!hash || hash->size() != 8) return missing_field("hash");
  const auto currency = currency_from_code(body["currency"].text_or_empty());
  if (!currency) return missing_field("currency");
  const auto amount = parse_amount(body["amount"].number_text().value_or(""), *currency);
  if (!amount) return missing_field("amount");
  return single(desk, classified(desk.bank.by_short_hash(*hash, *amount, desk.clock.now())));
}

HttpResponse by_instruction_ref(Desk& desk, const Json& body) {
  const auto ref = key_text(body, "instructionRef");
  if (!ref) return missing_field("instructionRef");
  return single(desk, classified(desk.bank.by_instruction_ref(*ref, desk.clock.now())));
}

HttpResponse by_external_ref(Desk& desk, const Json& body) {
  const auto ref = key_text(body, "externalRef");
  if (!ref) return missing_field("externalRef");
  return single(desk, classified(desk.bank.by_external_ref(*ref, desk.clock.now())));
}

HttpResponse by_md5_list(Desk& desk, const Json& body) { return list(desk, body, "md5"); }
HttpResponse by_hash_list(Desk& desk, const Json& body) { return list(desk, body, "hash"); }

HttpResponse renew_token(Desk& desk, const Json& body) {
  const auto email = key_text(body, "email");
  if (!email || email->size() > kEmailLimit) return missing_field("email");
  if (*email != desk.options.registered_email) return failure(10, "Not registered yet");
  return success("Token has been issued",
                 Json::object({{"token", token_at(desk, kTokenLifetimeS)}}));
}

HttpResponse check_account(Desk& desk, const Json& body) {
  const auto account = key_text(body, "accountId");
  if (!account) return missing_field("accountId");
  if (!is_account_id(*account)) return failure(12, "Account ID is invalid");
  if (!desk.bank.account_exists(*account)) return failure(11, "Account ID not found");
  return success("Account ID exists", nullptr);
}

bool is_web_link(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

HttpResponse deep_link(Desk& desk, const Json& body, const std::string& origin) {
  const auto qr = body["qr"].string();
  if (!qr || qr->empty()) return missing_field("qr");
  KnownQr known;
  if (body.has("sourceInfo") && !body["sourceInfo"].is_null()) {
    const Json& source = body["sourceInfo"];
    const auto name = key_text(source, "appName");
    const auto icon = key_text(source, "appIconUrl");
    const auto callback = key_text(source, "appDeepLinkCallback");
    if (!name || !icon || !callback) return missing_field("sourceInfo");
    known.app_name = *name;
    if (is_web_link(*callback)) known.callback_url = *callback;
  }
  const auto payable = read_payable(*qr);
  // That a bad QR is errorCode 4 is ours.
  if (!payable) return failure(4, "No deep link for this QR: " + payable.error().message);
  known.md5 = payable->md5;
  known.qr = payable->qr;
  known.static_qr = !payable->dynamic;
  if (const auto kept = remember_at(desk, std::move(known)); !kept) {
    return failure(9, kept.error().message);
  }
  return success(success_text(desk),
                 Json::object({{"shortLink", origin + "/pay?qr=" + payable->md5}}));
}

/// One operation of the API.
struct Operation {
  std::string_view path;
  bool needs_token;
  HttpResponse (*answer)(Desk&, const Json& body);  ///< null: deep_link, which needs the origin
};

constexpr std::array<Operation, 10> kOperations{{
    {"/v1/renew_token", false, renew_token},
    {"/v1/check_transaction_by_md5", true, by_md5},
    {"/v1/check_transaction_by_hash", true, by_hash},
    {"/v1/check_transaction_by_short_hash", true, by_short_hash},
    {"/v1/check_transaction_by_instruction_ref", true, by_instruction_ref},
    {"/v1/check_transaction_by_external_ref", true, by_external_ref},
    {"/v1/check_transaction_by_md5_list", true, by_md5_list},
    {"/v1/check_transaction_by_hash_list", true, by_hash_list},
    {"/v1/generate_deeplink_by_qr", false, nullptr},
    {"/v1/check_bakong_account", false, check_account},  // documented with, works without
}};

const Operation* operation_at(std::string_view path) {
  const auto found = std::ranges::find(kOperations, path, &Operation::path);
  return found == kOperations.end() ? nullptr : found;
}

bool has_good_token(const Desk& desk, const HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto header = request.headers.find("Authorization");
  if (desk.faults.unauthorized || !header || !header->starts_with(kScheme)) return false;
  const std::int64_t now_s = base::to_ms(desk.clock.now()) / 1000;
  const std::string_view token = header->substr(kScheme.size());
  return read_token(desk.options.token_key, token, now_s) == TokenState::good;
}

}  // namespace

bool is_bakong_path(std::string_view path) { return operation_at(path) != nullptr; }

HttpResponse answer_bakong(Desk& desk, const HttpRequest& request) {
  const Operation* operation = operation_at(request.path);
  if (operation == nullptr) return failure(1, "There is no such operation.", 404);
  if (request.method != "POST") {
    HttpResponse response = failure(1, "Use POST.", 405);
    response.headers.add("Allow", "POST");
    return response;
  }
  if (operation->needs_token && !has_good_token(desk, request)) {
    return failure(6, "Unauthorized, not yet requested for token or code invalid", 401);
  }
  const auto body = Json::parse(request.body);
  if (!body) return failure(5, "The body is no JSON.", 400);
  if (operation->answer != nullptr) return operation->answer(desk, *body);
  return deep_link(desk, *body, origin_of(desk, request));
}

}  // namespace quittance::sandbox
