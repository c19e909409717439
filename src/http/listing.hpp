// A list as the API shows it: a page of rows, and where the next one begins.
#pragma once

#include "http/visit.hpp"

namespace quittance::http {

inline constexpr std::int64_t kMostListed = 100;
/// Rows of a page where the query's `limit` says nothing that can be done.
inline constexpr std::int64_t kUsuallyListed = 50;

/// The query's `cursor`; empty: from the newest on.
std::optional<std::int64_t> cursor_of(const Visit& visit);
/// The query's `limit`, 1 to `kMostListed`; `kUsuallyListed` when it is anything else.
std::int64_t limit_of(const Visit& visit);

/// Rows under `name`, each as `show` makes it, with the cursor of those that come after; `limit` is
/// how many were asked for. Errors are `show`'s.
template <class T, class Show>
base::Result<base::Json> listed_json(std::string_view name, const std::vector<T>& rows,
                                     std::int64_t limit, Show show) {
  base::Json list{base::Json::Array{}};
  for (const T& row : rows) {
    TRY(base::Json json, base::Result<base::Json>(show(row)));
    list.push(std::move(json));
  }
  const bool more = rows.size() == static_cast<std::size_t>(limit);
  base::Json json;
  json.set(name, std::move(list));
  json.set("next_cursor", more ? base::Json(rows.back().id) : base::Json());
  return json;
}

}  // namespace quittance::http
