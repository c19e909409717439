// Reading settings out of environment variables; an error names the variable and what it must be.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/base.hpp"

namespace quittance {

/// An error about a variable: its name, and what it must be.
std::unexpected<base::Error> wrong(const std::string& name, const std::string& what);
/// nullopt when it is not set, or empty.
std::optional<std::string> variable(const char* name);
void read_text(const char* name, std::string& into);
void read_secret(const char* name, base::Secret& into);
/// Texts with commas between.
std::vector<std::string> read_texts(const char* name);
base::Result<std::int64_t> read_number(const char* name, std::int64_t fallback, std::int64_t least,
                                       std::int64_t most);
/// Milliseconds, 1 to 45 days.
base::Result<base::Duration> read_ms(const char* name, base::Duration fallback);
/// `sandbox` or `live`.
base::Result<std::string> read_environment(const char* name, std::string fallback);

}  // namespace quittance
