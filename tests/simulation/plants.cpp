#include "simulation/plants.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace quittance::simulation {
namespace {

using providers::Answer;
using providers::Paid;

constexpr std::array<PlantRow, 38> kPlants{{
    {Plant::unknown_is_no, "unknown_is_no"},
    {Plant::foreign_transfer, "foreign_transfer"},
    {Plant::second_reference, "second_reference"},
    {Plant::receiver_dropped, "receiver_dropped"},
    {Plant::amount_in_riel, "amount_in_riel"},
    {Plant::failed_is_paid, "failed_is_paid"},
    {Plant::paid_unseen, "paid_unseen"},
    {Plant::stops_looking, "stops_looking"},
    {Plant::counted_twice, "counted_twice"},
    {Plant::stock_short, "stock_short"},
    {Plant::hold_leaked, "hold_leaked"},
    {Plant::settlement_deleted, "settlement_deleted"},
    {Plant::second_pass, "second_pass"},
    {Plant::completed_unpaid, "completed_unpaid"},
    {Plant::uncompleted, "uncompleted"},
    {Plant::acknowledged_lost, "acknowledged_lost"},
    {Plant::outbox_doubled, "outbox_doubled"},
    {Plant::stock_taken_twice, "stock_taken_twice"},
    {Plant::hold_kept, "hold_kept"},
    {Plant::outbox_skipped, "outbox_skipped"},
    {Plant::approval_lost, "approval_lost"},
    {Plant::audit_gap, "audit_gap"},
    {Plant::pass_not_revoked, "pass_not_revoked"},
    {Plant::refund_forgotten, "refund_forgotten"},
    {Plant::payment_forgotten, "payment_forgotten"},
    {Plant::expires_unasked, "expires_unasked"},
    {Plant::asks_for_ever, "asks_for_ever"},
    {Plant::answered_unwritten, "answered_unwritten"},
    {Plant::swaps_blindly, "swaps_blindly"},
    {Plant::excess_swallowed, "excess_swallowed"},
    {Plant::trusts_its_clock, "trusts_its_clock", true},
    {Plant::news_dropped, "news_dropped"},
    {Plant::called_delivered, "called_delivered"},
    {Plant::delivered_forgotten, "delivered_forgotten"},
    {Plant::given_up_at_once, "given_up_at_once"},
    {Plant::one_line_for_all, "one_line_for_all", true},
    {Plant::mail_renamed, "mail_renamed"},
    {Plant::disk_lies, "disk_lies"},
}};

bool lies(Plant plant) { return plant >= Plant::unknown_is_no && plant <= Plant::paid_unseen; }

/// Passes questions on, and bends the answers.
class Liar final : public providers::Provider {
 public:
  Liar(Plant plant, std::unique_ptr<providers::Provider> honest)
      : plant_(plant), honest_(std::move(honest)) {}
  std::string_view name() const override { return honest_->name(); }
  std::string_view environment() const override { return honest_->environment(); }
  providers::Capabilities capabilities() const override { return honest_->capabilities(); }
  base::Task<base::Result<providers::Presentation>> present(
      providers::SessionDraft draft) override {
    return honest_->present(std::move(draft));
  }
  base::Task<std::vector<Answer>> query(std::vector<core::Session> sessions) override {
    std::vector<core::Session> copy = sessions;
    std::vector<Answer> answers = co_await honest_->query(std::move(copy));
    for (std::size_t i = 0; i < answers.size(); ++i)
      answers[i] = bent(sessions[i], answers[i]);
    co_return answers;
  }
  base::Task<base::Result<std::string>> deep_link(core::Session session) override {
    return honest_->deep_link(std::move(session));
  }
  providers::Health health() const override { return honest_->health(); }

 private:
  Answer bent(const core::Session& session, Answer answer) {
    const auto* paid = std::get_if<Paid>(&answer);
    if (paid) return bent_paid(session, *paid);
    const bool unknown = std::holds_alternative<providers::Unknown>(answer);
    if (plant_ == Plant::unknown_is_no && unknown) return providers::FinalNo{.reason = "silence"};
    const bool asks_again = ++asked_ % 7 == 0;
    if (!last_paid_ || unknown || !asks_again) return answer;
    if (plant_ == Plant::foreign_transfer) return *std::exchange(last_paid_, std::nullopt);
    if (plant_ == Plant::second_reference) return renamed(session, *last_paid_);
    const auto* no = std::get_if<providers::FinalNo>(&answer);
    if (plant_ == Plant::failed_is_paid && no) return renamed(session, *last_paid_);
    return answer;
  }

  Answer bent_paid(const core::Session& session, Paid paid) {
    // Whoever's money it is: the next one who asks gets it, and its owner does not.
    if (plant_ == Plant::foreign_transfer && !last_paid_) {
      last_paid_ = std::move(paid);
      return providers::NotYet{};
    }
    if (plant_ != Plant::foreign_transfer) last_paid_ = paid;
    if (plant_ == Plant::receiver_dropped) paid.receiver.clear();
    if (plant_ == Plant::amount_in_riel) paid.amount = paid.amount.times(100).value_or(paid.amount);
    if (plant_ == Plant::paid_unseen && session.id.value() % 5 == 0) return providers::NotYet{};
    return paid;
  }

