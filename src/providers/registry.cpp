#include "providers/providers.hpp"

namespace quittance::providers {

std::string_view to_text(UnknownReason reason) {
  switch (reason) {
    case UnknownReason::timeout:
      return "timeout";
    case UnknownReason::forbidden:
      return "forbidden";
    case UnknownReason::unauthorized:
      return "unauthorized";
    case UnknownReason::throttled:
      return "throttled";
    case UnknownReason::server_error:
      return "server_error";
    case UnknownReason::unreadable:
      return "unreadable";
  }
  return "";
}

std::string_view to_text(const Answer& answer) {
  struct Word {
    std::string_view operator()(const Paid&) const { return "paid"; }
    std::string_view operator()(const NotYet&) const { return "not_yet"; }
    std::string_view operator()(const FinalNo&) const { return "final_no"; }
    std::string_view operator()(const Unknown&) const { return "unknown"; }
  };
  return std::visit(Word{}, answer);
}

Provider* Registry::find(std::string_view name) const {
  for (const auto& provider : providers_) {
    if (provider->name() == name) return provider.get();
  }
  return nullptr;
}

}  // namespace quittance::providers
