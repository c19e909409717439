#include <algorithm>

#include "providers/providers.hpp"

namespace quittance::providers {

using base::Result;
using base::Task;

std::string_view to_text(UnknownReason reason) {
  switch (reason) {
    case UnknownReason::timeout:
      return "timeout";
    case UnknownReason::forbidden:
      return "forbidden";
    case UnknownReason::unauthorized:
      return "unauthorized";
    case UnknownReason::throttled:
      return "throttled";
    case UnknownReason::server_error:
      return "server_error";
    case UnknownReason::unreadable:
      return "unreadable";
  }
  return "";
}

std::string_view to_text(const Answer& answer) {
  struct Word {
    std::string_view operator()(const Paid&) const { return "paid"; }
    std::string_view operator()(const NotYet&) const { return "not_yet"; }
    std::string_view operator()(const FinalNo&) const { return "final_no"; }
    std::string_view operator()(const Unknown&) const { return "unknown"; }
  };
  return std::visit(Word{}, answer);
}

std::string_view to_text(PaymentState state) {
  switch (state) {
    case PaymentState::pending:
      return "pending";
    case PaymentState::authorized:
      return "authorized";
    case PaymentState::paid:
      return "paid";
    case PaymentState::failed:
      return "failed";
    case PaymentState::canceled:
      return "canceled";
    case PaymentState::refunded:
      return "refunded";
  }
  return "";
}

bool Capabilities::takes(core::Currency currency) const {
  return !currencies || std::ranges::find(*currencies, currency.code()) != currencies->end();
}

namespace {

std::unexpected<base::Error> unsupported(std::string_view provider, std::string_view what) {
  return base::fail(base::ErrorCode::unsupported,
                    std::string(provider) + " has no " + std::string(what) + ".");
}

}  // namespace

Task<Result<std::string>> Provider::deep_link(core::Session) {
  co_return unsupported(name(), "links to banking apps");
}
Result<Notice> Provider::read_notice(const RawNotice&) const {
  return unsupported(name(), "notices");
}
Task<Result<Page>> Provider::list(ListWindow, std::string) {
  co_return unsupported(name(), "list of payments");
}
Task<Result<std::optional<ListedPayment>>> Provider::payment(std::string) {
  co_return unsupported(name(), "way to ask about one payment");
}
Task<Result<CancelOutcome>> Provider::cancel(core::Session) {
  co_return unsupported(name(), "way to cancel a request");
}
Task<Result<RefundRef>> Provider::refund(RefundDraft) { co_return unsupported(name(), "refunds"); }
Task<Result<TaxReceipt>> Provider::issue_receipt(ReceiptDraft) {
  co_return unsupported(name(), "tax receipts");
}
Task<Result<void>> Provider::void_receipt(std::string) {
  co_return unsupported(name(), "tax receipts");
}

std::string callback_token(const base::Secret& key, std::string_view session_id) {
  return base::hmac_sha256_hex(key, "callback " + std::string(session_id));
}

Provider* Registry::find(std::string_view name) const {
  for (const auto& provider : providers_) {
    if (provider->name() == name) return provider.get();
  }
  return nullptr;
}

}  // namespace quittance::providers
