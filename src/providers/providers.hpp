// The door of providers: one port, behind which every payment provider looks alike. Adapters have
// no headers; the registry below makes them by name.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/core.hpp"
#include "providers/invoice.hpp"
#include "providers/moment_text.hpp"
#include "providers/registration.hpp"
#include "providers/settings.hpp"
#include "providers/tax_receipt.hpp"

namespace quittance::providers {

/// The provider confirms that money moved.
struct Paid {
  std::string provider_ref;
  core::Money amount;
  std::string receiver;  ///< empty: the provider does not say
  std::string payer;
  base::Time paid_at;
  std::string raw;  ///< its own words
  /// How much of it has gone back since; empty: nothing that the provider tells of.
  std::optional<core::Money> refunded{};
};
/// The provider answered: nothing has come so far.
struct NotYet {};
/// The provider answered: this attempt failed for good. Money may still come by another attempt.
struct FinalNo {
  std::string reason;
};
/// Why nothing is known. None of these is a no (law 3).
enum class UnknownReason {
  timeout,       ///< no answer in time, or no connection
  forbidden,     ///< 403, as from outside the country
  unauthorized,  ///< our token is expired or wrong
  throttled,     ///< 429
  server_error,  ///< 5xx, or the provider's own "cannot connect"
  unreadable,    ///< an answer that is not in the dialect
};
std::string_view to_text(UnknownReason reason);
/// The provider could not be asked, or what it said cannot be understood.
struct Unknown {
  UnknownReason reason = UnknownReason::timeout;
  std::optional<base::Duration> retry_after{};
};
/// There is no conversion to bool, and none from Unknown to NotYet.
using Answer = std::variant<Paid, NotYet, FinalNo, Unknown>;
std::string_view to_text(const Answer& answer);

/// What a payer is to be shown, or, where a provider pushes to phones, to be asked.
struct SessionDraft {
  core::Money amount;
  std::string bill_number;         ///< short; fits into a QR
  std::string merchant_reference;  ///< our session's UUID: the provider hands it back
  std::string description;         ///< what a payer reads
  std::string callback_url;        ///< empty: this provider calls nobody back by session
  std::string payer_phone;         ///< only for a push
  std::string object_type;         ///< what is paid for: `order`, `invoice`, `vehicle` …
  base::Time created_at;
  base::Time expires_at;                  ///< until when it shall be payable
  std::optional<InvoiceDetail> detail{};  ///< only where the provider makes invoices
};
/// One banking app that can be opened with the request in it.
struct DeepLink {
  std::string name;
  std::string description;
  std::string logo;  ///< URL
  std::string link;
};
struct Presentation {
  std::string qr_data;  ///< text of the QR; empty when the provider shows only a picture, or pushes
  std::string md5_hash;        ///< of qr_data; empty when that is
  std::string receiver;        ///< account that the money will reach
  std::string provider_ref{};  ///< their id of the invoice, intent or QR; empty: there is none
  std::string picture{};       ///< URL of theirs, of a picture or a page with the code
  std::vector<DeepLink> links{};
  std::optional<base::Time> expires_at{};  ///< when they end it, where they say so
  std::string client_token{};  ///< with which a payer's browser completes it; for that payer only
};

/// How a provider wants to be asked.
enum class PollingRule {
  everything,               ///< nobody tells us: asking is all there is
  while_pending_then_list,  ///< ask while the payer decides; its list tells the rest
  webhook_first,            ///< notices do the work, questions are the safety net
  rare_bounded_sweep,       ///< its terms forbid asking by the clock but for a rare sweep
};
/// What a provider can do, as data.
struct Capabilities {
  std::size_t bulk_limit = 1;     ///< sessions in one question
  CallBudget budget{};            ///< of this account
  bool makes_deep_links = false;  ///< has a link that opens a banking app
  /// Presenting is a call over the network: the session is in the books before it is made.
  bool presents_remotely = false;
  bool lists = false;
  bool notifies = false;
  bool cancels = false;
  bool refunds = false;
  bool issues_receipts = false;  ///< registers tax receipts with the state
  PollingRule polling = PollingRule::everything;
  std::string_view callback_path{};  ///< ours, for a provider that is told a URL per session
  /// ISO 4217 codes of what it can ask a payer for without a page of its own; nullopt: of any sum.
  std::optional<std::span<const std::string_view>> currencies{};
  bool rings_phone = false;  ///< it asks a phone, whose number the draft must bear

