// A page of a provider's list on its way into the books: records are made or changed, matched with
// sessions, and what is paid goes through the funnel.
#pragma once

#include <functional>

#include "detect/returned.hpp"
#include "detect/settle.hpp"
#include "providers/providers.hpp"

namespace quittance::detect {

/// Longer words of a provider are cut (law 9).
inline constexpr std::size_t kListedRawLimit = 64 * 1024;

/// A payment of a list, and whether it was asked for by itself, which tells the most.
struct SeenPayment {
  providers::ListedPayment payment;
  bool looked_up = false;
};

/// What came in one piece.
struct SeenPage {
  std::vector<SeenPayment> payments;
  std::vector<std::string> unreadable{};
  std::string actor = "system";  ///< who has it written, for the log
};

/// What came of a payment that fits no session, by which somebody registered for an event.
struct Admitted {
  std::optional<core::Session> session{};  ///< made for it; empty: none was
  std::string outcome{};                   ///< why not; a stable word
};
/// Finds or makes what such a payment is for, in the write of its page. Without one, it stays a
/// payment that fits no session.
using Admit = std::function<base::Result<Admitted>(
    storage::WritableBooks& books, const std::string& provider,
    const providers::ListedPayment& payment, const std::string& actor)>;

/// What writing a page brought.
struct PageWritten {
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t settled = 0;
  std::int64_t returned = 0;
  std::int64_t attendees = 0;
  std::int64_t unreadable = 0;
  std::vector<core::OrderId> orders;  ///< that somebody may be looking at
};

/// Whether its provider has the money, or had it.
bool has_money(const providers::ListedPayment& payment);
/// The session that a payment answers: the one for which its money is counted, the one that it was
/// found to answer before, the one whose reference it bears, or the one that its invoice or QR
/// belongs to. Never another provider's.
base::Result<std::optional<core::Session>> session_of_listed(
    storage::Books& books, const std::string& provider, const providers::ListedPayment& payment);
/// Which of them the list alone does not match, and nobody has asked for by themselves yet.
base::Result<std::vector<std::string>> unknown_refs(storage::Books& books,
                                                    const std::string& provider,
                                                    const std::vector<SeenPayment>& payments);
/// Writes a page. To be called inside a write transaction, all of whose work is given up when this
/// fails.
base::Result<PageWritten> write_listed(storage::WritableBooks& books, const SettleContext& context,
                                       const std::string& provider, const SeenPage& page,
                                       const Admit& admit);

}  // namespace quittance::detect
