// A list as the API shows it: a page of rows, and where the next one begins.
#pragma once

#include "http/visit.hpp"

namespace quittance::http {

inline constexpr std::int64_t kMostListed = 100;

/// The query's `cursor`; empty: from the newest on.
std::optional<std::int64_t> cursor_of(const Visit& visit);

/// Rows under `name`, each as `show` makes it, with the cursor of those that come after.
template <class T, class Show>
base::Result<base::Json> listed_json(std::string_view name, const std::vector<T>& rows, Show show) {
  base::Json list{base::Json::Array{}};
  for (const T& row : rows) {
    TRY(base::Json json, show(row));
    list.push(std::move(json));
  }
  const bool more = rows.size() == static_cast<std::size_t>(kMostListed);
  base::Json json =
      base::Json::object({{"next_cursor", more ? base::Json(rows.back().id) : base::Json()}});
  json.set(name, std::move(list));
  return json;
}

}  // namespace quittance::http
