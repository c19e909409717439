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
  static constexpr Sql kFile{"BEGIN"};
  static constexpr Sql kServer{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
  TRY(auto connection, open_database(database, true));
  TRY_VOID(connection->run(is_postgres(database) ? kServer : kFile));
  return connection;
}

std::string replaced(std::string text, std::string_view token, std::string_view word) {
  for (std::size_t at = text.find(token); at != std::string::npos;
       at = text.find(token, at + word.size())) {
    text.replace(at, token.size(), word);
  }
  return text;
}

base::Result<bool> check_texts(std::span<const Param> params) {
  for (const Param& param : params) {
    const auto* text = std::get_if<std::string_view>(&param.value());
    if (text && !base::is_storable(*text)) {
      return base::fail(base::ErrorCode::invalid_request,
                        "A text holds a NUL character or is no UTF-8; it cannot be kept.");
    }
  }
  return true;
}

bool is_postgres(std::string_view database) {
  return database.starts_with("postgres://") || database.starts_with("postgresql://");
}

base::Result<std::unique_ptr<Connection>> open_database(const std::string& database,
                                                        bool read_only) {
  return is_postgres(database) ? open_postgres(database, read_only)
                               : open_sqlite(database, read_only);
}

}  // namespace quittance::storage
