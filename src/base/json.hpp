// JSON whose numbers stay text until somebody says what they are: an amount never becomes a
// floating-point number on its way in or out (law 6). Boost.JSON's parser reads the bytes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace quittance::base {

/// One JSON value.
class Json {
 public:
  /// A number as it was written; `text` is valid JSON number syntax.
  struct Number {
    std::string text;
    bool operator==(const Number&) const = default;
  };
  using Array = std::vector<Json>;
  /// Keeps the order of insertion; keys are unique.
  using Object = std::vector<std::pair<std::string, Json>>;

  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(std::int64_t value) : value_(Number{std::to_string(value)}) {}
  Json(int value) : Json(static_cast<std::int64_t>(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(Number value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}
  /// An absent value is null.
  template <class T>
  Json(const std::optional<T>& value) : Json(value ? Json(*value) : Json()) {}
  static Json object(std::initializer_list<std::pair<std::string, Json>> members) {
    return Json(Object(members.begin(), members.end()));
  }

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_number() const { return std::holds_alternative<Number>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }

  /// Member of an object; a null value when this is no object or has no such key.
  const Json& operator[](std::string_view key) const;
  bool has(std::string_view key) const;
  /// Sets or replaces a member; a null value becomes an object first.
  Json& set(std::string_view key, Json value);
  /// Appends; a null value becomes an array first.
  void push(Json value);

  /// Empty when it is something else.
  const Array& array() const;
  const Object& object() const;
  std::optional<bool> boolean() const;
  std::optional<std::string> string() const;
  /// A number written without fraction or exponent, in range.
  std::optional<std::int64_t> integer() const;
  /// As written: `12.50` stays `12.50`.
  std::optional<std::string> number_text() const;
  /// `string()` or an empty text.
  std::string text_or_empty() const { return string().value_or(std::string()); }

  bool operator==(const Json&) const = default;

  /// Compact UTF-8.
  std::string dump() const;
  /// At most 32 levels deep; a repeated key or trailing bytes are refused.
  static Result<Json> parse(std::string_view bytes);

 private:
  std::variant<std::nullptr_t, bool, Number, std::string, Array, Object> value_;
};

}  // namespace quittance::base
