#include "providers/stripe_wire.hpp"

#include <algorithm>
#include <charconv>

namespace quittance::providers::stripe {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using core::Currency;
using core::Money;

constexpr std::int64_t kAmountLimit = 99'999'999;
/// Riel and tugrik have two decimals there; ariary has none there either.
constexpr int kUsualDecimals = 2;

int wire_decimals(Currency currency) { return currency.code() == "MGA" ? 0 : kUsualDecimals; }

/// How many of Stripe's units make one of ours.
std::int64_t units(Currency currency) {
  std::int64_t factor = 1;
  for (int i = currency.exponent(); i < wire_decimals(currency); ++i)
    factor *= 10;
  return factor;
}

std::string with_case(std::string_view text, char from, char to, int shift) {
  std::string out(text);
  for (char& c : out) {
    if (c >= from && c <= to) c = static_cast<char>(c + shift);
  }
  return out;
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<base::Time> moment(const Json& seconds) {
  constexpr std::int64_t kLatest = 253'402'300'799;  // year 9999
  const auto value = seconds.integer();
  if (!value || *value <= 0 || *value > kLatest) return std::nullopt;
  return base::from_ms(*value * 1'000);
}

/// The object of a field that may hold an id or, expanded, the object itself.
const Json* expanded(const Json& field) { return field.is_object() ? &field : nullptr; }

std::string id_of(const Json& field) {
  if (const Json* object = expanded(field)) return (*object)["id"].text_or_empty();
  return field.text_or_empty();
}

std::string payer_of(const Json& charge) {
  const Json& billing = charge["billing_details"];
  const std::string email = billing["email"].text_or_empty();
  return email.empty() ? billing["name"].text_or_empty() : email;
}

}  // namespace

std::optional<WireAmount> to_wire(Money amount) {
  const std::int64_t factor = units(amount.currency());
  if (amount.minor() > kAmountLimit / factor) return std::nullopt;
  return WireAmount{.currency = with_case(amount.currency().code(), 'A', 'Z', 'a' - 'A'),
                    .minor = amount.minor() * factor};
}

std::optional<Money> from_wire(std::int64_t minor, std::string_view currency) {
  const auto ours = Currency::from_code(with_case(currency, 'a', 'z', 'A' - 'a'));
  if (!ours || minor < 0 || minor % units(*ours) != 0) return std::nullopt;
  const auto money = Money::from_minor(minor / units(*ours), *ours);
  return money ? std::optional(*money) : std::nullopt;
}

void Form::add(std::string_view name, std::string_view value) {
  if (!text_.empty()) text_ += '&';
  text_ += name;
  text_ += '=';
  text_ += base::url_encode(value);
}

bool verify_signature(std::string_view header, std::string_view body,
                      const std::vector<base::Secret>& secrets, base::Time now,
                      base::Duration tolerance) {
  constexpr std::size_t kHeaderLimit = 4'096;
  if (header.size() > kHeaderLimit) return false;
  std::optional<std::string_view> t;
  std::vector<std::string_view> candidates;
  while (!header.empty()) {
    const std::string_view part = header.substr(0, header.find(','));
    header.remove_prefix(std::min(part.size() + 1, header.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view scheme = part.substr(0, equals);
    if (scheme == "t") t = part.substr(equals + 1);
    if (scheme == "v1") candidates.push_back(part.substr(equals + 1));
  }
  const auto seconds = t ? whole(*t) : std::nullopt;
  constexpr std::int64_t kLatest = 253'402'300'799;
  if (!seconds || *seconds < 0 || *seconds > kLatest) return false;
  const base::Duration age = now - base::from_ms(*seconds * 1'000);
  bool signed_by_them = false;
  std::string message(*t);
  message += '.';
  message += body;
  for (const base::Secret& secret : secrets) {
    if (secret.empty()) continue;
    const std::string wanted = base::hmac_sha256_hex(secret, message);
    for (const std::string_view candidate : candidates)
      signed_by_them |= base::constant_time_equal(wanted, candidate);
  }
  return signed_by_them && age <= tolerance && age >= -tolerance;
}

std::optional<Intent> read_intent(const Json& json) {
  if (json["object"].string() != "payment_intent") return std::nullopt;
  const auto id = json["id"].string();
  const auto status = json["status"].string();
  const std::string currency = json["currency"].text_or_empty();
  const auto amount = from_wire(json["amount"].integer().value_or(-1), currency);
  const auto received = from_wire(json["amount_received"].integer().value_or(0), currency);
  const auto created = moment(json["created"]);
  if (!id || id->empty() || !status || !amount || !received || !created) return std::nullopt;
  Intent intent{.id = *id, .status = *status, .amount = *amount, .received = *received};
  intent.reference = json["metadata"][kSessionKey].text_or_empty();
  intent.payer = json["receipt_email"].text_or_empty();
  intent.created_at = *created;
  intent.failed_once = json["last_payment_error"].is_object();
  intent.live = json["livemode"].boolean().value_or(false);
  intent.raw = json.dump();
  if (const Json* charge = expanded(json["latest_charge"])) {
    intent.paid_at = moment((*charge)["created"]);
    intent.disputed = (*charge)["disputed"].boolean().value_or(false);
    intent.refunded = from_wire((*charge)["amount_refunded"].integer().value_or(0), currency);
    if (const std::string payer = payer_of(*charge); !payer.empty()) intent.payer = payer;
  }
  return intent;
}

std::optional<Intent> intent_of_event(const Json& event) {
  auto intent = read_intent(event["data"]["object"]);
  // It comes without its charge; that it succeeded was told when it did.
  if (intent && !intent->paid_at) intent->paid_at = moment(event["created"]);
  return intent;
}

Answer answer_of(const Intent& intent) {
  if (intent.status == "succeeded") {
    Paid paid{.provider_ref = intent.id,
              .amount = intent.received,
              .receiver = "",
              .payer = intent.payer,
              .paid_at = intent.paid_at.value_or(intent.created_at),
              .raw = intent.raw};
    if (intent.refunded && !intent.refunded->is_zero()) paid.refunded = intent.refunded;
    return paid;
  }
  if (intent.status == "canceled") return FinalNo{.reason = "the PaymentIntent is canceled"};
  // There is no failed status: an attempt that failed leaves requires_payment_method, and the next
  // one may succeed.
  static constexpr std::string_view kPending[] = {"requires_payment_method",
                                                  "requires_confirmation", "requires_action",
                                                  "processing", "requires_capture"};
  if (std::ranges::find(kPending, intent.status) != std::end(kPending)) return NotYet{};
  return Unknown{.reason = UnknownReason::unreadable};
}

ListedPayment listed(Intent intent) {
  const Money none = Money::zero(intent.amount.currency());
  ListedPayment payment{.payment_ref = intent.id,
                        .provider_ref = intent.id,
                        .merchant_reference = intent.reference,
                        .amount = intent.amount,
                        .refunded = intent.refunded.value_or(none),
                        .payer = intent.payer,
                        .created_at = intent.created_at};
  if (intent.status == "succeeded") {
    payment.amount = intent.received;
    payment.paid_at = intent.paid_at.value_or(intent.created_at);
    payment.state = PaymentState::paid;
    if (!payment.refunded.is_zero() && payment.refunded == payment.amount) {
      payment.state = PaymentState::refunded;
    }
  } else if (intent.status == "requires_capture") {
    payment.state = PaymentState::authorized;
  } else if (intent.status == "canceled") {
    payment.state = PaymentState::canceled;
  } else if (intent.status == "requires_payment_method" && intent.failed_once) {
    payment.state = PaymentState::failed;
  }
  payment.raw = std::move(intent.raw);
  return payment;
}

std::optional<ListedPayment> listed_charge(const Json& charge) {
  if (charge["object"].string() != "charge") return std::nullopt;
  const std::string intent = id_of(charge["payment_intent"]);
  const std::string currency = charge["currency"].text_or_empty();
  const auto amount = from_wire(charge["amount_captured"].integer().value_or(-1), currency);
  const auto refunded = from_wire(charge["amount_refunded"].integer().value_or(0), currency);
  const auto created = moment(charge["created"]);
  if (intent.empty() || !amount || !refunded || !created) return std::nullopt;
  const bool all = charge["refunded"].boolean().value_or(false);
  return ListedPayment{.payment_ref = intent,
                       .provider_ref = intent,
                       .merchant_reference = charge["metadata"][kSessionKey].text_or_empty(),
                       .state = all ? PaymentState::refunded : PaymentState::paid,
                       .amount = *amount,
                       .refunded = *refunded,
                       .payer = payer_of(charge),
                       .created_at = *created,
                       .paid_at = *created,
                       .raw = charge.dump()};
}

std::string disputed_intent(const Json& dispute) {
  if (dispute["object"].string() != "dispute") return {};
  return id_of(dispute["payment_intent"]);
}

Presentation presentation_of(const Intent& intent, const Json& json) {
  Presentation shown{.qr_data = "", .md5_hash = "", .receiver = "", .provider_ref = intent.id};
  shown.client_token = json["client_secret"].text_or_empty();
  const Json& action = json["next_action"];
  const Json& code = action[action["type"].text_or_empty()];
  if (!code.is_object()) return shown;
  // UPI wraps its picture once more and has no text of its own.
  const Json& picture = code["qr_code"].is_object() ? code["qr_code"] : code;
  const std::string page = code["hosted_instructions_url"].text_or_empty();
  shown.qr_data = code["data"].text_or_empty();
  // A page's address is a code too: the camera of a phone opens it.
  if (shown.qr_data.empty()) shown.qr_data = page;
  if (!shown.qr_data.empty()) shown.md5_hash = base::md5_hex(shown.qr_data);
  shown.picture = picture["image_url_png"].text_or_empty();
  if (!page.empty()) {
    shown.links.push_back({.name = "Stripe", .description = "", .logo = "", .link = page});
  }
  shown.expires_at = moment(picture["expires_at"]);
  if (!shown.expires_at) shown.expires_at = moment(code["expires_at"]);
  return shown;
}

Result<Notice> read_event(std::string_view body, bool live) {
  const auto bad = [](const char* why) {
    return fail(ErrorCode::invalid_request, "This is no event.", "", why);
  };
  const auto event = Json::parse(body);
  if (!event || !event->is_object()) return bad("no JSON object");
  const std::string id = (*event)["id"].text_or_empty();
  const std::string type = (*event)["type"].text_or_empty();
  if (id.empty() || id.size() > 255 || type.empty()) return bad("no id or type");
  if ((*event)["livemode"].boolean().value_or(false) != live) return bad("livemode of another");
  const Json& object = (*event)["data"]["object"];
  Notice notice{.notice_id = id, .kind = type};
  const std::string kind = object["object"].text_or_empty();
  if (kind == "payment_intent") notice.provider_ref = object["id"].text_or_empty();
  if (kind == "charge" || kind == "refund" || kind == "dispute") {
    notice.provider_ref = id_of(object["payment_intent"]);
  }
  notice.payment_ref = notice.provider_ref;
  notice.merchant_reference = object["metadata"][kSessionKey].text_or_empty();
  return notice;
}

}  // namespace quittance::providers::stripe
