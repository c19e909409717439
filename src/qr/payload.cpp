#include "qr/payload.hpp"

#include <algorithm>

#include "qr/decimal.hpp"
#include "qr/link.hpp"
#include "qr/unicode.hpp"

namespace quittance::qr {
namespace {

constexpr std::string_view kPassPath = "/app/qr-verification";

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

void add_error(Payload& payload, std::string_view code, std::string_view message) {
  payload.errors.push_back({std::string(code), std::string(message)});
}

void add_error(Payload& payload, KhqrErrorCode code) {
  const KhqrErrorRow& row = khqr_error_row(code);
  payload.errors.push_back({std::string(row.name), std::string(row.message), code});
}

std::string_view emv_message(EmvFault fault) {
  switch (fault) {
    case EmvFault::invalid_utf8:
      return "The text is not valid UTF-8.";
    case EmvFault::too_long:
      return "The text is longer than any payment code.";
    case EmvFault::no_format_indicator:
      return "The code does not begin with object 00.";
    case EmvFault::wrong_format:
      return "The code has a format other than 01.";
    case EmvFault::bad_header:
      return "An object has no two-digit id and length.";
    case EmvFault::cut_off:
    case EmvFault::crc_missing:
      return "The code is incomplete: scan or paste the whole code.";
    case EmvFault::split_character:
      return "A length ends inside a character.";
    case EmvFault::duplicate_id:
      return "An object appears twice.";
    case EmvFault::empty_value:
      return "An object is empty.";
    case EmvFault::broken_template:
      return "A template holds no sound objects.";
    case EmvFault::crc_malformed:
      return "The check sum is not four hexadecimal digits.";
    case EmvFault::crc_not_last:
      return "Something follows the check sum.";
    case EmvFault::crc_mismatch:
      return "The check sum is wrong: scan or paste the code again.";
    case EmvFault::value_too_long:
      return "A value is too long.";
    case EmvFault::too_deep:
      return "The templates are nested too deeply.";
  }
  return "The code cannot be read.";
}

base::Json nested_fields(std::span<const DataObject> objects) {
  base::Json fields{base::Json::Object{}};
  for (const DataObject& object : objects) {
    fields.set(object.id,
               object.children.empty() ? base::Json(object.value) : nested_fields(object.children));
  }
  return fields;
}

base::Json named_fields(const KhqrData& data) {
  base::Json fields{base::Json::Object{}};
  for (const KhqrField& field : khqr_fields()) {
    const auto& value = data.*field.member;
    if (value) fields.set(field.key, *value);
  }
  return fields;
}

/// Faults that concern when a code may be paid, not what it says.
bool is_time_fault(KhqrErrorCode code) {
  return code == KhqrErrorCode::expiration_required || code == KhqrErrorCode::expired ||
         code == KhqrErrorCode::expiration_length || code == KhqrErrorCode::expiration_in_past;
}

/// Fills in what sound objects say; true when nothing but time speaks against a KHQR.
bool read_khqr_objects(Payload& payload, std::span<const DataObject> objects) {
  payload.khqr = khqr_data(objects);
  payload.fields = named_fields(*payload.khqr);
  const auto created = khqr_time(payload.khqr->created_at_ms).value_or(base::Time{});
  const auto faults = khqr_faults(objects, created);
  for (const KhqrErrorCode code : faults)
    add_error(payload, code);
  return std::ranges::all_of(faults, is_time_fault);
}

/// The least that says who is paid what in which country. The standard demands more, but codes
/// without category, name and city are in daily use.
bool read_emv_objects(Payload& payload, std::span<const DataObject> objects) {
  payload.scheme = find_scheme(objects);
  payload.fields = nested_fields(objects);
  const auto is_account = [](const DataObject& one) { return one.id >= "02" && one.id <= "51"; };
  if (std::ranges::none_of(objects, is_account)) {
    add_error(payload, "account_missing", "The code names no account to pay to.");
  }
  if (find_object(objects, "53") == nullptr) {
    add_error(payload, "currency_missing", "The code names no currency.");
  }
  if (find_object(objects, "58") == nullptr) {
    add_error(payload, "country_missing", "The code names no country.");
  }
  return payload.errors.empty();
}

void read_emv_payload(Payload& payload) {
  auto decoded = decode_emv(payload.text, EmvMode::lenient);
  const auto& objects = decoded ? *decoded : decoded.error().read;
  payload.format = is_khqr(objects) ? PayloadFormat::khqr : PayloadFormat::emv;
  if (decoded) {
    payload.valid = payload.format == PayloadFormat::khqr ? read_khqr_objects(payload, objects)
                                                          : read_emv_objects(payload, objects);
    return;
  }
  const EmvFault fault = decoded.error().fault;
  if (fault == EmvFault::cut_off || fault == EmvFault::crc_missing) {
    // S0.49 prints such a text as "Bakong format"; it is cut off and has a Vietnamese id (C9).
    const bool bakong = is_khqr(objects) || payload.text.contains("KHQR");
    add_error(
        payload, "incomplete",
        bakong ? "Bakong format, incomplete: scan or paste the whole code." : emv_message(fault));
  } else {
    add_error(payload, emv_fault_name(fault), emv_message(fault));
  }
  if (payload.format == PayloadFormat::khqr) {
    payload.errors.back().khqr = KhqrErrorCode::khqr_invalid;
  }
  // With a wrong check sum the structure is sound and worth showing; after any other fault the
  // objects before it cannot be trusted either (a wrong length swallows its neighbour).
  if (fault != EmvFault::crc_mismatch) return;
  if (payload.format == PayloadFormat::khqr) {
    read_khqr_objects(payload, objects);
  } else {
    read_emv_objects(payload, objects);
  }
}

void read_recovery_payload(Payload& payload) {
  auto code = parse_recovery_code(payload.text);
  if (code) {
    payload.fields.set("order_id", std::to_string(code->order_id));
    payload.fields.set("transaction_id", code->transaction_id);
    payload.fields.set("amount", code->amount);
    payload.recovery = std::move(*code);
    payload.valid = true;
    return;
  }
  if (const auto id = recovery_order_id(payload.text); id > 0) {
    payload.fields.set("order_id", std::to_string(id));
    add_error(payload, "incomplete", "The recovery code is incomplete or damaged: copy all of it.");
  } else {
    add_error(payload, "bad_recovery_code", code.error().message);
  }
}

bool is_upi_amount(const std::string& text) {
  return parse_decimal(text).has_value() &&
         text.find_first_not_of("0123456789.") == std::string::npos;
}

void check_upi(Payload& payload) {
  const auto& fields = payload.fields;
  if (!fields["pa"].text_or_empty().contains('@')) {
    add_error(payload, "payee_missing", "The link names no payee address.");
  }
  for (const std::string_view name : {"am", "mam"}) {
    if (fields.has(name) && !is_upi_amount(fields[name].text_or_empty())) {
      add_error(payload, "amount_invalid", "The amount of the link is no number of rupees.");
    }
  }
  if (fields.has("cu") && fields["cu"].text_or_empty() != "INR") {
    add_error(payload, "currency_unsupported", "The link is not in Indian rupees.");
  }
}

/// The part behind `?`, up to a fragment.
std::string_view query_of(std::string_view text) {
  const std::string_view link = text.substr(0, text.find('#'));
  const std::size_t mark = link.find('?');
  return mark == std::string_view::npos ? std::string_view{} : link.substr(mark + 1);
}

void read_upi_payload(Payload& payload) {
  payload.format = PayloadFormat::upi;
  if (!starts_with_ignoring_case(payload.text, "upi://pay?")) {
    add_error(payload, "unsupported_link", "Only links that begin with upi://pay are read.");
    return;
  }
  const auto parameters = read_parameters(query_of(payload.text));
  if (!parameters) {
    add_error(payload, link_fault_name(parameters.error()), "The link is damaged.");
    return;
  }
  for (const auto& [name, value] : *parameters)
    payload.fields.set(name, value);
  check_upi(payload);
  payload.valid = payload.errors.empty();
}

bool has_space_or_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; });
}

