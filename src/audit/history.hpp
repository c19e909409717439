// Why an order is in its state: questions, answers, evidence, decisions and their effects in plain
// words, the newest last, each with its place in the log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/storage.hpp"

namespace quittance::audit {

/// Who reads it. The holder of the order is not told the names of the staff, nor why a provider
/// could not answer.
enum class Audience { staff, holder };

struct HistoryLine {
  base::Time at;
  std::optional<std::int64_t> seq;  ///< empty: a question, which the log does not hold
  std::string key;                  ///< `settlement.settled`: names the sentence, for translations
  base::Json params;                ///< what stands in its places, all texts
  std::string text;                 ///< in English
};

/// not_found when there is no such order.
base::Result<std::vector<HistoryLine>> history(storage::Books& books, core::OrderId id,
                                               Audience audience);

base::Json history_json(const std::vector<HistoryLine>& lines);
/// One line each, for a terminal.
std::string history_text(const std::vector<HistoryLine>& lines);

}  // namespace quittance::audit
