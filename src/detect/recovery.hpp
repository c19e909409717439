// A customer comes back with a code: which order it belongs to, and asking the provider about it.
// A code causes a question; it is never the answer (law 1).
#pragma once

#include "detect/asker.hpp"
#include "qr/qr.hpp"

namespace quittance::detect {

/// An order found by a strong match (C10), and the session whose code it was.
struct Recovered {
  core::Order order;
  core::Session session;
  /// By the QR to the letter, or by the recovery code: only ours could be so. A KHQR that agrees in
  /// bill number, account and amount could be made up with patience; it may cause a question, but
  /// opens nothing.
  bool exact = false;
};

/// Finds the order of a code: by the MD5 of the whole KHQR, then by its bill number when account,
/// amount and currency agree too; or by a recovery code whose three parts all agree. Everything
/// else is empty, for whatever reason.
base::Result<std::optional<Recovered>> find_by_code(storage::Books& books,
                                                    const qr::Payload& payload);

/// Asks the provider about every QR of the order that may still be paid, the scanned one first, and
/// keeps them hot. The answer is the best that any of them brought.
base::Task<base::Result<Asked>> ask_for_order(storage::Store& store, Asker& asker, core::OrderId id,
                                              AskReason reason);

}  // namespace quittance::detect
