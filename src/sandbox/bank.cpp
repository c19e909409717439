#include "sandbox/bank.hpp"

#include <algorithm>
#include <tuple>

namespace quittance::sandbox {
namespace {

using base::ErrorCode;
using base::Json;

constexpr DemoAccount kDemoAccounts[] = {
    {"dara@quitbank", "Everyday account", 250'000, 8'000'000},
    {"sophea@quitbank", "Savings account", 1'240'050, 41'500'000},
    {"visal@quitbank", "Nearly empty account", 1'875, 120'000},
};

const DemoAccount* demo_account(std::string_view id) {
  const auto found = std::ranges::find(kDemoAccounts, id, &DemoAccount::id);
  return found == std::end(kDemoAccounts) ? nullptr : found;
}

/// The sum to move, before any one-shot knob.
base::Result<Amount> agreed_amount(const Payable& payable, const PaymentTerms& terms) {
  Currency currency = payable.currency;
  if (terms.currency) {
    const auto named = currency_from_code(*terms.currency);
    if (!named) return base::fail(ErrorCode::invalid_request, "Pay in USD or KHR.", "currency");
    currency = *named;
  }
  if (terms.amount) {
    const auto amount = parse_amount(*terms.amount, currency);
    if (!amount) {
      return base::fail(ErrorCode::invalid_request,
                        "Enter an amount above zero, such as 1.50; riel have no cents.", "amount");
    }
    return *amount;
  }
  if (!payable.amount) {
    return base::fail(ErrorCode::invalid_request, "This QR names no amount: enter one.", "amount");
  }
  if (currency != payable.currency) {
    return base::fail(ErrorCode::invalid_request, "To pay in another currency, say how much of it.",
                      "amount");
  }
  return *payable.amount;
}

/// Bends the payment as the one-shot knobs say, and switches those off.
void bend(Transfer& transfer, Faults& faults) {
  if (faults.wrong_amount) {
    transfer.amount.minor += transfer.amount.minor > 1 ? -1 : 1;
    faults.wrong_amount = false;
  }
  if (faults.other_currency) {
    transfer.amount.currency =
        transfer.amount.currency == Currency::usd ? Currency::khr : Currency::usd;
    faults.other_currency = false;
  }
  if (faults.other_receiver) {
    transfer.receiver = kOtherReceiver;
    faults.other_receiver = false;
  }
}

base::Result<void> check_terms(const Payable& payable, const PaymentTerms& terms) {
  const auto refused = [](std::string message, std::string param) {
    return base::fail(ErrorCode::invalid_request, std::move(message), std::move(param));
  };
  if (!terms.payer.empty() && !is_account_id(terms.payer)) {
    return refused("An account is written name@bank.", "payer");
  }
  if (!is_account_id(terms.receiver.value_or(payable.account))) {
    return refused("An account is written name@bank.", "receiver");
  }
  if (terms.delay < base::Duration{0} || terms.delay > kDelayLimit) {
    return refused("A payment can be scheduled up to 60 days ahead.", "delay_ms");
  }
  constexpr std::size_t kTextLimit = 255;
  if (terms.instruction_ref && terms.instruction_ref->size() > kTextLimit) {
    return refused("At most 255 bytes.", "instruction_ref");
  }
  if (terms.description && terms.description->size() > kTextLimit) {
    return refused("At most 255 bytes.", "description");
  }
  if (terms.attempt.size() > kTextLimit) return refused("At most 255 bytes.", "attempt");
  return {};
}

}  // namespace

std::span<const DemoAccount> demo_accounts() { return kDemoAccounts; }

bool is_account_id(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  return text.size() <= kAccountLimit &&
         std::ranges::none_of(text, [](char c) { return c >= 0 && (c <= ' ' || c == '\x7f'); });
}

base::Result<std::unique_ptr<Bank>> Bank::open(const std::string& data_file,
                                               const std::string& merchant_account,
                                               base::Log& log) {
  std::unique_ptr<Bank> bank(new Bank(merchant_account));
  if (!data_file.empty()) {
    const auto read = [&bank](const Json& line) { return bank->read_line(line); };
    TRY(bank->journal_, Journal::open(data_file, read, log));
  }
  return bank;
}

base::Result<Transfer> Bank::pay(const Payable& payable, const PaymentTerms& terms, Faults& faults,
                                 base::Time now, base::Random& random) {
  if (!terms.attempt.empty()) {
    const auto known = by_attempt_.find(terms.attempt);
    if (known != by_attempt_.end()) return transfers_[known->second.front()];
  }
  if (transfers_.size() >= kTransferLimit) {
    return base::fail(ErrorCode::overloaded, "The bank's books are full. Reset the bank.");
  }
  TRY_VOID(check_terms(payable, terms));
  Transfer transfer;
  TRY(transfer.amount, agreed_amount(payable, terms));
  transfer.created_at = now + terms.delay;
  if (payable.expires_at && *payable.expires_at < transfer.created_at && !faults.honour_expired) {
    return base::fail(ErrorCode::conflict, "This QR has expired. Ask for a new one.", "qr");
  }
  transfer.payer = terms.payer.empty() ? std::string(kWalkInPayer) : terms.payer;
  transfer.receiver = terms.receiver.value_or(payable.account);
  Faults left = faults;
  bend(transfer, left);
  if (transfer.payer == transfer.receiver) {
    return base::fail(ErrorCode::invalid_request, "An account cannot pay itself.", "payer");
  }
  transfer.status = terms.status;
  const bool takes_money = transfer.status == TransferStatus::succeeded;
  if (takes_money && demo_account(transfer.payer) != nullptr &&
      balance_minor(transfer.payer, transfer.amount.currency) < transfer.amount.minor) {
    return base::fail(ErrorCode::conflict, "There is not enough money in this account.", "payer");
  }
  transfer.visible_at = transfer.created_at + base::Duration{faults.not_found_for_ms};
  transfer.sequence = static_cast<std::int64_t>(transfers_.size()) + 1;
  transfer.hash = random.hex(32);
  transfer.md5 = payable.md5;
  transfer.static_qr = !payable.dynamic;
  // `100FT` and eleven digits, as live references look.
  const std::string digits = std::to_string(100'000'000'000u + random.below(100'000'000'000u));
  transfer.external_ref = "100FT" + digits.substr(1);
  transfer.instruction_ref = terms.instruction_ref;
  transfer.description = terms.description;
  transfer.attempt = terms.attempt;
  TRY_VOID(write("transfer", to_json(transfer)));
  faults = left;
  book(transfer);
  return transfer;
}

base::Result<bool> Bank::remember(KnownQr known) {
  if (known_.contains(known.md5)) return false;
  TRY_VOID(write("qr", to_json(known)));
  keep(std::move(known));
  return true;
}

base::Result<void> Bank::reset() {
  if (journal_) TRY_VOID(journal_->clear());
  forget();
  return {};
}

const Transfer* Bank::first_shown(const Index& index, std::string_view key, base::Time now) const {
  const auto found = index.find(std::string(key));
  if (found == index.end()) return nullptr;
  const Transfer* best = nullptr;
  const auto rank = [](const Transfer& transfer) {
    return std::tuple(transfer.status == TransferStatus::failed, transfer.created_at,
                      transfer.sequence);
  };
  for (const std::size_t position : found->second) {
    const Transfer& transfer = transfers_[position];
    if (transfer.visible_at > now) continue;
    if (best == nullptr || rank(transfer) < rank(*best)) best = &transfer;
  }
  return best;
}

const Transfer* Bank::by_md5(std::string_view md5, base::Time now) const {
  return first_shown(by_md5_, md5, now);
}

const Transfer* Bank::by_hash(std::string_view hash, base::Time now) const {
  return first_shown(by_hash_, hash, now);
}

const Transfer* Bank::by_short_hash(std::string_view hash, Amount amount, base::Time now) const {
  const auto found = by_short_hash_.find(std::string(hash));
  if (found == by_short_hash_.end()) return nullptr;
  for (const std::size_t position : found->second) {
    const Transfer& transfer = transfers_[position];
    if (transfer.visible_at <= now && transfer.amount == amount) return &transfer;
  }
  return nullptr;
}

const Transfer* Bank::by_instruction_ref(std::string_view ref, base::Time now) const {
  return first_shown(by_instruction_ref_, ref, now);
}

const Transfer* Bank::by_external_ref(std::string_view ref, base::Time now) const {
  return first_shown(by_external_ref_, ref, now);
}

const KnownQr* Bank::known_qr(std::string_view md5) const {
  const auto found = known_.find(std::string(md5));
  return found == known_.end() ? nullptr : &found->second;
}

std::vector<const KnownQr*> Bank::waiting(std::size_t limit) const {
  std::vector<const KnownQr*> found;
  for (auto md5 = known_order_.rbegin(); md5 != known_order_.rend(); ++md5) {
    if (found.size() == limit) break;
    if (!by_md5_.contains(*md5)) found.push_back(&known_.at(*md5));
  }
  return found;
}

std::vector<const Transfer*> Bank::recent(std::size_t limit) const {
  std::vector<const Transfer*> found;
  for (auto transfer = transfers_.rbegin(); transfer != transfers_.rend(); ++transfer) {
    if (found.size() == limit) break;
    found.push_back(&*transfer);
  }
  return found;
}

bool Bank::account_exists(std::string_view account) const {
  if (account == merchant_account_ || account == kWalkInPayer) return true;
  if (demo_account(account) != nullptr) return true;
  return balances_.contains({std::string(account), Currency::usd}) ||
         balances_.contains({std::string(account), Currency::khr});
}

std::int64_t Bank::balance_minor(std::string_view account, Currency currency) const {
  const auto found = balances_.find({std::string(account), currency});
  return found == balances_.end() ? 0 : found->second;
}

base::Result<void> Bank::read_line(const Json& line) {
  const std::string kind = line["kind"].text_or_empty();
  if (kind == "transfer") {
    TRY(Transfer transfer, transfer_from_json(line["entry"]));
    if (transfer.sequence != static_cast<std::int64_t>(transfers_.size()) + 1) {
      return base::fail(ErrorCode::storage_failure, "A transfer is missing.");
    }
    if (transfers_.size() >= kTransferLimit) {
      return base::fail(ErrorCode::storage_failure, "There are too many transfers.");
    }
    book(std::move(transfer));
    return {};
  }
  if (kind == "qr") {
    TRY(KnownQr known, known_qr_from_json(line["entry"]));
    if (!known_.contains(known.md5)) keep(std::move(known));
    return {};
  }
  return base::fail(ErrorCode::storage_failure, "A line is of no known kind.");
}

base::Result<void> Bank::write(std::string_view kind, const Json& entry) {
  if (!journal_) return {};
  return journal_->append(Json::object({{"kind", kind}, {"entry", entry}}));
}

void Bank::book(Transfer transfer) {
  const std::size_t position = transfers_.size();
  by_md5_[transfer.md5].push_back(position);
  by_hash_[transfer.hash].push_back(position);
  by_short_hash_[transfer.hash.substr(0, 8)].push_back(position);
  by_external_ref_[transfer.external_ref].push_back(position);
  if (transfer.instruction_ref) by_instruction_ref_[*transfer.instruction_ref].push_back(position);
  if (!transfer.attempt.empty()) by_attempt_[transfer.attempt].push_back(position);
  // A million transfers of the largest amount would pass int64: such sums stay at its edge.
  if (transfer.status == TransferStatus::succeeded) {
    std::int64_t& paid = balances_[{transfer.payer, transfer.amount.currency}];
    if (__builtin_sub_overflow(paid, transfer.amount.minor, &paid)) paid = INT64_MIN;
    std::int64_t& received = balances_[{transfer.receiver, transfer.amount.currency}];
    if (__builtin_add_overflow(received, transfer.amount.minor, &received)) received = INT64_MAX;
  }
  transfers_.push_back(std::move(transfer));
}

void Bank::keep(KnownQr known) {
  if (known_order_.size() >= kKnownQrLimit) {
    known_.erase(known_order_.front());
    known_order_.pop_front();
  }
  known_order_.push_back(known.md5);
  known_.emplace(known.md5, std::move(known));
}

void Bank::forget() {
  transfers_.clear();
  for (Index* index : {&by_md5_, &by_hash_, &by_short_hash_, &by_instruction_ref_,
                       &by_external_ref_, &by_attempt_}) {
    index->clear();
  }
  known_order_.clear();
  known_.clear();
  balances_.clear();
  for (const DemoAccount& account : kDemoAccounts) {
    balances_[{std::string(account.id), Currency::usd}] = account.usd_minor;
    balances_[{std::string(account.id), Currency::khr}] = account.khr_minor;
  }
}

}  // namespace quittance::sandbox
