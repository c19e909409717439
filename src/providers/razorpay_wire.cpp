#include "providers/razorpay_wire.hpp"

#include <algorithm>
#include <charconv>

namespace quittance::providers::razorpay {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using core::Currency;
using core::Money;

/// Theirs are paise and cents; a currency of ours with other decimals is never read as one.
constexpr int kWireDecimals = 2;

/// `close_by` is a text in one event and a number elsewhere.
std::optional<base::Time> moment(const Json& seconds) {
  constexpr std::int64_t kLatest = 253'402'300'799;  // year 9999
  std::int64_t value = seconds.integer().value_or(0);
  if (const auto text = seconds.string()) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  }
  if (value <= 0 || value > kLatest) return std::nullopt;
  return base::from_ms(value * 1'000);
}

std::optional<Money> money_of(const Json& minor, std::string_view code) {
  const auto currency = Currency::from_code(code);
  const auto value = minor.integer();
  if (!currency || currency->exponent() != kWireDecimals || !value) return std::nullopt;
  const auto money = Money::from_minor(*value, *currency);
  return money ? std::optional(*money) : std::nullopt;
}

std::optional<PaymentState> state_of(std::string_view status) {
  if (status == "created") return PaymentState::pending;
  if (status == "authorized") return PaymentState::authorized;
  if (status == "captured") return PaymentState::paid;
  if (status == "refunded") return PaymentState::refunded;
  if (status == "failed") return PaymentState::failed;
  return std::nullopt;
}

/// The virtual address of a UPI payer, else e-mail, else phone.
std::string payer_of(const Json& payment) {
  for (const char* name : {"vpa", "email", "contact"}) {
    if (const std::string text = payment[name].text_or_empty(); !text.empty()) return text;
  }
  return payment["upi"]["vpa"].text_or_empty();
}

/// What they write where the payer of a page gave no address.
constexpr std::string_view kNobodysEmail = "void@razorpay.com";
/// Longer answers are cut (law 9); a note of theirs has at most 256 characters.
constexpr std::size_t kAnswerLimit = 256;

/// Without the blanks around it, and fit to be kept.
std::string answer_text(std::string text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  return base::made_storable(text.substr(0, kAnswerLimit));
}

/// A payment is of an event when its notes hold an answer to one of the page's questions (S4.3,
/// S4.12 to S4.17). Notes that nobody filled in are `[]`.
std::optional<Registration> registration_of(const Json& payment) {
  const Json& notes = payment["notes"];
  const auto note = [&notes](std::string_view name) {
    const std::string number =
        notes.is_object() ? notes[name].number_text().value_or("") : std::string();
    return answer_text(number.empty() ? note_of(notes, name) : number);
  };
  Registration answers{.event_id = note("event_id"),
                       .name = note("name"),
                       .roll_number = note("roll_number"),
                       .college_name = note("college_name"),
                       .department = note("department"),
                       .year = note("year"),
                       .section = note("section"),
                       .phone = note("phone"),
                       .emergency_contact_number = note("emergency_contact_number"),
                       .email = note("email")};
  const bool filled_in = !(answers.name + answers.roll_number + answers.college_name +
                           answers.department + answers.phone + answers.emergency_contact_number)
                              .empty();
  if (!filled_in) return std::nullopt;
  if (answers.email.empty()) answers.email = answer_text(payment["email"].text_or_empty());
  if (answers.email == kNobodysEmail) answers.email.clear();
  if (answers.phone.empty()) answers.phone = answer_text(payment["contact"].text_or_empty());
  return answers;
}

}  // namespace

bool verify_signature(std::string_view signature, std::string_view body,
                      const std::vector<base::Secret>& secrets) {
  bool signed_by_them = false;
  for (const base::Secret& secret : secrets) {
    if (secret.empty()) continue;
    signed_by_them |= base::constant_time_equal(base::hmac_sha256_hex(secret, body), signature);
  }
  return signed_by_them;
}

