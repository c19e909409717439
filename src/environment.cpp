#include "environment.hpp"

#include <cstdlib>

namespace quittance {

providers::Settings settings_of_process() {
  return providers::Settings([](const std::string& name) {
    const char* value = ::secure_getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  });
}

}  // namespace quittance