  bool takes(core::Currency currency) const;
};

/// A notice as it came in.
struct RawNotice {
  base::HttpHeaders headers;
  std::string query;  ///< without `?`
  std::string body;   ///< to the byte: signatures are over this
};
/// What a notice says. Only a hint: what follows is a question.
struct Notice {
  std::string notice_id;           ///< the same when it is sent again
  std::string kind;                ///< the provider's word for what happened
  std::string provider_ref;        ///< of the invoice, intent or QR to ask about; may be empty
  std::string payment_ref;         ///< of the payment to ask about; may be empty
  std::string merchant_reference;  ///< ours, when it is handed back
};

/// A payment in a provider's list.
enum class PaymentState { pending, authorized, paid, failed, canceled, refunded };
std::string_view to_text(PaymentState state);
struct ListedPayment {
  std::string payment_ref;   ///< what `Paid::provider_ref` would be
  std::string provider_ref;  ///< of the invoice, intent or QR that it answers; may be empty
  std::string merchant_reference;
  PaymentState state = PaymentState::pending;
  core::Money amount;
  core::Money refunded;
  std::string payer;
  base::Time created_at;
  std::optional<base::Time> paid_at;
  std::string raw;
  /// Of whoever paid for an event; empty: the payment is for something else.
  std::optional<Registration> registration{};
  /// How much of it the payer's bank has taken back and keeps, by now; nullopt: this does not say.
  std::optional<core::Money> disputed{};
};
struct ListWindow {
  base::Time since;
  base::Time until;
};
struct Page {
  std::vector<ListedPayment> payments;
  std::vector<std::string> unreadable;  ///< items that staff must look at, as they came
  std::string next_cursor;              ///< empty: that was the last page
};

enum class CancelOutcome {
  canceled,    ///< also when it was before
  money_came,  ///< it is paid or being paid: ask, do not cancel
};
struct RefundDraft {
  core::Session session;
  std::string payment_ref;  ///< `Paid::provider_ref`
  core::Money amount;
  std::string reason;
  std::string idempotency_key;  ///< 10 to 200 of [A-Za-z0-9_-]
};
enum class RefundState { pending, succeeded, failed };
struct RefundRef {
  std::string provider_ref;
  RefundState state = RefundState::pending;
  core::Money amount;
};

/// How a provider is doing, for staff and alarms (N11).
struct Health {
  std::optional<base::Time> last_ok_at;
  std::optional<base::Time> last_error_at;
  std::string last_error;
  std::optional<base::Time> token_expires_at;
  std::string alarm;  ///< empty: none; else what a person must do
};

/// The port. Methods are called from any loop; nothing in here touches the books. What a provider
/// cannot do fails with `unsupported`; its Capabilities say so beforehand.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view environment() const = 0;  ///< `sandbox` or `live`
  virtual Capabilities capabilities() const = 0;
  /// The same draft again gives the same invoice where the provider allows that; where it does
  /// not, one that nobody was shown stays behind. invalid_request: it cannot ask for this.
  virtual base::Task<base::Result<Presentation>> present(SessionDraft draft) = 0;
  /// One Answer per session, in their order. Never more than `bulk_limit` sessions. A session that
  /// has no provider_ref although there should be one is looked for by its reference.
  virtual base::Task<std::vector<Answer>> query(std::vector<core::Session> sessions) = 0;
  /// A link that opens a banking app for this payload; empty when the provider gives none.
  virtual base::Task<base::Result<std::string>> deep_link(core::Session session);
  /// forbidden: not signed by the provider; invalid_request: signed, but not in its dialect.
  virtual base::Result<Notice> read_notice(const RawNotice& notice) const;
  /// Payments that were made or changed in the window, as far as the provider can tell; `cursor`
  /// is empty at first, then the `next_cursor` of the page before.
  virtual base::Task<base::Result<Page>> list(ListWindow window, std::string cursor);
  /// One payment by its own id; nullopt: the provider knows none of that id.
  virtual base::Task<base::Result<std::optional<ListedPayment>>> payment(std::string payment_ref);
  virtual base::Task<base::Result<CancelOutcome>> cancel(core::Session session);
  virtual base::Task<base::Result<RefundRef>> refund(RefundDraft draft);
  /// Not repeatable: whoever asks twice may get two receipts.
  virtual base::Task<base::Result<TaxReceipt>> issue_receipt(ReceiptDraft draft);
  /// Also well when it was void before. `payment/<payment_ref>`: the newer kind of that payment.
  virtual base::Task<base::Result<void>> void_receipt(std::string receipt_ref);
  virtual Health health() const = 0;
};

