// Settings by name, as text. An error names the variable, and says what it must be.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/base.hpp"

namespace quittance::providers {

/// How many calls one account may get, of all our questions together. No provider of ours publishes
/// a number (they document 429 only), so the defaults are gentle and each is a setting.
struct CallBudget {
  std::int64_t calls_per_second = 5;
  std::int64_t burst = 10;
};

/// An error about a variable: its name, and what it must be.
std::unexpected<base::Error> wrong(const std::string& name, const std::string& what);

/// What a person has set, and what is laid over it.
class Settings {
 public:
  using Lookup = std::function<std::optional<std::string>(const std::string& name)>;
  explicit Settings(Lookup lookup) : lookup_(std::move(lookup)) {}

  /// From now on this one holds, whatever was set; empty: as if it were not set.
  void set(const std::string& name, std::string value) { over_[name] = std::move(value); }
  /// Only where nothing is set.
  void set_if_missing(const std::string& name, std::string value);

  /// nullopt when it is not set, or empty.
  std::optional<std::string> find(const std::string& name) const;
  /// Leaves `into` as it is when nothing is set.
  void read_text(const std::string& name, std::string& into) const;
  void read_secret(const std::string& name, base::Secret& into) const;
  /// Texts with commas between.
  std::vector<std::string> read_texts(const std::string& name) const;
  std::vector<base::Secret> read_secrets(const std::string& name) const;
  base::Result<std::int64_t> read_number(const std::string& name, std::int64_t fallback,
                                         std::int64_t least, std::int64_t most) const;
  /// Milliseconds, 1 to 45 days.
  base::Result<base::Duration> read_ms(const std::string& name, base::Duration fallback) const;
  /// `sandbox` or `live`.
  base::Result<std::string> read_environment(const std::string& name, std::string fallback) const;
  /// `<RAIL>_CALLS_PER_SECOND`, 1 to 1000; twice as many at once.
  base::Result<CallBudget> read_budget(const std::string& name) const;

 private:
  Lookup lookup_;
  std::map<std::string, std::string> over_;
};

}  // namespace quittance::providers
