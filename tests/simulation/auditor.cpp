#include "simulation/auditor.hpp"

namespace quittance::simulation {

void Auditor::open() {
  auto opened = parts_.machine.connect(true);
  if (opened) {
    books_ = std::move(*opened);
  } else {
    broken("the books can be read", "a connection", opened.error().detail);
  }
}

void Auditor::shelve(std::int64_t product_id, Shelf shelf) {
  model_.shelve(product_id, std::move(shelf));
}

Auditor::Rows Auditor::read(const storage::Sql& sql, std::initializer_list<storage::Param> params) {
  auto rows = books_->run(sql, params);
  if (!rows) broken("the books can be read", "rows", rows.error().detail);
  return rows ? std::move(*rows) : Rows();
}

bool Auditor::broken(std::string rule, std::string expected, std::string found) {
  if (!violation_) violation_ = Violation{std::move(rule), std::move(expected), std::move(found)};
  return false;
}

void Auditor::fetch_transfers() {
  for (sandbox::Transfer& entry : parts_.bank.transactions(transfers_.size())) {
    const std::string hash = entry.hash;
    transfers_.try_emplace(hash, std::move(entry));
  }
}

const sandbox::Transfer* Auditor::transfer(const std::string& hash) const {
  const auto found = transfers_.find(hash);
  return found == transfers_.end() ? nullptr : &found->second;
}

const Auditor::SeenSession* Auditor::session(const std::string& session_id) const {
  const auto found = sessions_.find(session_id);
  return found == sessions_.end() ? nullptr : &found->second;
}

bool Auditor::look() {
  if (!parts_.facts.wrong_answers.empty()) {
    return broken("nobody is told what is not so", "no wrong answer",
                  parts_.facts.wrong_answers.front());
  }
  ChangedRows* changed = parts_.machine.changed_rows();
  if (!changed) return sweep();
  const bool letters = letters_read_ < parts_.facts.letters.brought.size();
  if (violation_ || (!changed->any() && !letters)) return !violation_;
  fetch_transfers();
  const bool sound = follow_log() && check_changed("orders", &Auditor::check_order) &&
                     check_changed("products", &Auditor::check_shelf) &&
                     check_changed("payment_sessions", &Auditor::check_session) &&
                     check_changed("settlements", &Auditor::check_settlement) &&
                     check_changed("refunds", &Auditor::check_return) &&
                     check_changed("passes", &Auditor::check_pass) &&
                     check_changed("outbox", &Auditor::check_announcement) &&
                     check_changed("ended_endpoints", &Auditor::check_ended) && check_letters() &&
                     check_changed("deliveries", &Auditor::check_delivery);
  changed->forget_all();
  return sound && !violation_;
}

bool Auditor::check_changed(std::string_view table, Check check) {
  for (const std::int64_t row_id : parts_.machine.changed_rows()->take(table)) {
    if (!(this->*check)(row_id)) return false;
  }
  return true;
}

}  // namespace quittance::simulation
