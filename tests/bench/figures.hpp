// What the bench found out: figures with their spread, each beside its ceiling.
#pragma once

#include <cstdio>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace quittance::bench {

/// One line of the table: a value per repetition.
struct Figure {
  std::string name;
  std::string unit;  ///< as it stands behind a number: "/s", " ms"
  /// The figure that this one is held against, measured in the same repetition; nullptr for none.
  const Figure* ceiling = nullptr;
  std::vector<double> values{};
  /// Of single operations, all repetitions together; empty where it was not measured.
  std::vector<double> latencies_ms{};
  /// Writes that shared one commit, per repetition; empty where nothing is committed.
  std::vector<double> group_sizes{};
};

/// The middle of the values, or the mean of the two in the middle; 0 when there are none.
double median(std::vector<double> values);

/// The value that `per_mille` of 1000 values do not exceed; 0 when there are none.
double percentile(std::vector<double> values, std::size_t per_mille);

/// All figures, in the order in which they are printed. A Figure stays where it is.
class Figures {
 public:
  Figure& add(std::string name, std::string unit, const Figure* ceiling = nullptr);
  /// One that was added before, for those that come to be held against it; nullptr when its part
  /// is not measured this time.
  const Figure* find(std::string_view name) const;
  /// The names of figures that were not measured in each of the repetitions, or are not above 0.
  std::vector<std::string> missing(std::size_t repetitions) const;
  /// As a table of Markdown.
  void print(std::FILE* out) const;

 private:
  std::deque<Figure> figures_;
};

}  // namespace quittance::bench
