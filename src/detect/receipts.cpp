#include "detect/receipts.hpp"

#include <algorithm>

namespace quittance::detect {
namespace {

using base::Duration;
using base::ErrorCode;
using base::Json;
using base::Result;
using base::Task;
using storage::ReceiptState;
using storage::StoredReceipt;
using storage::WritableBooks;

constexpr Duration kRest{1'000};
/// Longer than any call takes, so that two never ask for one receipt at a time.
constexpr Duration kLease = std::chrono::minutes(5);
constexpr Duration kFirstRetry{5'000};
constexpr Duration kRetryLimit = std::chrono::minutes(30);
constexpr Duration kSoon{2'000};

/// A receipt that is worked on, and whether an earlier attempt may have made one.
struct Begun {
  StoredReceipt receipt;
  bool in_doubt = false;
};

/// Rows for what was paid since; an order that owes again is made due by its next completion.
Result<storage::Rows> make_receipts(WritableBooks& books, const std::vector<std::string>& issuers,
                                    base::Time now) {
  TRY(const auto wishes, books.due_receipt_wishes(now, kReceiptsAtOnce));
  for (const storage::ReceiptWish& wish : wishes) {
    for (const std::string& provider : issuers)
      TRY_VOID(books.make_receipts(wish, provider, now));
    TRY_VOID(books.finish_receipt_wish(wish.order_id));
  }
  return storage::Rows();
}

/// That it is asked for is written before it is asked for: a crash leaves a doubt, never a second
/// receipt.
Result<std::vector<Begun>> begin(WritableBooks& books, const std::vector<std::string>& issuers,
                                 base::Time now) {
  TRY_VOID(make_receipts(books, issuers, now));
  TRY(auto due, books.due_receipts(now, kReceiptsAtOnce));
  std::vector<Begun> begun;
  for (StoredReceipt& receipt : due) {
    const bool in_doubt = receipt.state == ReceiptState::asked;
    if (receipt.wanted && receipt.state == ReceiptState::waiting) {
      receipt.state = ReceiptState::asked;
    }
    TRY_VOID(books.begin_receipt(receipt, receipt.state, now + kLease));
    ++receipt.attempts;
    begun.push_back({.receipt = std::move(receipt), .in_doubt = in_doubt});
  }
  return begun;
}

Duration pause_after(std::int64_t attempts) {
  const auto doublings = std::clamp<std::int64_t>(attempts - 1, 0, 12);
  return std::min(kRetryLimit, Duration{kFirstRetry.count() << doublings});
}

/// Whether the provider said no; else nobody knows what became of the question.
bool is_refusal(const base::Error& error) {
  return error.code == ErrorCode::provider_refused || error.code == ErrorCode::invalid_request ||
         error.code == ErrorCode::not_found || error.code == ErrorCode::unsupported;
}

std::string details_of(const providers::TaxReceipt& receipt) {
  const auto minor = [](const std::optional<core::Money>& sum) {
    return sum ? Json(sum->minor()) : Json();
  };
  return Json::object({{"status", receipt.status},
                       {"amount_minor", minor(receipt.amount)},
                       {"vat_minor", minor(receipt.vat)},
                       {"city_tax_minor", minor(receipt.city_tax)},
                       {"merchant_tin", receipt.merchant_tin},
                       {"district_code", receipt.district_code}})
      .dump();
}

/// What staff and auditors should know of it; its codes are for the printed receipt only.
Result<storage::Rows> tell(WritableBooks& books, const StoredReceipt& receipt, base::Time now) {
  const bool told = receipt.state == ReceiptState::issued ||
                    receipt.state == ReceiptState::refused ||
                    (receipt.state == ReceiptState::voided && !receipt.receipt_ref.empty());
  const bool failed = !receipt.last_error.empty();
  if (!told || failed != (receipt.state == ReceiptState::refused)) return storage::Rows();
  return books.insert_audit({.created_at = now,
                             .actor = "system",
                             .action = "tax_receipt." + std::string(to_text(receipt.state)),
                             .subject_type = "order",
                             .subject_id = receipt.order_id.value(),
                             .details = Json::object({{"provider", receipt.provider},
                                                      {"payment_ref", receipt.payment_ref},
                                                      {"receipt_id", receipt.receipt_id},
                                                      {"reason", receipt.last_error}})
                                            .dump()});
}

}  // namespace

StoredReceipt Receipts::put_off(StoredReceipt receipt, const base::Error& error) {
  receipt.last_error = base::error_row(error.code).wire;
  const base::Time now = parts_.clock.now();
  receipt.next_attempt_at = now + pause_after(receipt.attempts);
  if (receipt.attempts < kReceiptAttempts) return receipt;
  receipt.next_attempt_at = std::nullopt;
  if (receipt.state == ReceiptState::waiting) receipt.state = ReceiptState::refused;
  return receipt;
}

/// Only the newer kind is known to its provider by the payment.
Task<Result<void>> Receipts::withdraw(providers::Provider& provider, std::string payment_ref) {
  if (parts_.options.district_code.empty() || parts_.options.classification_code.empty()) {
    co_return base::fail(ErrorCode::unsupported, "This receipt cannot be found by its payment.");
  }
  co_return co_await provider.void_receipt("payment/" + payment_ref);
}

Task<StoredReceipt> Receipts::issue(providers::Provider& provider, StoredReceipt receipt) {
  providers::ReceiptDraft draft{.payment_ref = receipt.payment_ref,
                                .receiver_type = receipt.receiver_type == "company"
                                                     ? providers::ReceiptReceiver::company
                                                     : providers::ReceiptReceiver::citizen,
                                .receiver = receipt.receiver,
                                .district_code = parts_.options.district_code,
                                .classification_code = parts_.options.classification_code};
  auto issued = co_await provider.issue_receipt(std::move(draft));
  if (!issued) {
    // After a refusal there is none; after silence there may be one.
    if (is_refusal(issued.error())) receipt.state = ReceiptState::waiting;
    co_return put_off(std::move(receipt), issued.error());
  }
  receipt.state = ReceiptState::issued;
  receipt.next_attempt_at = std::nullopt;
  receipt.last_error.clear();
  receipt.receipt_ref = issued->receipt_ref;
  receipt.receipt_id = issued->receipt_id;
  receipt.details = details_of(*issued);
  receipt.qr_data = issued->qr_data;
  receipt.lottery = issued->lottery;
  receipt.issued_at = parts_.clock.now();
  co_return receipt;
}

/// None is to stand: the one that is known, or whatever a lost answer left.
Task<StoredReceipt> Receipts::take_away(providers::Provider& provider, StoredReceipt receipt,
                                        bool in_doubt) {
  Result<void> gone;
  if (receipt.state == ReceiptState::issued) {
    gone = co_await provider.void_receipt(receipt.receipt_ref);
  } else if (in_doubt) {
    gone = co_await withdraw(provider, receipt.payment_ref);
  }
  if (!gone) co_return put_off(std::move(receipt), gone.error());
  receipt.state = ReceiptState::voided;
  receipt.next_attempt_at = std::nullopt;
  receipt.last_error.clear();
  receipt.voided_at = parts_.clock.now();
  co_return receipt;
}

Task<bool> Receipts::process(StoredReceipt receipt, bool in_doubt) {
  providers::Provider* provider = parts_.registry.find(receipt.provider);
  const Admission admission =
      provider ? parts_.asker.gate(provider->name()).enter() : Admission::broken;
  if (admission != Admission::admitted) {
    // Not asked this time; whether an earlier attempt was lost is still the question.
    if (!in_doubt && receipt.state == ReceiptState::asked) receipt.state = ReceiptState::waiting;
    receipt.next_attempt_at = parts_.clock.now() + (provider ? kSoon : kRetryLimit);
  } else {
    bool clear = true;
    if (receipt.wanted && in_doubt) {
      const Result<void> withdrawn = co_await withdraw(*provider, receipt.payment_ref);
      clear = withdrawn.has_value();
      if (!clear) {
        const bool never = withdrawn.error().code == ErrorCode::unsupported;
        receipt = put_off(std::move(receipt), withdrawn.error());
        // Asked again it might stand twice: a person decides.
        if (never) receipt.next_attempt_at = std::nullopt;
      }
    }
    if (!receipt.wanted) {
      receipt = co_await take_away(*provider, std::move(receipt), in_doubt);
    } else if (clear) {
      receipt = co_await issue(*provider, std::move(receipt));
    }
    parts_.asker.gate(provider->name()).leave({});
  }
  const base::Time now = parts_.clock.now();
  std::move_only_function<Result<bool>(WritableBooks&)> work =
      [receipt, now](WritableBooks& books) -> Result<bool> {
    TRY(const bool newest, books.finish_receipt(receipt, now));
    if (newest) TRY_VOID(tell(books, receipt, now));
    return newest;
  };
  const auto written = co_await parts_.store.write<bool>(std::move(work));
  if (!written) parts_.log.error("receipt.not_recorded", {{"detail", written.error().detail}});
  parts_.log.info("receipt.processed", {{"order_id", receipt.order_id.value()},
                                        {"provider", receipt.provider},
                                        {"state", to_text(receipt.state)},
                                        {"error", receipt.last_error}});
  if (written && receipt.state == ReceiptState::issued) parts_.bulletin.publish(receipt.order_id);
  co_return written.has_value();
}

Task<std::int64_t> Receipts::process_due() {
  const base::Time now = parts_.clock.now();
  storage::Reading<bool> look = [now](storage::Books& books) -> Result<bool> {
    TRY(const auto wishes, books.due_receipt_wishes(now, 1));
    TRY(const auto receipts, books.due_receipts(now, 1));
    return !wishes.empty() || !receipts.empty();
  };
  const auto waits = co_await parts_.store.read(std::move(look));
  if (!waits || !*waits) co_return 0;
  std::vector<std::string> issuers;
  for (const auto& provider : parts_.registry.all()) {
    if (provider->capabilities().issues_receipts) issuers.emplace_back(provider->name());
  }
  std::move_only_function<Result<std::vector<Begun>>(WritableBooks&)> work =
      [issuers = std::move(issuers), now](WritableBooks& books) {
        return begin(books, issuers, now);
      };
  auto begun = co_await parts_.store.write<std::vector<Begun>>(std::move(work));
  if (!begun) {
    parts_.log.error("receipt.claim_failed", {{"detail", begun.error().detail}});
    co_return 0;
  }
  std::vector<Task<bool>> working;
  for (Begun& one : *begun)
    working.push_back(process(std::move(one.receipt), one.in_doubt));
  const auto done = co_await base::gather(std::move(working));
  co_return static_cast<std::int64_t>(done.size());
}

Task<void> Receipts::run() {
  while (!stopping_) {
    co_await process_due();
    co_await base::Sleep{kRest};
  }
}

}  // namespace quittance::detect
