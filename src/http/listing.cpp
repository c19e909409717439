#include "http/listing.hpp"

namespace quittance::http {
namespace {

std::optional<std::int64_t> number_query(const Visit& visit, std::string_view name) {
  const auto value = visit.query.find(name);
  if (value == visit.query.end()) return std::nullopt;
  return base::Json(base::Json::Number{value->second}).integer();
}

}  // namespace

std::optional<std::int64_t> cursor_of(const Visit& visit) { return number_query(visit, "cursor"); }

std::int64_t limit_of(const Visit& visit) {
  const auto limit = number_query(visit, "limit");
  return limit && *limit >= 1 && *limit <= kMostListed ? *limit : kUsuallyListed;
}

}  // namespace quittance::http
