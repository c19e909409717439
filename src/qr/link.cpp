#include "qr/link.hpp"

#include <algorithm>
#include <optional>

#include "qr/unicode.hpp"

namespace quittance::qr {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

std::expected<std::string, LinkFault> unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::unexpected(LinkFault::bad_escape);
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::unexpected(LinkFault::bad_escape);
    plain += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  if (!is_utf8(plain)) return std::unexpected(LinkFault::invalid_utf8);
  return plain;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string_view link_fault_name(LinkFault fault) {
  switch (fault) {
    case LinkFault::bad_escape:
      return "bad_escape";
    case LinkFault::invalid_utf8:
      return "invalid_utf8";
    case LinkFault::duplicate_parameter:
      return "duplicate_parameter";
    case LinkFault::too_many_parameters:
      return "too_many_parameters";
  }
  return "unknown";
}

std::expected<LinkParameters, LinkFault> read_parameters(std::string_view query) {
  LinkParameters parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = unescape(pair.substr(0, equals));
    if (!name) return std::unexpected(name.error());
    auto value = unescape(pair.substr(std::min(equals + 1, pair.size())));
    if (!value) return std::unexpected(value.error());
    if (std::ranges::any_of(parameters, [&](const auto& one) { return one.first == *name; })) {
      return std::unexpected(LinkFault::duplicate_parameter);
    }
    if (parameters.size() == kMaxLinkParameters) {
      return std::unexpected(LinkFault::too_many_parameters);
    }
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::ranges::equal(text.substr(0, prefix.size()), prefix,
                            [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace quittance::qr
