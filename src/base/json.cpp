#include "base/json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <limits>

#include "base/json_text.hpp"

namespace quittance::base {
namespace {

namespace bj = boost::json;
using bj::error_code;

constexpr std::size_t kDepthLimit = 32;
/// Up to here comparing every pair of keys is quicker than sorting them.
constexpr std::size_t kFewKeys = 16;

/// The first key that stands twice; nullptr when all differ. Sorting keeps a hostile object with
/// thousands of keys from costing the square of their number.
const std::string* repeated_key(const Json::Object& object) {
  if (object.size() <= kFewKeys) {
    for (std::size_t i = 1; i < object.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (object[i].first == object[j].first) return &object[i].first;
      }
    }
    return nullptr;
  }
  std::vector<const std::string*> keys;
  keys.reserve(object.size());
  for (const auto& member : object)
    keys.push_back(&member.first);
  std::ranges::sort(keys, {}, [](const std::string* key) -> const std::string& { return *key; });
  const auto twin = std::ranges::adjacent_find(
      keys, [](const std::string* a, const std::string* b) { return *a == *b; });
  return twin == keys.end() ? nullptr : *twin;
}

/// Receives Boost.JSON's events and builds a Json. The numeric values that the parser computes are
/// thrown away: only their text is kept.
class Builder {
 public:
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_array_begin(error_code&) {
    open_.push_back(Level{false, {}, {}, {}});
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    Json::Array elements = std::move(open_.back().elements);
    open_.pop_back();
    return add(Json(std::move(elements)));
  }
  bool on_object_begin(error_code&) {
    open_.push_back(Level{true, {}, {}, {}});
    return true;
  }
  bool on_object_end(std::size_t, error_code& ec) {
    Json::Object members = std::move(open_.back().members);
    open_.pop_back();
    if (repeated_key(members) != nullptr) {
      repeated_ = true;
      ec = bj::make_error_code(bj::error::syntax);
      return false;
    }
    return add(Json(std::move(members)));
  }
  bool on_string_part(bj::string_view s, std::size_t, error_code&) { return gather(s); }
  bool on_string(bj::string_view s, std::size_t, error_code&) {
    gather(s);
    return add(Json(take_text()));
  }
  bool on_key_part(bj::string_view s, std::size_t, error_code&) { return gather(s); }
  bool on_key(bj::string_view s, std::size_t, error_code&) {
    gather(s);
    open_.back().key = take_text();
    return true;
  }
  bool on_number_part(bj::string_view s, error_code&) { return gather(s); }
  bool on_int64(std::int64_t, bj::string_view s, error_code&) { return number(s); }
  bool on_uint64(std::uint64_t, bj::string_view s, error_code&) { return number(s); }
  bool on_double(double, bj::string_view s, error_code&) { return number(s); }
  bool on_bool(bool value, error_code&) { return add(Json(value)); }
  bool on_null(error_code&) { return add(Json()); }
  bool on_comment_part(bj::string_view, error_code&) { return false; }
  bool on_comment(bj::string_view, error_code&) { return false; }

  bool repeated() const { return repeated_; }
  Json take_root() { return std::move(root_); }

 private:
  /// An array or object whose end has not come yet.
  struct Level {
    bool is_object;
    Json::Array elements;
    Json::Object members;
    std::string key;
  };

  bool gather(bj::string_view piece) {
    text_.append(piece.data(), piece.size());
    return true;
  }
  std::string take_text() {
    std::string out = std::move(text_);
    text_.clear();
    return out;
  }
  bool number(bj::string_view last_piece) {
    gather(last_piece);
    return add(Json(Json::Number{take_text()}));
  }
  bool add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_object) {
      open_.back().members.emplace_back(std::move(open_.back().key), std::move(value));
    } else {
      open_.back().elements.push_back(std::move(value));
    }
    return true;
  }

  std::vector<Level> open_;
  std::string text_;
  Json root_;
  bool repeated_ = false;
};

bj::parse_options strict_options() {
  bj::parse_options options;
  options.max_depth = kDepthLimit;
  return options;
}

