// A provider that says what a test tells it to, and remembers what it was asked.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "providers/providers.hpp"

namespace quittance::testing {

class ScriptedProvider final : public providers::Provider {
 public:
  explicit ScriptedProvider(std::string name = "bakong");
  ~ScriptedProvider() override;

  std::size_t bulk_limit = 50;
  providers::CallBudget budget{};  ///< read once, when the detector is made
  base::Duration latency{0};
  /// What it says of a session whose md5 is not in `answers`.
  providers::Answer otherwise = providers::NotYet{};
  std::map<std::string, providers::Answer> answers;
  /// A provider that makes the QR itself; what it says when it cannot be reached.
  bool presents_remotely = false;
  std::optional<base::Error> cannot_present;
  std::optional<base::Time> ends_at;
  std::optional<std::span<const std::string_view>> currencies;
  bool rings_phone = false;
  providers::PollingRule polling = providers::PollingRule::everything;
  std::vector<providers::SessionDraft> drafts;
  /// Called after the answer is made and before it is handed over.
  std::function<void()> on_the_wire = [] {};
  /// The md5 hashes of each question, in the order asked.
  std::vector<std::vector<std::string>> questions;

  std::string_view name() const override;
  std::string_view environment() const override;
  providers::Capabilities capabilities() const override;
  base::Task<base::Result<providers::Presentation>> present(providers::SessionDraft draft) override;
  base::Task<std::vector<providers::Answer>> query(std::vector<core::Session> sessions) override;
  /// Of the form `signed <notice id> <kind> <provider_ref> <payment_ref> <reference>`, `-` for
  /// none.
  base::Result<providers::Notice> read_notice(const providers::RawNotice& raw) const override;
  /// What it says of a payment by its reference; an error: it cannot be asked.
  std::map<std::string, base::Result<std::optional<providers::ListedPayment>>> payments;
  base::Task<base::Result<std::optional<providers::ListedPayment>>> payment(
      std::string payment_ref) override;
  /// Its list, in pages of `page_size`; what it says instead while it cannot be read.
  bool lists = false;
  std::vector<providers::ListedPayment> listed;
  std::vector<std::string> unreadable;
  std::size_t page_size = 100;
  std::optional<base::Error> cannot_list;
  /// Called before each page is made.
  std::function<void()> on_page = [] {};
  std::vector<providers::ListWindow> windows;  ///< of each page that was asked for
  base::Task<base::Result<providers::Page>> list(providers::ListWindow window,
                                                 std::string cursor) override;
  /// What it says to a wish to send money back; it sends nothing back while this is empty.
  std::function<base::Result<providers::RefundRef>(const providers::RefundDraft&)> on_refund;
  std::vector<providers::RefundDraft> refund_drafts;
  base::Task<base::Result<providers::RefundRef>> refund(providers::RefundDraft draft) override;
  base::Task<base::Result<std::string>> deep_link(core::Session) override;
  providers::Health said_health{};
  providers::Health health() const override;

  /// How often one session was asked about.
  std::int64_t times_asked(const std::string& md5) const;

 private:
  std::string name_;
};

}  // namespace quittance::testing
