#include "http/listing.hpp"

namespace quittance::http {

std::optional<std::int64_t> cursor_of(const Visit& visit) {
  const auto cursor = visit.query.find("cursor");
  if (cursor == visit.query.end()) return std::nullopt;
  return base::Json(base::Json::Number{cursor->second}).integer();
}

}  // namespace quittance::http