/// What is wrong, in our words.
std::string_view reason(error_code ec, bool repeated) {
  if (repeated) return "an object repeats a key";
  if (ec == bj::error::too_deep) return "it is nested more than 32 levels deep";
  if (ec == bj::error::incomplete) return "it ends too early";
  if (ec == bj::error::extra_data) return "there are bytes after its end";
  return "the syntax is wrong";
}

void dump_to(std::string& out, const Json& value) {
  if (value.is_object()) {
    char separator = '{';
    for (const auto& [key, member] : value.object()) {
      out += separator;
      append_json_string(out, key);
      out += ':';
      dump_to(out, member);
      separator = ',';
    }
    out += value.object().empty() ? "{}" : "}";
  } else if (value.is_array()) {
    char separator = '[';
    for (const Json& element : value.array()) {
      out += separator;
      dump_to(out, element);
      separator = ',';
    }
    out += value.array().empty() ? "[]" : "]";
  } else if (const auto text = value.string()) {
    append_json_string(out, *text);
  } else if (const auto number = value.number_text()) {
    out += *number;
  } else if (const auto boolean = value.boolean()) {
    out += *boolean ? "true" : "false";
  } else {
    out += "null";
  }
}

template <class Members>
auto find_member(Members& members, std::string_view key) {
  return std::ranges::find(members, key,
                           [](const auto& member) -> std::string_view { return member.first; });
}

}  // namespace

const Json& Json::operator[](std::string_view key) const {
  static const Json absent;
  const Object& members = object();
  const auto found = find_member(members, key);
  return found == members.end() ? absent : found->second;
}

bool Json::has(std::string_view key) const { return find_member(object(), key) != object().end(); }

Json& Json::set(std::string_view key, Json value) {
  if (!is_object()) value_ = Object();
  auto& members = std::get<Object>(value_);
  if (const auto found = find_member(members, key); found != members.end()) {
    found->second = std::move(value);
  } else {
    members.emplace_back(std::string(key), std::move(value));
  }
  return *this;
}

void Json::push(Json value) {
  if (!is_array()) value_ = Array();
  std::get<Array>(value_).push_back(std::move(value));
}

const Json::Array& Json::array() const {
  static const Array empty;
  const auto* held = std::get_if<Array>(&value_);
  return held != nullptr ? *held : empty;
}

const Json::Object& Json::object() const {
  static const Object empty;
  const auto* held = std::get_if<Object>(&value_);
  return held != nullptr ? *held : empty;
}

std::optional<bool> Json::boolean() const {
  const auto* held = std::get_if<bool>(&value_);
  return held != nullptr ? std::optional(*held) : std::nullopt;
}

std::optional<std::string> Json::string() const {
  const auto* held = std::get_if<std::string>(&value_);
  return held != nullptr ? std::optional(*held) : std::nullopt;
}

std::optional<std::int64_t> Json::integer() const {
  const auto* held = std::get_if<Number>(&value_);
  if (held == nullptr) return std::nullopt;
  std::int64_t out = 0;
  const char* const end = held->text.data() + held->text.size();
  const auto [stopped, failure] = std::from_chars(held->text.data(), end, out);
  if (failure != std::errc() || stopped != end) return std::nullopt;
  return out;
}

std::optional<std::string> Json::number_text() const {
  const auto* held = std::get_if<Number>(&value_);
  return held != nullptr ? std::optional(held->text) : std::nullopt;
}

std::string Json::dump() const {
  std::string out;
  dump_to(out, *this);
  return out;
}

Result<Json> Json::parse(std::string_view bytes) {
  bj::basic_parser<Builder> parser(strict_options());
  error_code ec;
  const std::size_t read = parser.write_some(false, bytes.data(), bytes.size(), ec);
  if (!ec && read < bytes.size()) ec = bj::make_error_code(bj::error::extra_data);
  if (ec) {
    const std::string where = " (at byte " + std::to_string(read) + ")";
    return fail(ErrorCode::invalid_request,
                "This is no valid JSON: " + std::string(reason(ec, parser.handler().repeated())) +
                    where + ".",
                {}, ec.message());
  }
  return parser.handler().take_root();
}

}  // namespace quittance::base