/// The path of a URL or of a link that begins with a slash.
std::string_view path_of(std::string_view text) {
  text = text.substr(0, text.find_first_of("?#"));
  const std::size_t host = text.find("://");
  if (host == std::string_view::npos) return text;
  const std::size_t path = text.find('/', host + 3);
  return path == std::string_view::npos ? std::string_view{} : text.substr(path);
}

void read_url_payload(Payload& payload) {
  payload.format = PayloadFormat::url;
  const std::string_view text = payload.text;
  const std::size_t scheme = text.find("://");
  const bool no_host =
      scheme != std::string_view::npos && text.find_first_of("/?#", scheme + 3) == scheme + 3;
  if (no_host || (scheme != std::string_view::npos && text.size() == scheme + 3) ||
      has_space_or_control(text)) {
    add_error(payload, "bad_url", "The web address is damaged.");
    return;
  }
  payload.fields.set("url", payload.text);
  std::string_view path = path_of(text);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path == kPassPath) {
    const auto parameters = read_parameters(query_of(text));
    const auto is_code = [](const auto& one) { return one.first == "code" && !one.second.empty(); };
    if (!parameters || std::ranges::none_of(*parameters, is_code)) {
      add_error(payload, "code_missing", "The address has no code to verify.");
      return;
    }
    payload.fields.set("code", std::ranges::find_if(*parameters, is_code)->second);
  }
  payload.valid = true;
}

bool is_url(std::string_view text) {
  return starts_with_ignoring_case(text, "http://") ||
         starts_with_ignoring_case(text, "https://") ||
         (text.starts_with(kPassPath) && path_of(text).size() <= kPassPath.size() + 1);
}

}  // namespace

std::string_view payload_format_name(PayloadFormat format) {
  switch (format) {
    case PayloadFormat::khqr:
      return "khqr";
    case PayloadFormat::emv:
      return "emv";
    case PayloadFormat::recovery:
      return "recovery";
    case PayloadFormat::order:
      return "order";
    case PayloadFormat::upi:
      return "upi";
    case PayloadFormat::url:
      return "url";
    case PayloadFormat::unknown:
      return "unknown";
  }
  return "unknown";
}

Payload read_payload(std::string_view text) {
  Payload payload;
  const std::string_view inner = trim(text);
  if (inner.size() > kMaxPayloadBytes) {
    add_error(payload, "too_long", emv_message(EmvFault::too_long));
    return payload;
  }
  if (!is_utf8(inner)) {
    add_error(payload, "invalid_utf8", emv_message(EmvFault::invalid_utf8));
    return payload;
  }
  payload.text = inner;
  if (inner.starts_with("0002")) {
    read_emv_payload(payload);
  } else if (inner.starts_with("KHQR:")) {
    payload.format = PayloadFormat::recovery;
    read_recovery_payload(payload);
  } else if (inner.starts_with("ORDER_")) {
    payload.format = PayloadFormat::order;
    read_recovery_payload(payload);
  } else if (starts_with_ignoring_case(inner, "upi://")) {
    read_upi_payload(payload);
  } else if (is_url(inner)) {
    read_url_payload(payload);
  } else {
    add_error(payload, "unknown_format", "This is no payment code, recovery code or link.");
  }
  return payload;
}

}  // namespace quittance::qr
