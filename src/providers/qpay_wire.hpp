// QPay v2's JSON, written and read; no network in here. Facts: docs/providers/qpay.md.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/providers.hpp"

namespace quittance::providers {

/// One call's answer in QPay's dialect: 2xx, or a 4xx that says what is wrong.
struct QpaySaid {
  int status = 0;
  base::Json body;
  /// `INVOICE_PAID`; `VALIDATION_ERROR` where `error` is an object of fields; empty when well.
  std::string error;
  bool well() const { return status >= 200 && status <= 299; }
};
/// Or why there is none.
using QpayHeard = std::expected<QpaySaid, Unknown>;
/// For replies with which nothing was wrong below the dialect.
QpayHeard read_qpay(const base::HttpReply& reply);

base::Json qpay_invoice(const SessionDraft& draft, const QpayOptions& options);
/// invalid_request for an amount that QPay cannot ask for: tugrik, whole, above zero.
base::Result<void> check_qpay_amount(core::Money amount);
/// nullopt when what is needed to be paid is not in it.
std::optional<Presentation> read_qpay_invoice(const base::Json& body);

base::Json qpay_check(std::string_view invoice_id, std::int64_t page);
/// A page of `payment/check`.
struct QpayCheck {
  struct Row {
    std::string payment_id;
    std::string status;  ///< upper case
    std::optional<core::Money> amount;
    std::string raw;
  };
  std::vector<Row> rows;
  bool more = false;
};
/// nullopt when it is no such page.
std::optional<QpayCheck> read_qpay_check(const base::Json& body, std::int64_t page);

base::Json qpay_list(std::string_view merchant, ListWindow window, std::int64_t page);
/// One row of `payment/list`, or the body of `payment/{id}`.
std::optional<ListedPayment> read_qpay_payment(const base::Json& row);
std::optional<Page> read_qpay_list(const base::Json& body, std::int64_t page);

base::Json qpay_receipt(const ReceiptDraft& draft);
/// `kind` becomes part of receipt_ref.
std::optional<TaxReceipt> read_qpay_receipt(const base::Json& body, bool newer,
                                            const std::string& payment_ref);

/// What QPay's refusal means to whoever asked. `what` names what was tried.
std::unexpected<base::Error> qpay_refusal(const QpaySaid& said, std::string_view what);

/// How many rows a page has at most; more is refused.
inline constexpr std::int64_t kQpayPageLimit = 100;

}  // namespace quittance::providers