/// Settings of the Bakong adapter.
struct BakongOptions {
  std::string base_url;
  base::Secret token;
  std::string account_id;     ///< `shop@bank`
  std::string merchant_name;  ///< ≤ 25 UTF-16 units
  std::string merchant_city = "Phnom Penh";
  std::string merchant_id;  ///< with acquiring_bank: a corporate merchant (tag 30)
  std::string acquiring_bank;
  std::string environment = "sandbox";
  base::Duration timeout{8'000};
  CallBudget budget{};
};

/// Settings of the QPay adapter. Each branch of a merchant that has a login of its own is an
/// adapter of its own.
struct QpayOptions {
  std::string base_url;
  std::string client_id;
  base::Secret client_secret;
  std::string invoice_code;
  std::string receiver_code = "terminal";
  std::string callback_url{};  ///< where QPay reaches us, if another address than the shop's
  std::string branch{};        ///< makes the name `qpay-<branch>`; stands on its invoices
  std::string environment = "sandbox";
  base::Secret callback_key{};  ///< of the tokens in callback URLs; empty: no notice is believed
  base::Duration timeout{10'000};
  CallBudget budget{};
};

/// Settings of the MVola adapter.
struct MvolaOptions {
  std::string base_url;
  std::string consumer_key;
  base::Secret consumer_secret;
  std::string partner_name;
  std::string partner_number;            ///< the merchant's own: `0343500004`
  std::string language = "FR";           ///< what the payer's phone shows: `FR` or `MG`
  std::string foreign_currency = "USD";  ///< sent beside the amount; empty: not sent
  std::string environment = "sandbox";
  base::Secret callback_key{};  ///< of the tokens in callback URLs
  base::Duration timeout{20'000};
  CallBudget budget{};
};

/// Settings of the Stripe adapter.
struct StripeOptions {
  std::string base_url = "https://api.stripe.com";
  base::Secret secret_key;
  std::vector<base::Secret> webhook_secrets{};  ///< several while one is being rolled
  std::string environment = "sandbox";          ///< `sandbox` or `live`
  /// Which of their methods shows a QR for a currency of ours: `INR` → `upi`. Others are paid in
  /// the payer's browser.
  std::map<std::string, std::string> qr_methods{};
  std::string email{};  ///< of the shop: PromptPay does without the payer's only with this one
  std::string api_version = "2026-10-28.endive";
  base::Duration timeout{20'000};
  CallBudget budget{};
  base::Duration tolerance = std::chrono::minutes(5);  ///< of a notice's time stamp, both ways
};

/// Settings of the Razorpay adapter.
struct RazorpayOptions {
  std::string base_url = "https://api.razorpay.com";
  std::string key_id;  ///< `rzp_test_…` or `rzp_live_…`
  base::Secret key_secret;
  std::vector<base::Secret> webhook_secrets{};  ///< the old one stays good for a day
  std::string environment = "sandbox";
  std::string merchant_name{};
  base::Duration timeout{15'000};
  CallBudget budget{};
};

/// All adapters that a configuration asks for, by name.
class Registry {
 public:
  void add(std::unique_ptr<Provider> provider) { providers_.push_back(std::move(provider)); }
  /// nullptr when there is none of that name.
  Provider* find(std::string_view name) const;
  const std::vector<std::unique_ptr<Provider>>& all() const { return providers_; }

