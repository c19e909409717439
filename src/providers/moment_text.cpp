#include "providers/moment_text.hpp"

#include <algorithm>
#include <charconv>

namespace quittance::providers {
namespace {

/// Reads digits from the front of a text, bit by bit.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char wanted) {
    if (peek() != wanted || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly `count` digits; -1 when there are fewer.
  int number(std::size_t count) {
    if (rest_.size() < count) return -1;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  /// Milliseconds of the decimals that come next, however many there are; -1 for none.
  int milliseconds() {
    int value = 0;
    std::size_t read = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++read) {
      if (read < 3) value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    if (read == 0) return -1;
    for (; read < 3; ++read)
      value *= 10;
    return value;
  }

 private:
  std::string_view rest_;
};

/// `Z`, `+08:00`, `+0800`, or nothing.
std::optional<base::Duration> read_zone(Digits& text, base::Duration unwritten) {
  if (text.done()) return unwritten;
  if (text.take('Z')) return base::Duration{0};
  const bool ahead = text.peek() == '+';
  if (!text.take('+') && !text.take('-')) return std::nullopt;
  const int hours = text.number(2);
  text.take(':');
  const int minutes = text.number(2);
  if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) return std::nullopt;
  const base::Duration zone = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return ahead ? zone : -zone;
}

}  // namespace

std::optional<base::Time> read_moment(std::string_view text, base::Duration zone) {
  Digits digits(text);
  const int year = digits.number(4);
  if (!digits.take('-')) return std::nullopt;
  const int month = digits.number(2);
  if (!digits.take('-')) return std::nullopt;
  const int day = digits.number(2);
  if (!digits.take('T') && !digits.take(' ')) return std::nullopt;
  const int hour = digits.number(2);
  if (!digits.take(':')) return std::nullopt;
  const int minute = digits.number(2);
  if (!digits.take(':')) return std::nullopt;
  const int second = digits.number(2);
  const int ms = digits.take('.') ? digits.milliseconds() : 0;
  if (year < 1970 || month < 1 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60 || ms < 0) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  const auto ahead = read_zone(digits, zone);
  if (!date.ok() || !ahead || !digits.done()) return std::nullopt;
  return base::Time{std::chrono::sys_days{date}} + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second) + base::Duration{ms} - *ahead;
}

std::string plain_moment(base::Time moment) {
  std::string text = base::to_iso8601(moment);
  text.resize(std::string_view("2025-10-09T08:53:20").size());
  text[10] = ' ';
  return text;
}

base::Time within(base::Time moment, base::Time earliest, base::Time latest) {
  return std::max(std::min(moment, latest), std::min(earliest, latest));
}

}  // namespace quittance::providers
