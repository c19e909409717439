// What the parts of the QPay simulator share: its words for what is wrong, its invoices and
// payments. Sums are whole tugrik in int64 here: arithmetic of its own, apart from core's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/rail.hpp"

namespace quittance::sandbox {

/// `{"error":"CODE","message":…}`.
base::HttpResponse qpay_error(int status, std::string_view code);
/// `{"error":{"field":{"type":…,"message":…}},"message":"Validation error"}`, status 400.
base::HttpResponse qpay_field_error(std::string_view field, std::string_view type,
                                    std::string_view message);

/// `POST /v2/auth/token` and `/v2/auth/refresh`.
base::HttpResponse qpay_token(RailDesk& desk, const base::HttpRequest& request);
base::HttpResponse qpay_refresh(RailDesk& desk, const base::HttpRequest& request);
bool qpay_lets_in(RailDesk& desk, const base::HttpRequest& request);

/// How sums are written: the real service mixes numbers and texts in one body.
enum class SumStyle { mixed, numbers, texts };
/// `as_text` is how the real service writes this member.
base::Json qpay_sum(const RailDesk& desk, std::int64_t tugrik, bool as_text);
/// Whole tugrik above zero, from a number or a text; `100.00` is whole.
std::optional<std::int64_t> read_qpay_sum(const base::Json& value);

base::HttpResponse qpay_create_invoice(RailDesk& desk, const base::Json& body);
base::HttpResponse qpay_show_invoice(RailDesk& desk, const std::string& id);
base::HttpResponse qpay_cancel_invoice(RailDesk& desk, const std::string& id);
/// `OPEN`, `CLOSED`, `CANCELED`, or `EXPIRED` (which is shown as OPEN: nothing tells it).
std::string qpay_invoice_state(const RailDesk& desk, const base::Json& invoice);

base::HttpResponse qpay_check_payments(RailDesk& desk, const base::Json& body);
base::HttpResponse qpay_list_payments(RailDesk& desk, const base::Json& body);
base::HttpResponse qpay_show_payment(RailDesk& desk, const std::string& id);
base::HttpResponse qpay_return_payment(RailDesk& desk, const std::string& id);
/// What a payer does with an invoice; the callback follows.
base::Result<base::Json> qpay_act(RailDesk& desk, const std::string& ref, const Act& act);
std::span<const Choice> qpay_choices();

base::HttpResponse qpay_create_receipt(RailDesk& desk, const base::Json& body, bool newer);
base::HttpResponse qpay_show_receipt(RailDesk& desk, const std::string& id);
/// The newer kind is named by its payment, the older one by its own id.
base::HttpResponse qpay_void_receipt(RailDesk& desk, const std::string& id, bool newer);

/// The 23 apps that an invoice links to.
struct QpayBank {
  std::string_view scheme;
  std::string_view name;
  std::string_view code;  ///< of the bank; empty for wallets
};
std::span<const QpayBank> qpay_banks();

}  // namespace quittance::sandbox
