#include "http/template.hpp"

namespace quittance::http {
namespace {

constexpr std::string_view kIf = "<!--if:";
constexpr std::string_view kEach = "<!--each:";
constexpr std::string_view kClose = "-->";

const std::string& slot_value(const Slots& row, const Slots& slots, std::string_view name) {
  static const std::string kEmpty;
  const auto of_row = row.find(name);
  if (of_row != row.end()) return of_row->second;
  const auto of_page = slots.find(name);
  return of_page == slots.end() ? kEmpty : of_page->second;
}

/// Slots of a piece of HTML that holds no sections any more.
std::string fill_slots(std::string_view html, const Slots& row, const Slots& slots) {
  std::string out;
  while (!html.empty()) {
    const std::size_t open = html.find("{{");
    out += html.substr(0, open);
    if (open == std::string_view::npos) break;
    const bool raw = html.substr(open).starts_with("{{{");
    const std::string_view end_mark = raw ? "}}}" : "}}";
    const std::size_t begin = open + end_mark.size();
    const std::size_t end = html.find(end_mark, begin);
    if (end == std::string_view::npos) {
      out += html.substr(open);
      break;
    }
    const std::string& value = slot_value(row, slots, html.substr(begin, end - begin));
    out += raw ? value : base::escape_html(value);
    html = html.substr(end + end_mark.size());
  }
  return out;
}

bool is_shown(std::string_view section, const Slots& row, const Filling& filling) {
  if (filling.sections.contains(section)) return true;
  const auto of_row = row.find(section);
  return of_row != row.end() && !of_row->second.empty();
}

/// Sections first, slots in what remains.
std::string fill(std::string_view html, const Slots& row, const Filling& filling) {
  std::string out;
  while (!html.empty()) {
    const std::size_t next_if = html.find(kIf);
    const std::size_t next_each = html.find(kEach);
    const std::size_t open = std::min(next_if, next_each);
    out += fill_slots(html.substr(0, open), row, filling.slots);
    if (open == std::string_view::npos) break;
    const std::string_view mark = open == next_if ? kIf : kEach;
    const std::size_t name_end = html.find(kClose, open);
    if (name_end == std::string_view::npos) break;
    const std::string_view name = html.substr(open + mark.size(), name_end - open - mark.size());
    const std::string end_mark = "<!--end:" + std::string(name) + "-->";
    const std::size_t inner_begin = name_end + kClose.size();
    const std::size_t inner_end = html.find(end_mark, inner_begin);
    if (inner_end == std::string_view::npos) break;
    const std::string_view inner = html.substr(inner_begin, inner_end - inner_begin);
    if (mark == kIf && is_shown(name, row, filling)) out += fill(inner, row, filling);
    const auto rows = filling.rows.find(name);
    if (mark == kEach && rows != filling.rows.end()) {
      for (const Slots& one : rows->second)
        out += fill(inner, one, filling);
    }
    html = html.substr(inner_end + end_mark.size());
  }
  return out;
}

}  // namespace

std::string fill_template(std::string_view html, const Filling& filling) {
  return fill(html, Slots(), filling);
}

}  // namespace quittance::http
