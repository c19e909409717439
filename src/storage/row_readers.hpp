// Rows into values, for the books_*.cpp files only.
#pragma once

#include <array>

#include "storage/books.hpp"

namespace quittance::storage {

base::Result<Product> read_product(Rows::Row row);
base::Result<core::Order> read_order(Rows::Row row);
base::Result<core::Session> read_session(Rows::Row row);
/// An amount column together with the row's `currency`.
base::Result<core::Money> read_money(Rows::Row row, std::string_view column);
/// A stored word that this program does not know: the database was written by a newer one.
std::unexpected<base::Error> unknown_word(std::string_view column, std::string_view word);

/// NULL stands for an empty text in columns that may be absent.
inline std::optional<std::string> text_or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

template <class Id>
std::optional<std::int64_t> key_of(const std::optional<Id>& id) {
  return id ? std::optional(id->value()) : std::nullopt;
}

template <class Id>
std::optional<Id> maybe_id(Rows::Row row, std::string_view column) {
  const auto value = row.maybe_integer(column);
  return value ? std::optional(Id(*value)) : std::nullopt;
}

/// The columns of a Batch that only names rows by their ids.
inline constexpr std::array kKeyColumns{BatchColumn{"key", BatchColumn::Type::integer}};

inline constexpr std::array kRefColumns{BatchColumn{"ref_provider", BatchColumn::Type::text},
                                        BatchColumn{"ref", BatchColumn::Type::text}};
inline Batch batch_of(std::span<const MoneyRef> refs) {
  Batch batch;
  for (const MoneyRef& ref : refs)
    batch.add({ref.provider, ref.provider_ref});
  return batch;
}

/// A Batch of the ids alone.
template <class Id>
Batch batch_of(std::span<const Id> ids) {
  Batch batch;
  for (const Id id : ids)
    batch.add({id.value()});
  return batch;
}

template <class T>
Listed<T> read_all(const Rows& rows, base::Result<T> (*read)(Rows::Row)) {
  std::vector<T> values;
  values.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    TRY(T value, read(rows[i]));
    values.push_back(std::move(value));
  }
  return values;
}

template <class T>
Found<T> read_first(const Rows& rows, base::Result<T> (*read)(Rows::Row)) {
  if (rows.empty()) return std::optional<T>();
  TRY(T value, read(rows.front()));
  return std::optional<T>(std::move(value));
}

}  // namespace quittance::storage
