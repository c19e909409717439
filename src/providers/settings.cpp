#include "providers/settings.hpp"

#include <charconv>

namespace quittance::providers {

using base::Result;

std::unexpected<base::Error> wrong(const std::string& name, const std::string& what) {
  return base::fail(base::ErrorCode::invalid_request, name + " " + what, name);
}

void Settings::set_if_missing(const std::string& name, std::string value) {
  if (!find(name)) set(name, std::move(value));
}

std::optional<std::string> Settings::find(const std::string& name) const {
  const auto over = over_.find(name);
  std::optional<std::string> value;
  if (over != over_.end()) {
    value = over->second;
  } else if (lookup_) {
    value = lookup_(name);
  }
  if (value && value->empty()) value.reset();
  return value;
}

void Settings::read_text(const std::string& name, std::string& into) const {
  if (auto value = find(name)) into = std::move(*value);
}

void Settings::read_secret(const std::string& name, base::Secret& into) const {
  if (auto value = find(name)) into = base::Secret(std::move(*value));
}

std::vector<std::string> Settings::read_texts(const std::string& name) const {
  std::vector<std::string> texts;
  const std::string all = find(name).value_or("");
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

std::vector<base::Secret> Settings::read_secrets(const std::string& name) const {
  std::vector<base::Secret> secrets;
  for (std::string& text : read_texts(name))
    secrets.emplace_back(std::move(text));
  return secrets;
}

Result<std::int64_t> Settings::read_number(const std::string& name, std::int64_t fallback,
                                           std::int64_t least, std::int64_t most) const {
  const auto value = find(name);
  if (!value) return fallback;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc() || end != value->data() + value->size() || number < least ||
      number > most) {
    return wrong(name, "must be a whole number from " + std::to_string(least) + " to " +
                           std::to_string(most) + ".");
  }
  return number;
}

Result<base::Duration> Settings::read_ms(const std::string& name, base::Duration fallback) const {
  TRY(const std::int64_t ms, read_number(name, fallback.count(), 1, 45LL * 24 * 3600 * 1000));
  return base::Duration(ms);
}

Result<std::string> Settings::read_environment(const std::string& name,
                                               std::string fallback) const {
  std::string environment = find(name).value_or(std::move(fallback));
  if (environment != "sandbox" && environment != "live") {
    return wrong(name, "must be sandbox or live.");
  }
  return environment;
}

Result<CallBudget> Settings::read_budget(const std::string& name) const {
  CallBudget budget;
  TRY(budget.calls_per_second, read_number(name, budget.calls_per_second, 1, 1'000));
  budget.burst = budget.calls_per_second * 2;
  return budget;
}

}  // namespace quittance::providers
