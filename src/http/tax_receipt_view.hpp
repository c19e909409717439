// The tax receipts of an order, as the receipt page and the API tell its customer of them.
#pragma once

#include "http/order_page.hpp"

namespace quittance::http {

/// How a tax receipt looks to the customer. `tax_` and its word names its part of the page.
enum class TaxReceiptSight {
  waiting,   ///< on its way; nothing is to be done
  issued,    ///< it stands: only now its codes are shown
  leaving,   ///< its money went back, and it is still to be taken back
  voided,    ///< none stands, as the money went back
  refused,   ///< there is none, and without a person there will be none
  doubtful,  ///< nobody knows whether it stands, and nobody asks any more: a person has to
};
std::string_view to_text(TaxReceiptSight sight);

TaxReceiptSight sight_of(const storage::StoredReceipt& receipt);
/// Whether its lottery number and its QR are told to whoever holds the order, here and by the API.
bool shows_codes(const storage::StoredReceipt& receipt);

/// The row of a receipt on the page; `paid` is what of its payment counts, where that is known.
/// The parts of the row that stay are those whose slot is not empty.
Slots tax_receipt_row(const storage::StoredReceipt& receipt,
                      const std::optional<core::Money>& paid);

/// A row for each payment that has, had or will have a receipt; none when nobody asked for one.
/// storage_failure.
base::Task<base::Result<std::vector<Slots>>> tax_receipt_rows(Services& services,
                                                              const OrderFacts& facts);

}  // namespace quittance::http
