// Any bytes as a pass token, a bearer token and a scanned text: nothing we did not sign opens.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/core.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quittance;
  const std::string text(data, data + size);
  const auto key = base::SigningKey::from_seed(base::Secret(std::string(32, 's')));
  if (!key) std::abort();
  const std::string token = core::pass_token_from(text);
  if (core::open_pass(key->public_key(), token)) std::abort();
  if (base::read_jwt(base::Secret(std::string(64, 'k')), text, 0)) std::abort();
  const auto money = core::Money::parse(text, *core::Currency::from_code("USD"));
  if (!money) return 0;
  const auto again = core::Money::parse(money->decimal(), money->currency());
  if (!again || *again != *money) std::abort();
  return 0;
}
