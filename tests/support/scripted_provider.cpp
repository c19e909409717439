#include "support/scripted_provider.hpp"

#include <algorithm>
#include <sstream>

namespace quittance::testing {

using base::Result;
using base::Task;

ScriptedProvider::ScriptedProvider(std::string name) : name_(std::move(name)) {}
ScriptedProvider::~ScriptedProvider() = default;

std::string_view ScriptedProvider::name() const { return name_; }
std::string_view ScriptedProvider::environment() const { return "sandbox"; }
providers::Health ScriptedProvider::health() const { return said_health; }

providers::Capabilities ScriptedProvider::capabilities() const {
  return {.bulk_limit = bulk_limit,
          .budget = budget,
          .presents_remotely = presents_remotely,
          .lists = lists,
          .refunds = on_refund != nullptr,
          .polling = polling,
          .callback_path = presents_remotely ? "/api/scripted/callback" : "",
          .currencies = currencies,
          .rings_phone = rings_phone};
}

Task<Result<providers::Presentation>> ScriptedProvider::present(providers::SessionDraft draft) {
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

Task<std::vector<providers::Answer>> ScriptedProvider::query(std::vector<core::Session> sessions) {
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

Result<providers::Notice> ScriptedProvider::read_notice(const providers::RawNotice& raw) const {
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

Task<Result<std::optional<providers::ListedPayment>>> ScriptedProvider::payment(
    std::string payment_ref) {
  const auto known = payments.find(payment_ref);
  if (known == payments.end()) co_return std::optional<providers::ListedPayment>();
  co_return known->second;
}

Task<Result<providers::Page>> ScriptedProvider::list(providers::ListWindow window,
                                                     std::string cursor) {
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

Task<Result<providers::RefundRef>> ScriptedProvider::refund(providers::RefundDraft draft) {
  refund_drafts.push_back(draft);
  // Done before the answer is on its way: it may be lost.
  auto answer = on_refund(draft);
  if (latency > base::Duration{0}) co_await base::Sleep{latency};
  co_return answer;
}

Task<Result<std::string>> ScriptedProvider::deep_link(core::Session) { co_return std::string(); }

std::int64_t ScriptedProvider::times_asked(const std::string& md5) const {
  std::int64_t times = 0;
  for (const auto& question : questions) {
    for (const std::string& asked : question)
      times += asked == md5 ? 1 : 0;
  }
  return times;
}

}  // namespace quittance::testing
