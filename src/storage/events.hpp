// Rows about events and those who paid to attend them.
#pragma once

#include <string>

#include "core/core.hpp"

namespace quittance::storage {

/// An event. Its price, currency and capacity are those of its product.
struct Event {
  std::int64_t id = 0;
  core::ProductId product_id;
  std::string name;
  std::string venue{};
  std::string instructions{};  ///< for whoever comes: where to go, what to bring
  base::Time starts_at;
  std::int64_t utc_offset_minutes = 0;  ///< of the clock on its wall
  bool takes_unnamed = false;           ///< registrations that name no event are for this one
  base::Time created_at;

  base::Duration utc_offset() const { return std::chrono::minutes(utc_offset_minutes); }
};

/// `2026-12-05T10:00:00+05:30`: as the clock on its wall reads.
std::string local_start(const Event& event);

/// Whoever registered for an event and paid.
struct Attendee {
  std::int64_t id = 0;
  std::int64_t event_id = 0;
  core::OrderId order_id;
  std::string roll_number;  ///< in capitals, without blanks: one attendee of an event under each
  std::string name;
  std::string email{};  ///< empty: none was given
  std::string phone{};
  std::string college_name{};
  std::string department{};
  std::string year{};
  std::string section{};
  std::string emergency_contact_number{};
  base::Time registered_at;
};

}  // namespace quittance::storage
