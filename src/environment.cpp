#include "environment.hpp"

#include <charconv>
#include <cstdlib>

namespace quittance {

using base::ErrorCode;
using base::fail;
using base::Result;

std::unexpected<base::Error> wrong(const std::string& name, const std::string& what) {
  return base::fail(base::ErrorCode::invalid_request, name + " " + what, name);
}

std::optional<std::string> variable(const char* name) {
  const char* value = ::secure_getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

void read_text(const char* name, std::string& into) {
  if (const auto value = variable(name)) into = *value;
}

void read_secret(const char* name, base::Secret& into) {
  if (auto value = variable(name)) into = base::Secret(std::move(*value));
}

std::vector<std::string> read_texts(const char* name) {
  std::vector<std::string> texts;
  const std::string all = variable(name).value_or("");
  std::size_t start = 0;
  while (start < all.size()) {
    const std::size_t end = std::min(all.find(',', start), all.size());
    std::string text = all.substr(start, end - start);
    text.erase(0, text.find_first_not_of(' '));
    text.erase(text.find_last_not_of(' ') + 1);
    if (!text.empty()) texts.push_back(std::move(text));
    start = end + 1;
  }
  return texts;
}

Result<std::int64_t> read_number(const char* name, std::int64_t fallback, std::int64_t least,
                                 std::int64_t most) {
  const auto value = variable(name);
  if (!value) return fallback;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc() || end != value->data() + value->size() || number < least ||
      number > most) {
    return fail(ErrorCode::invalid_request,
                std::string(name) + " must be a whole number from " + std::to_string(least) +
                    " to " + std::to_string(most) + ".",
                name);
  }
  return number;
}

Result<base::Duration> read_ms(const char* name, base::Duration fallback) {
  TRY(const std::int64_t ms, read_number(name, fallback.count(), 1, 45LL * 24 * 3600 * 1000));
  return base::Duration(ms);
}

Result<std::string> read_environment(const char* name, std::string fallback) {
  std::string environment = variable(name).value_or(std::move(fallback));
  if (environment != "sandbox" && environment != "live") {
    return fail(ErrorCode::invalid_request, std::string(name) + " must be sandbox or live.", name);
  }
  return environment;
}

}  // namespace quittance