 private:
  std::vector<std::unique_ptr<Provider>> providers_;
};

/// What every adapter is told of the shop.
struct ShopFacts {
  std::string merchant_name;
  std::string public_url;  ///< may be empty
};
/// What providers are made with. All of it outlives them.
struct ProviderParts {
  base::HttpClient& client;
  const base::Clock& clock;
  base::Log& log;
  base::Secret callback_key;            ///< of the tokens in callback URLs
  std::string environment = "sandbox";  ///< `live` when any provider here moves real money
};
/// A provider whose settings are read and checked.
struct ReadyProvider {
  std::string environment;
  std::function<std::unique_ptr<Provider>(const ProviderParts& parts)> make;
};
/// Where calls go in a sandbox, and what is drawn for its accounts.
struct SandboxPlace {
  std::string url;
  /// Secret letters of 0-9a-f, 64 at most; the same for the same use in one installation.
  std::function<std::string(std::string_view use, std::size_t letters)> draw;
};
/// The shop's account at the simulator of a provider.
struct SandboxAccount {
  std::string key_id{};
  base::Secret secret{};
  std::vector<base::Secret> notice_secrets{};  ///< the newest first
  std::string notice_path{};  ///< of ours; empty: it notifies nobody, or by session
  std::string keys{};         ///< for people: what its clients need
};
/// What an adapter's file declares of itself; a line of src/rails.hpp names it.
struct Adapter {
  std::string_view name;
  /// One for each account that is set up, none when nothing is set. An error names the variable.
  base::Result<std::vector<ReadyProvider>> (*read)(const Settings& settings, const ShopFacts& shop);
  /// Sets what calls at `place` need, and keeps what a person has chosen there; null: there is no
  /// simulator.
  SandboxAccount (*at_sandbox)(Settings& settings, const SandboxPlace& place) = nullptr;
};

/// The adapter of the National Bank of Cambodia's Bakong Open API (KHQR).
std::unique_ptr<Provider> make_bakong(BakongOptions options, base::HttpClient& client,
                                      const base::Clock& clock, base::Log& log);
/// The adapter of QPay v2 (Mongolia).
std::unique_ptr<Provider> make_qpay(QpayOptions options, base::HttpClient& client,
                                    const base::Clock& clock, base::Log& log);

/// The adapter of MVola merchant pay (Madagascar).
std::unique_ptr<Provider> make_mvola(MvolaOptions options, base::HttpClient& client,
                                     const base::Clock& clock, base::Log& log);

/// The cash desk: a person is the evidence.
std::unique_ptr<Provider> make_cash(std::string environment);

/// The token in the callback URL of a session: who sends it was told the URL by us.
std::string callback_token(const base::Secret& key, std::string_view session_id);

/// PaymentIntents of Stripe.
std::unique_ptr<Provider> make_stripe(StripeOptions options, base::HttpClient& client,
                                      const base::Clock& clock);

/// Codes, payments and refunds of Razorpay.
std::unique_ptr<Provider> make_razorpay(RazorpayOptions options, base::HttpClient& client,
                                        const base::Clock& clock);

}  // namespace quittance::providers
