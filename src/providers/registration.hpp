// What somebody filled in on a provider's own payment page to register for an event.
#pragma once

#include <string>

namespace quittance::providers {

/// As they wrote it; empty where they wrote nothing.
struct Registration {
  std::string event_id{};  ///< of ours, when the page names one
  std::string name{};
  std::string roll_number{};
  std::string college_name{};
  std::string department{};
  std::string year{};
  std::string section{};
  std::string phone{};
  std::string emergency_contact_number{};
  std::string email{};
  bool operator==(const Registration&) const = default;
};

}  // namespace quittance::providers
