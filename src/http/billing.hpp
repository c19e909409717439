// What the billing page (S2) knows of an invoice: an order under the names of that page, camelCase.
#pragma once

#include "http/visit.hpp"

namespace quittance::http {

/// A way to pay, as the billing page offers it.
struct PaymentMethod {
  std::string_view key;  ///< `QPAY`
  std::string_view label;
  std::int64_t sort_order = 0;
  /// Its adapters are named so, or so and a branch; empty: none is needed.
  std::string_view provider;
  bool stated = false;  ///< a person says that the money came
};
/// In the order in which a page shows them.
std::span<const PaymentMethod> all_payment_methods();
/// The adapters of it that are set up.
std::vector<std::string> providers_of(const PaymentMethod& method,
                                      const providers::Registry& registry);
/// Whether this installation takes money that way.
bool is_offered(const PaymentMethod& method, const providers::Registry& registry);
/// nullptr for a key that is none.
const PaymentMethod* payment_method(std::string_view key);

/// Whether it is QPay's adapter, or that of a branch.
bool is_qpay(std::string_view provider);
/// The session behind QPay's id of an invoice; not_found.
base::Task<base::Result<core::Session>> qpay_session(Services& services,
                                                     std::string qpay_invoice_id);
/// The same behind our own number of it (`INV-17-1795000000000`), which is there also when QPay
/// gave no id; not_found.
base::Task<base::Result<core::Session>> qpay_session_numbered(Services& services,
                                                              std::string sender_invoice_no);

/// An order of which nothing was asked so far, as one that came from another system: the cash desk
/// asks for all that is due, so that what a person states has a request to belong to. False when it
/// was asked for before, and when no cash desk is set up.
base::Task<base::Result<bool>> ask_at_desk(Services& services, core::OrderId id);

/// The tax receipt that this request asks for (`issueEBarimt`), if it asks for one.
base::Result<std::optional<storage::ReceiptWish>> wish_of(const Visit& visit, core::OrderId id,
                                                          base::Time now);

/// Major units without needless decimals: `2500`, `12.50`.
base::Json sum_json(core::Money amount);
/// What is paid of an order, by what, and what is left (interfaces: `settlement`).
base::Result<base::Json> invoice_state_json(storage::Books& books, core::OrderId id);

}  // namespace quittance::http
