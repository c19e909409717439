#include "qr/command.hpp"

#include <array>
#include <istream>
#include <optional>
#include <ostream>

#include "base/base.hpp"
#include "qr/decimal.hpp"
#include "qr/khqr.hpp"
#include "qr/payload.hpp"

namespace quittance::qr {
namespace {

using base::Json;

/// An input key and where it goes.
struct InputKey {
  std::string_view key;
  std::string KhqrInput::* member;
};
constexpr std::array kInputKeys{
    InputKey{"account", &KhqrInput::account},
    InputKey{"name", &KhqrInput::name},
    InputKey{"city", &KhqrInput::city},
    InputKey{"accountInformation", &KhqrInput::account_information},
    InputKey{"merchantID", &KhqrInput::merchant_id},
    InputKey{"acquiringBank", &KhqrInput::acquiring_bank},
    InputKey{"amount", &KhqrInput::amount},
    InputKey{"billNumber", &KhqrInput::bill_number},
    InputKey{"mobileNumber", &KhqrInput::mobile_number},
    InputKey{"storeLabel", &KhqrInput::store_label},
    InputKey{"terminalLabel", &KhqrInput::terminal_label},
    InputKey{"purposeOfTransaction", &KhqrInput::purpose},
    InputKey{"languagePreference", &KhqrInput::language},
    InputKey{"merchantNameAlternateLanguage", &KhqrInput::alternate_name},
    InputKey{"merchantCityAlternateLanguage", &KhqrInput::alternate_city},
    InputKey{"upiMerchantAccount", &KhqrInput::union_pay},
    InputKey{"merchantCategoryCode", &KhqrInput::category},
};

/// Why a line gives no input.
struct LineError {
  KhqrErrorCode code;
  std::string message;
};

LineError unusable(std::string message) {
  return {KhqrErrorCode::khqr_invalid, std::move(message)};
}

/// A JSON value as the text that JavaScript would make of it; nothing for an array, an object
/// or true. A number too large for that stays as written, and is refused later as an amount.
std::optional<std::string> text_of(const Json& value) {
  if (value.is_null() || value.boolean() == false) return std::string();
  if (const auto text = value.string()) return text;
  const auto written = value.number_text();
  if (!written) return std::nullopt;
  const auto number = parse_decimal(*written);
  if (number && number->digits.empty()) return std::string();
  return (number ? plain_text(*number) : std::nullopt).value_or(*written);
}

/// The SDK measures only a text, so a long number is unsupported (28) and not too long (19).
std::string currency_of(const Json& value, const std::string& text) {
  if (text.empty()) return KhqrInput{}.currency;
  return value.is_number() && text.size() > kMaxKhqrCurrency ? "0" : text;
}

/// What is no number is as good as absent; what is no whole number of milliseconds becomes one
/// of the wrong length, because that is what it is to the SDK.
std::optional<std::int64_t> expiration_of(const std::string& text) {
  const auto number = parse_decimal(text);
  if (!number) return std::nullopt;
  return whole_number(*number).value_or(1);
}

std::expected<KhqrInput, LineError> read_input(const Json& line) {
  KhqrInput input;
  const std::string kind = line["kind"].text_or_empty();
  if (kind != "individual" && kind != "merchant") {
    return std::unexpected(unusable("kind must be \"individual\" or \"merchant\"."));
  }
  input.kind = kind == "merchant" ? KhqrKind::merchant : KhqrKind::individual;
  for (const InputKey& key : kInputKeys) {
    auto text = text_of(line[key.key]);
    if (!text) return std::unexpected(unusable(std::string(key.key) + " must be a text."));
    input.*key.member = std::move(*text);
  }
  const auto currency = text_of(line["currency"]);
  if (!currency) return std::unexpected(unusable("currency must be 116 or 840."));
  input.currency = currency_of(line["currency"], *currency);
  const auto expires = text_of(line["expirationTimestamp"]);
  if (!expires) return std::unexpected(unusable("expirationTimestamp must be a number."));
  input.expires_at_ms = expiration_of(*expires);
  return input;
}

Json error_line(KhqrErrorCode code, std::string_view message) {
  return Json::object({{"error_code", static_cast<int>(code)}, {"message", message}});
}

Json encode_line(const std::string& text) {
  const auto line = Json::parse(text);
  if (!line || !line->is_object()) {
    return error_line(KhqrErrorCode::khqr_invalid, "The line is not one JSON object.");
  }
  const auto input = read_input(*line);
  if (!input) return error_line(input.error().code, input.error().message);
  const auto now_ms = (*line)["now_ms"].integer();
  if (!now_ms && input->expires_at_ms) {
    return error_line(KhqrErrorCode::khqr_invalid,
                      "now_ms must say when the code is made, in milliseconds.");
  }
  const auto khqr = encode_khqr(*input, base::from_ms(now_ms.value_or(0)));
  if (!khqr) return error_line(khqr.error(), khqr_error_row(khqr.error()).message);
  return Json::object({{"qr", khqr->text}, {"md5", khqr->md5}});
}

Json decode_line(const std::string& text) {
  const Payload payload = read_payload(text);
  Json errors{Json::Array{}};
  for (const PayloadError& error : payload.errors) {
    Json one = Json::object({{"code", error.code}, {"message", error.message}});
    if (error.khqr) one.set("error_code", static_cast<int>(*error.khqr));
    errors.push(std::move(one));
  }
  Json answer = Json::object({{"format", payload_format_name(payload.format)},
                              {"fields", payload.fields},
                              {"valid", payload.valid},
                              {"errors", std::move(errors)}});
  if (payload.scheme != Scheme::unknown) answer.set("scheme", scheme_name(payload.scheme));
  return answer;
}

/// Reads up to the next line feed. Beyond the limit the line is swallowed but not kept: what is
/// kept is one byte too long, so that its reader refuses it. False at the end of the stream.
bool read_line(std::istream& in, std::string& line) {
  line.clear();
  std::streambuf& bytes = *in.rdbuf();
  for (int c = bytes.sbumpc(); c != std::char_traits<char>::eof(); c = bytes.sbumpc()) {
    if (c == '\n') return true;
    if (line.size() <= kMaxCommandLineBytes) line += static_cast<char>(c);
  }
  return !line.empty();
}

}  // namespace

int run_qr_command(std::span<const std::string> args, std::istream& in, std::ostream& out,
                   std::ostream& err) {
  const bool encode = args.size() == 1 && args[0] == "encode";
  const bool decode = args.size() == 1 && args[0] == "decode";
  if (!encode && !decode) {
    err << "usage: quittance qr encode | decode   (one line in, one JSON line out)\n";
    return 2;
  }
  std::string line;
  while (read_line(in, line)) {
    Json answer;
    if (line.ends_with('\r')) line.pop_back();
    if (encode && line.size() > kMaxCommandLineBytes) {
      answer = error_line(KhqrErrorCode::khqr_invalid, "The line is too long.");
    } else {
      answer = encode ? encode_line(line) : decode_line(line);
    }
    out << answer.dump() << '\n';
    // A person or a program that waits for each answer gets it; a long pipe is not slowed down.
    if (in.rdbuf()->in_avail() <= 0) out.flush();
  }
  out.flush();
  return 0;
}

}  // namespace quittance::qr
