// A provider that says what a test tells it to, and remembers what it was asked.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "providers/providers.hpp"

namespace quittance::testing {

class ScriptedProvider final : public providers::Provider {
 public:
  explicit ScriptedProvider(std::string name = "bakong") : name_(std::move(name)) {}

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

  std::string_view name() const override { return name_; }
  std::string_view environment() const override { return "sandbox"; }
  providers::Capabilities capabilities() const override {
    return {.bulk_limit = bulk_limit,
            .budget = budget,
            .presents_remotely = presents_remotely,
            .lists = lists,
            .polling = polling,
            .callback_path = presents_remotely ? "/api/scripted/callback" : "",
            .currencies = currencies,
            .rings_phone = rings_phone};
  }
  base::Task<base::Result<providers::Presentation>> present(
      providers::SessionDraft draft) override {
    if (draft.amount.is_zero()) {
      co_return base::fail(base::ErrorCode::invalid_request, "Nothing to pay.", "amount");
    }
    drafts.push_back(draft);
    if (presents_remotely && latency > base::Duration{0}) co_await base::Sleep{latency};
    if (cannot_present) co_return std::unexpected(*cannot_present);
    const std::string qr = "QR:" + draft.bill_number + ":" + draft.amount.text();
    providers::Presentation shown{
        .qr_data = qr, .md5_hash = base::md5_hex(qr), .receiver = "shop@bank"};
    if (presents_remotely) {
      shown.provider_ref = "intent-" + std::to_string(drafts.size());
      shown.picture = "https://bank.example/qr.png";
      shown.links = {{.name = "Bank", .description = "", .logo = "", .link = "bank://pay"}};
      shown.expires_at = ends_at;
    }
    co_return shown;
  }
  base::Task<std::vector<providers::Answer>> query(std::vector<core::Session> sessions) override {
    questions.emplace_back();
    std::vector<providers::Answer> given;
    for (const core::Session& session : sessions) {
      questions.back().push_back(session.md5_hash);
      const auto known = answers.find(session.md5_hash);
      given.push_back(known == answers.end() ? otherwise : known->second);
    }
    on_the_wire();
    if (latency > base::Duration{0}) co_await base::Sleep{latency};
    co_return given;
  }
  /// Of the form `signed <notice id> <kind> <provider_ref> <payment_ref> <reference>`, `-` for
  /// none.
  base::Result<providers::Notice> read_notice(const providers::RawNotice& raw) const override {
    std::istringstream words(raw.body);
    std::string seal;
    providers::Notice notice;
    words >> seal >> notice.notice_id >> notice.kind >> notice.provider_ref >> notice.payment_ref >>
        notice.merchant_reference;
    if (seal != "signed") return base::fail(base::ErrorCode::forbidden, "Forged.");
    for (std::string* part :
         {&notice.provider_ref, &notice.payment_ref, &notice.merchant_reference}) {
      if (*part == "-") part->clear();
    }
    if (notice.notice_id.empty()) {
      return base::fail(base::ErrorCode::invalid_request, "Not in the dialect.");
    }
    return notice;
  }
  /// What it says of a payment by its reference; an error: it cannot be asked.
  std::map<std::string, base::Result<std::optional<providers::ListedPayment>>> payments;
  base::Task<base::Result<std::optional<providers::ListedPayment>>> payment(
      std::string payment_ref) override {
    const auto known = payments.find(payment_ref);
    if (known == payments.end()) co_return std::optional<providers::ListedPayment>();
    co_return known->second;
  }
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
                                                 std::string cursor) override {
    windows.push_back(window);
    on_page();
    if (latency > base::Duration{0}) co_await base::Sleep{latency};
    if (cannot_list) co_return std::unexpected(*cannot_list);
    std::vector<providers::ListedPayment> inside;
    for (const providers::ListedPayment& payment : listed) {
      const bool in = payment.created_at >= window.since && payment.created_at <= window.until;
      if (in) inside.push_back(payment);
    }
    const std::size_t from = cursor.empty() ? 0 : std::stoul(cursor);
    providers::Page page;
    if (cursor.empty()) page.unreadable = unreadable;
    for (std::size_t i = from; i < std::min(inside.size(), from + page_size); ++i)
      page.payments.push_back(inside[i]);
    if (from + page_size < inside.size()) page.next_cursor = std::to_string(from + page_size);
    co_return page;
  }
  base::Task<base::Result<std::string>> deep_link(core::Session) override {
    co_return std::string();
  }
  providers::Health said_health{};
  providers::Health health() const override { return said_health; }

  /// How often one session was asked about.
  std::int64_t times_asked(const std::string& md5) const {
    std::int64_t times = 0;
    for (const auto& question : questions) {
      for (const std::string& asked : question)
        times += asked == md5 ? 1 : 0;
    }
    return times;
  }

 private:
  std::string name_;
};

}  // namespace quittance::testing
