#include "storage/database.hpp"

#include <stdexcept>

namespace quittance::storage {

const Cell& Rows::Row::cell(std::string_view column) const {
  for (std::size_t i = 0; i < rows_.columns_.size(); ++i) {
    if (rows_.columns_[i] == column) {
      return rows_.cells_.at(index_ * rows_.columns_.size() + i);
    }
  }
  throw std::logic_error("no such column in the result: " + std::string(column));
}

std::int64_t Rows::Row::integer(std::string_view column) const {
  return std::get<std::int64_t>(cell(column));
}

const std::string& Rows::Row::text(std::string_view column) const {
  return std::get<std::string>(cell(column));
}

std::optional<std::int64_t> Rows::Row::maybe_integer(std::string_view column) const {
  const auto* value = std::get_if<std::int64_t>(&cell(column));
  return value ? std::optional(*value) : std::nullopt;
}

std::string Rows::Row::text_or_empty(std::string_view column) const {
  const auto* value = std::get_if<std::string>(&cell(column));
  return value ? *value : std::string();
}

std::optional<base::Time> Rows::Row::maybe_time(std::string_view column) const {
  const auto value = maybe_integer(column);
  return value ? std::optional(base::from_ms(*value)) : std::nullopt;
}

base::Result<std::unique_ptr<Connection>> open_snapshot(const std::string& database) {
  static constexpr Sql kBegin{"BEGIN"};
  TRY(auto connection, open_sqlite(database, true));
  TRY_VOID(connection->run(kBegin));
  return connection;
}

std::string replaced(std::string text, std::string_view token, std::string_view word) {
  for (std::size_t at = text.find(token); at != std::string::npos;
       at = text.find(token, at + word.size())) {
    text.replace(at, token.size(), word);
  }
  return text;
}

}  // namespace quittance::storage
