// The program's own second reader (`quittance verify-log`) reads along: what a run wrote, through
// all its crashes, must follow from the log alone.
#include "audit/audit.hpp"
#include "simulation/auditor.hpp"

namespace quittance::simulation {

bool Auditor::check_reading() {
  storage::Books books(*books_);
  const auto report = audit::verify_log(books, {});
  if (!report) return broken("the log can be read again", "a report", report.error().detail);
  if (report->findings.empty()) return true;
  const audit::Finding first = report->findings.sorted().front();
  return broken("the books follow from the log", "a second reading that fits",
                "entry " + std::to_string(first.seq) + ": " + first.text);
}

}  // namespace quittance::simulation
