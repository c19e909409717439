// What the program and its people did, the newest first (S4.31 to S4.39): the audit log as staff
// read it, and with an order's number what became of its mails.
#include "http/handlers.hpp"
#include "http/views.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::AuditEntry;
using storage::Books;

constexpr std::int64_t kMostListed = 100;
constexpr std::int64_t kUsuallyListed = 50;
/// Entries are read in windows from the newest on. Of a rare kind a page may stay short: its cursor
/// then goes on where the looking ended.
constexpr std::int64_t kWindow = 500;
constexpr std::int64_t kWindowsMost = 20;

/// Empty texts let everything through.
struct Filter {
  std::string action;  ///< the whole word, or its beginning up to a dot: `sync`
  std::string actor;
  std::string subject_type;
  std::optional<std::int64_t> subject_id;
  std::int64_t before = 0;  ///< only entries with a smaller number
  std::int64_t limit = kUsuallyListed;

  bool lets(const AuditEntry& entry) const {
    const bool act = action.empty() || entry.action == action ||
                     (entry.action.starts_with(action) && entry.action[action.size()] == '.');
    return act && (actor.empty() || entry.actor == actor) &&
           (subject_type.empty() || entry.subject_type == subject_type) &&
           (!subject_id || entry.subject_id == *subject_id);
  }
};

std::string text_query(const Visit& visit, std::string_view name) {
  const auto value = visit.query.find(name);
  return value == visit.query.end() ? std::string() : value->second;
}

/// nullopt where nothing is said.
Result<std::optional<std::int64_t>> number_query(const Visit& visit, const std::string& name) {
  const std::string text = text_query(visit, name);
  if (text.empty()) return std::optional<std::int64_t>();
  const auto number = Json(Json::Number{text}).integer();
  if (!number || *number < 1) {
    return fail(ErrorCode::invalid_request, name + " must be a whole number from 1 on.", name);
  }
  return number;
}

Result<Filter> filter_of(const Visit& visit) {
  Filter filter{.action = text_query(visit, "action"),
                .actor = text_query(visit, "actor"),
                .subject_type = text_query(visit, "subject_type")};
  TRY(filter.subject_id, number_query(visit, "subject_id"));
  TRY(const auto before, number_query(visit, "cursor"));
  TRY(const auto limit, number_query(visit, "limit"));
  filter.before = before.value_or(INT64_MAX);
  filter.limit = std::min(limit.value_or(kUsuallyListed), kMostListed);
  return filter;
}

Json entry_json(const AuditEntry& entry) {
  Json json = audit_json(entry);
  json.set("seq", entry.seq);
  json.set("subject_type", entry.subject_type);
  json.set("subject_id", entry.subject_id);
  return json;
}

Result<Json> page_of(Books& books, Filter filter) {
  TRY(const base::Frontier frontier, books.audit_frontier());
  const auto newest = static_cast<std::int64_t>(frontier.size());
  std::int64_t before = std::min(filter.before, newest + 1);
  Json list{Json::Array{}};
  const auto full = [&] { return list.array().size() >= static_cast<std::size_t>(filter.limit); };
  for (std::int64_t window = 0; window < kWindowsMost && before > 1 && !full(); ++window) {
    const std::int64_t from = std::max<std::int64_t>(0, before - 1 - kWindow);
    TRY(const auto entries, books.audit_after(from, before - 1 - from));
    for (auto entry = entries.rbegin(); entry != entries.rend() && !full(); ++entry) {
      if (filter.lets(*entry)) list.push(entry_json(*entry));
      before = entry->seq;
    }
  }
  Json page = Json::object(
      {{"logs", std::move(list)}, {"next_cursor", before > 1 ? Json(before) : Json()}});
  if (filter.subject_type != "order" || !filter.subject_id) return page;
  TRY(const auto deliveries, books.deliveries_of_order(core::OrderId(*filter.subject_id)));
  Json sent{Json::Array{}};
  for (const storage::Delivery& delivery : deliveries)
    sent.push(delivery_json(delivery));
  page.set("deliveries", std::move(sent));
  return page;
}

}  // namespace

Answered list_activity(Services& services, Visit& visit) {
  CO_TRY(const Filter filter, filter_of(visit));
  storage::Reading<Json> look = [&filter](Books& books) { return page_of(books, filter); };
  CO_TRY(const Json page, co_await services.store.read(std::move(look)));
  co_return json_response(page);
}

}  // namespace quittance::http
