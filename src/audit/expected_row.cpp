#include "audit/expected_row.hpp"

namespace quittance::audit {
namespace {

using storage::Cell;

constexpr std::size_t kShown = 80;

std::string shown(const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&cell)) {
    return "'" + (text->size() > kShown ? text->substr(0, kShown) + "…" : *text) + "'";
  }
  return "empty";
}

}  // namespace

void ExpectedRow::set(const std::string& column, const base::Json& value) {
  if (const auto number = value.integer()) {
    set(column, Cell(*number));
  } else if (auto text = value.string()) {
    set(column, Cell(std::move(*text)));
  } else {
    set(column, Cell(nullptr));
  }
}

std::string ExpectedRow::difference(storage::Rows::Row row,
                                    std::span<const std::string> columns) const {
  for (const std::string& name : columns) {
    if (name == "subject") continue;
    const Cell& cell = row.cell(name);
    const auto expected = columns_.find(name);
    if (expected == columns_.end()) return "the log says nothing of " + name;
    const auto& [value, kind] = expected->second;
    if (kind == Kind::any) continue;
    if (kind == Kind::sha256) {
      const auto* text = std::get_if<std::string>(&cell);
      const auto* hex = std::get_if<std::string>(&value);
      if (text && hex && base::sha256_hex(*text) == *hex) continue;
      return name + " has not the SHA-256 that the log names";
    }
    if (cell != value) return name + " is " + shown(cell) + ", the log says " + shown(value);
  }
  return "";
}

}  // namespace quittance::audit
