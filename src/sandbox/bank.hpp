// The books of the sandbox bank: accounts, transfers, and the QR codes it has heard of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/base.hpp"
#include "sandbox/faults.hpp"
#include "sandbox/journal.hpp"
#include "sandbox/payable.hpp"
#include "sandbox/transfer.hpp"

namespace quittance::sandbox {

/// Limits of the books (law 9).
inline constexpr std::size_t kTransferLimit = 1'000'000;  ///< then payments are refused
inline constexpr std::size_t kKnownQrLimit = 20'000;      ///< then the oldest is forgotten
/// An account id is `name@bank` of at most this many characters (KHQR Content Guideline v1.4, tag
/// 29-00).
inline constexpr std::size_t kAccountLimit = 32;
/// A payment cannot be scheduled further ahead.
inline constexpr base::Duration kDelayLimit{60LL * 86'400'000};

/// Who pays when nobody is named: an account at another bank, whose books we do not keep.
inline constexpr std::string_view kWalkInPayer = "walkin@otherbank";
/// Who gets the money when the knob other_receiver is set.
inline constexpr std::string_view kOtherReceiver = "somebody.else@otherbank";

/// A demo customer of this bank. Every other account that pays or is paid belongs to some other
/// bank and can pay any sum.
struct DemoAccount {
  std::string_view id;
  std::string_view holder;
  std::int64_t usd_minor;  ///< opening balance
  std::int64_t khr_minor;
};
std::span<const DemoAccount> demo_accounts();

/// True for `name@bank` within kAccountLimit, without blanks or control characters.
bool is_account_id(std::string_view text);

/// How a payment shall be made. What is left out comes from the QR.
struct PaymentTerms {
  std::string payer{};                    ///< empty: kWalkInPayer
  std::optional<std::string> amount{};    ///< decimal text, major units
  std::optional<std::string> currency{};  ///< `USD` or `KHR`
  std::optional<std::string> receiver{};
  base::Duration delay{0};  ///< pay this much later, up to kDelayLimit
  TransferStatus status = TransferStatus::succeeded;
  std::optional<std::string> instruction_ref{};
  std::optional<std::string> description{};
  /// The same non-empty word twice is one payment, not two.
  std::string attempt{};
};

/// The books. Not for use by two threads at once: Sandbox guards it.
class Bank {
 public:
  /// `data_file` empty: memory only.
  static base::Result<std::unique_ptr<Bank>> open(const std::string& data_file,
                                                  const std::string& merchant_account,
                                                  base::Log& log);

  /// Pays. One-shot knobs in `faults` that were used are switched off there. Errors:
  /// invalid_request (param names the field), conflict (expired, too little money), overloaded.
  base::Result<Transfer> pay(const Payable& payable, const PaymentTerms& terms, Faults& faults,
                             base::Time now, base::Random& random);
  /// Keeps a QR for the bank page; a QR that is known already stays as it is. True when new.
  base::Result<bool> remember(KnownQr known);
  /// Forgets every transfer and QR.
  base::Result<void> reset();

  /// The transfer the Open API shows for this key at `now`: the first that succeeded, else the
  /// first. Null when there is none (yet).
  const Transfer* by_md5(std::string_view md5, base::Time now) const;
  const Transfer* by_hash(std::string_view hash, base::Time now) const;
  /// All three must agree.
  const Transfer* by_short_hash(std::string_view hash, Amount amount, base::Time now) const;
  const Transfer* by_instruction_ref(std::string_view ref, base::Time now) const;
  const Transfer* by_external_ref(std::string_view ref, base::Time now) const;

  const KnownQr* known_qr(std::string_view md5) const;
  /// Newest first, those without a transfer only.
  std::vector<const KnownQr*> waiting(std::size_t limit) const;
  /// Newest first, whether the Open API shows them yet or not.
  std::vector<const Transfer*> recent(std::size_t limit) const;
  /// In the order of booking.
  const std::deque<Transfer>& transfers() const { return transfers_; }
  bool account_exists(std::string_view account) const;
  /// Of a demo account; money that a scheduled payment will take is gone already.
  std::int64_t balance_minor(std::string_view account, Currency currency) const;

 private:
  using Index = std::unordered_map<std::string, std::vector<std::size_t>>;

  explicit Bank(std::string merchant_account) : merchant_account_(std::move(merchant_account)) {
    forget();
  }
  base::Result<void> read_line(const base::Json& line);
  base::Result<void> write(std::string_view kind, const base::Json& entry);
  void book(Transfer transfer);
  void keep(KnownQr known);
  void forget();
  const Transfer* first_shown(const Index& index, std::string_view key, base::Time now) const;

  std::string merchant_account_;
  std::unique_ptr<Journal> journal_;
  std::deque<Transfer> transfers_;
  Index by_md5_, by_hash_, by_short_hash_, by_instruction_ref_, by_external_ref_, by_attempt_;
  std::deque<std::string> known_order_;  ///< md5, oldest first
  std::unordered_map<std::string, KnownQr> known_;
  std::map<std::pair<std::string, Currency>, std::int64_t> balances_;
};

}  // namespace quittance::sandbox
