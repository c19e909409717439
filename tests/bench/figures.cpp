#include "bench/figures.hpp"

#include <algorithm>

namespace quittance::bench {
namespace {

std::string number(double value) {
  char text[32];
  const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string digits = text;
  if (decimals > 0) return digits;
  for (std::size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

/// Compared within each repetition, so that a machine that was busy meanwhile slowed both.
std::string ratio(const Figure& figure) {
  if (!figure.ceiling) return "";
  std::vector<double> ratios;
  for (std::size_t i = 0; i < figure.values.size() && i < figure.ceiling->values.size(); ++i) {
    ratios.push_back(figure.values[i] / figure.ceiling->values[i]);
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", median(std::move(ratios)));
  return text;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double percentile(std::vector<double> values, std::size_t per_mille) {
  if (values.empty()) return 0;
  const std::size_t at = std::min((values.size() * per_mille) / 1000, values.size() - 1);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

Figure& Figures::add(std::string name, std::string unit, const Figure* ceiling) {
  return figures_.emplace_back(
      Figure{.name = std::move(name), .unit = std::move(unit), .ceiling = ceiling});
}

const Figure* Figures::find(std::string_view name) const {
  const auto found = std::ranges::find(figures_, name, &Figure::name);
  return found == figures_.end() ? nullptr : &*found;
}

std::vector<std::string> Figures::missing(std::size_t repetitions) const {
  std::vector<std::string> names;
  for (const Figure& figure : figures_) {
    const bool measured =
        figure.values.size() == repetitions &&
        std::ranges::all_of(figure.values, [](double value) { return value > 0; });
    if (!measured) names.push_back(figure.name);
  }
  return names;
}

void Figures::print(std::FILE* out) const {
  std::fputs(
      "| figure | median | min – max | ratio | of | p50 / p99 / p99.9 ms | in a commit |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n",
      out);
  for (const Figure& figure : figures_) {
    const auto [least, most] = std::ranges::minmax(figure.values);
    std::string latencies;
    for (const std::size_t per_mille : {500UL, 990UL, 999UL}) {
      if (figure.latencies_ms.empty()) break;
      if (!latencies.empty()) latencies += " / ";
      latencies += number(percentile(figure.latencies_ms, per_mille));
    }
    const std::string group =
        figure.group_sizes.empty() ? std::string() : number(median(figure.group_sizes));
    std::fprintf(out, "| %s | %s%s | %s – %s | %s | %s | %s | %s |\n", figure.name.c_str(),
                 number(median(figure.values)).c_str(), figure.unit.c_str(), number(least).c_str(),
                 number(most).c_str(), ratio(figure).c_str(),
                 figure.ceiling ? figure.ceiling->name.c_str() : "", latencies.c_str(),
                 group.c_str());
  }
}

}  // namespace quittance::bench
