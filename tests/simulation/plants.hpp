// Planted bugs: each makes one part of the world lie, so that it can be proved that the auditor
// notices. The product itself is never changed.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "providers/providers.hpp"
#include "storage/storage.hpp"

namespace quittance::simulation {

enum class Plant {
  none,
  // The provider lies.
  unknown_is_no,     ///< a question that got no answer ends sessions
  foreign_transfer,  ///< somebody else's transfer is reported
  second_reference,  ///< an old transfer is reported again under a fresh reference
  receiver_dropped,  ///< who received the money is not said
  amount_in_riel,    ///< the amount is a hundred times what was paid
  failed_is_paid,    ///< a transfer that failed is reported as paid
  paid_unseen,       ///< some payments are never reported
  stops_looking,     ///< sessions are asked about for five days instead of forty-five
  // The books are harmed behind the engine's back.
  counted_twice,       ///< a transfer is settled once more under another provider's name
  stock_short,         ///< a piece vanishes from a shelf
  hold_leaked,         ///< a piece is held for nobody
  settlement_deleted,  ///< counted money is forgotten
  second_pass,         ///< an order has two passes
  completed_unpaid,    ///< an unpaid order is completed
  uncompleted,         ///< a completed order is pending again
  acknowledged_lost,   ///< a crash takes an acknowledged QR with it
  outbox_doubled,      ///< a completion is announced twice
  // The engine's own statements are wrong (bent_connection.cpp).
  stock_taken_twice,    ///< goods leave the stock twice
  hold_kept,            ///< goods that are let go stay set aside
  outbox_skipped,       ///< a completion is not announced
  approval_lost,        ///< a completion has no approval
  audit_gap,            ///< every fiftieth entry of the log is left out
  pass_not_revoked,     ///< a refunded order keeps its proof
  refund_forgotten,     ///< a refund is recorded, and the order does not know
  payment_forgotten,    ///< an order completes, and does not know what was paid
  expires_unasked,      ///< a session ends without a last question (law 4)
  asks_for_ever,        ///< what is settled is asked about again
  answered_unwritten,   ///< a commit is acknowledged before it is done, and lost
  swaps_blindly,        ///< an answer from before the money ends what was settled meanwhile
  excess_swallowed,     ///< what came beyond the order is not written down
  trusts_its_clock,     ///< what an earlier clock planned is not asked about before its time (N14)
  news_dropped,         ///< news is done with, and nobody was to be told
  called_delivered,     ///< a delivery is called delivered when somebody takes it up
  delivered_forgotten,  ///< what was delivered is not written down
  given_up_at_once,     ///< what fails is not tried again
  // What tells others is wrong (post.cpp).
  one_line_for_all,  ///< all endpoints share one connection (N7)
  mail_renamed,      ///< after a crash a mail goes out under a fresh id (N8)
  // The disk lies.
  disk_lies,  ///< it says "synced" and is not
};

struct PlantRow {
  Plant plant;
  std::string_view name;
  /// The books stay right, it only takes too long: a scenario has to look at the hour.
  bool by_scenario_only = false;
};
/// All but `none`.
std::span<const PlantRow> plants();
std::string_view to_text(Plant plant);
std::optional<Plant> plant_from(std::string_view name);

/// `honest` itself, or with a plant of the first kind: `honest` behind a liar.
std::unique_ptr<providers::Provider> make_liar(Plant plant,
                                               std::unique_ptr<providers::Provider> honest);

/// Whether the plant is one statement behind the engine's back.
bool harms_books(Plant plant);
/// Harms the books; false when there is nothing to harm yet.
bool harm_books(Plant plant, storage::Connection& books);

}  // namespace quittance::simulation