std::string note_of(const Json& notes, std::string_view name) {
  return notes.is_object() ? notes[name].text_or_empty() : std::string();
}

std::optional<ListedPayment> read_payment(const Json& entity) {
  if (entity["entity"].string() != "payment") return std::nullopt;
  const std::string id = entity["id"].text_or_empty();
  const std::string code = entity["currency"].text_or_empty();
  const auto amount = money_of(entity["amount"], code);
  const auto state = state_of(entity["status"].text_or_empty());
  const auto created = moment(entity["created_at"]);
  if (id.empty() || !amount || !state || !created) return std::nullopt;
  ListedPayment payment{
      .payment_ref = id,
      .provider_ref = "",
      .merchant_reference = note_of(entity["notes"], kSessionNote),
      .state = *state,
      .amount = *amount,
      .refunded =
          money_of(entity["amount_refunded"], code).value_or(Money::zero(amount->currency())),
      .payer = payer_of(entity),
      .created_at = *created,
      .raw = entity.dump(),
      .registration = registration_of(entity)};
  if (*state == PaymentState::paid || *state == PaymentState::refunded) {
    payment.paid_at = *created;  // when it was captured is not told
  }
  return payment;
}

Answer answer_of(const std::vector<ListedPayment>& payments) {
  const ListedPayment* first = nullptr;
  for (const ListedPayment& payment : payments) {
    if (payment.paid_at && (first == nullptr || *payment.paid_at < *first->paid_at)) {
      first = &payment;
    }
  }
  // A payment that failed may still get through, and what is only authorized is not ours.
  if (first == nullptr) return NotYet{};
  Paid paid{.provider_ref = first->payment_ref,
            .amount = first->amount,
            .receiver = "",
            .payer = first->payer,
            .paid_at = *first->paid_at,
            .raw = first->raw};
  if (!first->refunded.is_zero()) paid.refunded = first->refunded;
  return paid;
}

std::optional<Presentation> read_code(const Json& entity) {
  const std::string id = entity["id"].text_or_empty();
  if (entity["entity"].string() != "qr_code" || id.empty()) return std::nullopt;
  Presentation shown{.qr_data = entity["image_content"].text_or_empty(),
                     .md5_hash = "",
                     .receiver = "",
                     .provider_ref = id};
  if (!shown.qr_data.empty()) {
    shown.md5_hash = base::md5_hex(shown.qr_data);
    shown.links.push_back({.name = "UPI", .description = "", .logo = "", .link = shown.qr_data});
  }
  shown.picture = entity["image_url"].text_or_empty();
  shown.expires_at = moment(entity["close_by"]);
  return shown;
}

Result<Notice> read_event(std::string_view body, std::string_view event_id) {
  constexpr std::size_t kIdLimit = 255;
  const auto event = Json::parse(body);
  const std::string kind = event ? (*event)["event"].text_or_empty() : std::string();
  if (kind.empty() || kind.size() > kIdLimit || event_id.size() > kIdLimit) {
    return fail(ErrorCode::invalid_request, "This is no event.");
  }
  const Json& payload = (*event)["payload"];
  const Json& payment = payload["payment"]["entity"];
  const Json& code = payload["qr_code"]["entity"];
  Notice notice{.notice_id = event_id.empty() ? base::sha256_hex(body) : std::string(event_id),
                .kind = kind,
                .provider_ref = code["id"].text_or_empty(),
                .payment_ref = payment["id"].text_or_empty(),
                .merchant_reference = note_of(code["notes"], kSessionNote)};
  if (notice.payment_ref.empty()) {
    notice.payment_ref = payload["refund"]["entity"]["payment_id"].text_or_empty();
  }
  if (notice.merchant_reference.empty()) {
    notice.merchant_reference = note_of(payment["notes"], kSessionNote);
  }
  return notice;
}

}  // namespace quittance::providers::razorpay