  /// Somebody's transfer with a reference of its own, as if it were money for this session.
  Answer renamed(const core::Session& session, Paid paid) {
    paid.provider_ref = "again-" + std::to_string(asked_) + paid.provider_ref.substr(0, 40);
    paid.amount = session.amount;
    paid.paid_at = session.created_at;
    return paid;
  }

  Plant plant_;
  std::unique_ptr<providers::Provider> honest_;
  std::optional<Paid> last_paid_;
  std::int64_t asked_ = 0;
};

/// One statement that harms; empty for a plant that works elsewhere.
std::string_view harm_of(Plant plant) {
  switch (plant) {
    case Plant::none:
    case Plant::unknown_is_no:
    case Plant::foreign_transfer:
    case Plant::second_reference:
    case Plant::receiver_dropped:
    case Plant::amount_in_riel:
    case Plant::failed_is_paid:
    case Plant::paid_unseen:
    case Plant::stops_looking:
    case Plant::counted_twice:
    case Plant::stock_taken_twice:
    case Plant::hold_kept:
    case Plant::outbox_skipped:
    case Plant::approval_lost:
    case Plant::audit_gap:
    case Plant::pass_not_revoked:
    case Plant::refund_forgotten:
    case Plant::payment_forgotten:
    case Plant::expires_unasked:
    case Plant::asks_for_ever:
    case Plant::answered_unwritten:
    case Plant::swaps_blindly:
    case Plant::excess_swallowed:
    case Plant::trusts_its_clock:
    case Plant::news_dropped:
    case Plant::called_delivered:
    case Plant::delivered_forgotten:
    case Plant::given_up_at_once:
    case Plant::one_line_for_all:
    case Plant::mail_renamed:
    case Plant::disk_lies:
      return "";
    case Plant::stock_short:
      return "UPDATE products SET stock = stock - 1 WHERE id = (SELECT MAX(id) FROM products "
             "WHERE stock > reserved)";
    case Plant::hold_leaked:
      return "UPDATE products SET reserved = reserved + 1 WHERE id = (SELECT MAX(id) FROM "
             "products WHERE stock > reserved)";
    case Plant::settlement_deleted:
      return "DELETE FROM settlements WHERE id = (SELECT MIN(id) FROM settlements WHERE id NOT IN "
             "(SELECT settlement_id FROM refunds))";
    case Plant::second_pass:
      return "INSERT INTO passes (kind, subject, period, token, order_id, state, valid_from, "
             "valid_until, created_at) SELECT kind, subject || ' copy', period, token || 'x', "
             "order_id, state, valid_from, valid_until, created_at FROM passes ORDER BY rowid "
             "LIMIT 1";
    case Plant::completed_unpaid:
      return "UPDATE orders SET status = 'completed' WHERE id = (SELECT MAX(id) FROM orders WHERE "
             "status = 'pending' AND paid_minor = 0)";
    case Plant::uncompleted:
      return "UPDATE orders SET status = 'pending' WHERE id = (SELECT MIN(id) FROM orders WHERE "
             "status = 'completed')";
    case Plant::acknowledged_lost:
      return "DELETE FROM payment_sessions WHERE id = (SELECT MAX(id) FROM payment_sessions s "
             "WHERE NOT EXISTS (SELECT 1 FROM evidence e WHERE e.session_row = s.id))";
    case Plant::outbox_doubled:
      return "INSERT INTO outbox (topic, dedupe_key, payload, created_at) SELECT topic, "
             "dedupe_key || '+', payload, created_at FROM outbox ORDER BY id LIMIT 1";
  }
  return "";
}

}  // namespace

std::span<const PlantRow> plants() { return kPlants; }

std::string_view to_text(Plant plant) {
  const auto row = std::ranges::find(kPlants, plant, &PlantRow::plant);
  return row == kPlants.end() ? "none" : row->name;
}

std::optional<Plant> plant_from(std::string_view name) {
  const auto row = std::ranges::find(kPlants, name, &PlantRow::name);
  return row == kPlants.end() ? std::nullopt : std::optional(row->plant);
}

std::unique_ptr<providers::Provider> make_liar(Plant plant,
                                               std::unique_ptr<providers::Provider> honest) {
  if (!lies(plant)) return honest;
  return std::make_unique<Liar>(plant, std::move(honest));
}

bool harms_books(Plant plant) {
  return plant >= Plant::counted_twice && plant <= Plant::outbox_doubled;
}

bool harm_books(Plant plant, storage::Connection& books) {
  const std::string_view harm = harm_of(plant);
  if (harm.empty()) return true;
  const storage::Sql sql{harm};
  const auto rows = books.run(sql);
  if (!rows) throw std::runtime_error(rows.error().detail);
  return rows->changed > 0;
}

}  // namespace quittance::simulation
