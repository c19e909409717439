#include "audit/history.hpp"

#include <algorithm>

#include "audit/money_text.hpp"
#include "audit/sentences.hpp"

namespace quittance::audit {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::AuditEntry;

constexpr std::int64_t kQueriesShown = 200;

std::string minute(base::Time at) {
  std::string text = base::to_iso8601(at).substr(0, 16);
  text[10] = ' ';
  return text + " UTC";
}

/// Turns the entries of one order into lines, remembering where it stood before.
class Teller {
 public:
  Teller(Audience audience, std::vector<HistoryLine>& lines) : audience_(audience), lines_(lines) {}

  void tell(const AuditEntry& entry) {
    const auto parsed = Json::parse(entry.details);
    const Json details = parsed ? *parsed : Json();
    entry_ = &entry;
    const std::string outcome = details["outcome"].text_or_empty();
    if (entry.action == "order.placed") return tell_placed(details);
    if (entry.action == "session.opened") {
      const Json& session = details["session"];
      return add("session.opened",
                 Json::object({{"amount", money_of(session, "amount_minor",
                                                   session["currency"].text_or_empty())},
                               {"provider", session["provider"].text_or_empty()}}));
    }
    add(key_of(entry, details, outcome), params_of(details));
    tell_effects(details);
  }

 private:
  std::string money_of(const Json& json, std::string_view column, const std::string& currency) {
    return money_text(json[column].integer().value_or(0), currency);
  }

  std::string name_of(const std::string& actor) const {
    if (actor == "system") return "The system";
    if (actor.starts_with("customer")) return "The customer";
    return audience_ == Audience::staff ? actor : "The shop";
  }

  void tell_placed(const Json& details) {
    currency_ = details["currency"].text_or_empty();
    total_ = details["total_minor"].integer().value_or(0);
    std::string items;
    for (const Json& item : details["items"].array()) {
      if (!items.empty()) items += ", ";
      items += std::to_string(item["quantity"].integer().value_or(0)) + " × " +
               item["name"].text_or_empty();
    }
    add("order.placed",
        Json::object(
            {{"actor", name_of(entry_->actor)},
             {"items", items},
             {"total", money_text(total_, currency_)},
             {"until", minute(base::from_ms(details["reserved_until"].integer().value_or(0)))}}));
    const Json& session = details["session"];
    const bool elsewhere = !session["created_at"].is_null();
    add(elsewhere ? "session.elsewhere" : "session.opened",
        Json::object({{"amount", money_of(session, "amount_minor", currency_)},
                      {"provider", session["provider"].text_or_empty()}}));
    provider_ = session["provider"].text_or_empty();
  }

  static std::string key_of(const AuditEntry& entry, const Json& details,
                            const std::string& outcome) {
    if (entry.action == "settlement.recorded" && details["source"].text_or_empty() == "manual") {
      return details["approver"].text_or_empty().empty() ? "settlement.by_hand"
                                                         : "settlement.by_two";
    }
    if (entry.action == "settlement.recorded") return "settlement." + outcome;
    if (entry.action == "refund.recorded") return "refund." + outcome;
    if (entry.action == "refund.answered") return "refund." + details["answer"].text_or_empty();
    if (entry.action.starts_with("evidence.") || entry.action == "approval.requested") {
      return "evidence." + outcome;
    }
    return entry.action;
  }

  Json params_of(const Json& details) {
    const std::string currency = details["currency"].text_or_empty();
    Json params = Json::object({{"actor", name_of(entry_->actor)}});
    if (currency.empty()) {
      params.set("provider", provider_);
      params.set("reason", reason_of(details));
      return params;
    }
    params.set("amount", money_of(details, "amount_minor", currency));
    params.set("counted", money_of(details, "counted_minor", currency));
    params.set("excess", money_of(details, "excess_minor", currency));
    params.set("provider", details["provider"].text_or_empty());
    params.set("ref", details["provider_ref"].text_or_empty());
    params.set("source", details["source"].text_or_empty());
    params.set("reason", reason_of(details));
    params.set("approver", name_of(details["approver"].text_or_empty()));
    return params;
  }

  /// What staff wrote for themselves is not the holder's to read.
  std::string reason_of(const Json& details) const {
    return audience_ == Audience::staff ? details["reason"].text_or_empty() : "as it found";
  }

  void tell_effects(const Json& details) {
    const Json& order = details["order"];
    if (order.is_null()) return;
    const std::string status = order["status"].text_or_empty();
    const std::string goods = order["stock_state"].text_or_empty();
    const std::int64_t due = total_ - order["paid_minor"].integer().value_or(0) +
                             order["refunded_minor"].integer().value_or(0);
    if (status != status_) add("effect." + status, Json::object({}));
    if (status == "pending" && due != total_ && due > 0) {
      add("effect.owed", Json::object({{"due", money_text(due, currency_)}}));
    }
    if (goods != goods_) {
      const bool shortage =
          order["attention"].text_or_empty().find("shortage") != std::string::npos;
      add(goods == "committed"  ? (shortage ? "effect.goods_short" : "effect.goods_taken")
          : goods == "released" ? "effect.goods_released"
                                : "effect.goods_returned",
          Json::object({}));
    }
    const std::string pass = details["pass"]["state"].text_or_empty();
    if (pass == "active") add("effect.pass_issued", Json::object({}));
    if (pass == "revoked") add("effect.pass_revoked", Json::object({}));
    status_ = status;
    goods_ = goods;
  }

  void add(const std::string& key, Json params) {
    std::string text = say(key, params);
    lines_.push_back({.at = entry_->created_at,
                      .seq = entry_->seq,
                      .key = key,
                      .params = std::move(params),
                      .text = std::move(text)});
  }

  Audience audience_;
  std::vector<HistoryLine>& lines_;
  const AuditEntry* entry_ = nullptr;
  std::string currency_;
  std::string provider_;
  std::int64_t total_ = 0;
  std::string status_ = "pending";
  std::string goods_ = "reserved";
};

HistoryLine line_of(const storage::Query& query, const std::string& provider, Audience audience) {
  const bool again = query.answer == "not_yet" && query.times > 1;
  const std::string key = "query." + query.answer + (again ? "_again" : "");
  Json params = Json::object(
      {{"provider", provider},
       {"source", query.source},
       {"times", std::to_string(query.times)},
       {"since", minute(query.first_asked_at)},
       {"reason", audience == Audience::staff ? query.reason : std::string("try again later")}});
  std::string text = say(key, params);
  return {.at = query.asked_at,
          .seq = std::nullopt,
          .key = key,
          .params = std::move(params),
          .text = std::move(text)};
}

/// A question belongs before the answer that it brought, and after the session that it is about.
bool comes_before(const storage::Query& query, const AuditEntry& entry) {
  const bool opens = entry.action == "order.placed" || entry.action == "session.opened";
  return query.asked_at < entry.created_at || (query.asked_at == entry.created_at && !opens);
}

}  // namespace

Result<std::vector<HistoryLine>> history(storage::Books& books, core::OrderId id,
                                         Audience audience) {
  TRY(const auto order, books.order(id));
  if (!order) return fail(ErrorCode::not_found, "There is no such order.");
  TRY(const auto entries, books.audit_of("order", id.value()));
  TRY(auto queries, books.queries_of_order(id, kQueriesShown));
  TRY(const auto sessions, books.sessions_of_order(id));
  // They come the newest first, and a millisecond may hold several.
  std::ranges::reverse(queries);
  std::ranges::stable_sort(queries, {}, &storage::Query::asked_at);
  std::vector<HistoryLine> lines;
  Teller teller(audience, lines);
  auto query = queries.begin();
  const auto ask = [&] {
    const auto session = std::ranges::find(sessions, query->session_id, &core::Session::id);
    lines.push_back(
        line_of(*query, session == sessions.end() ? "the provider" : session->provider, audience));
    ++query;
  };
  // The log's own order stands; questions, which have no number, go where the clock puts them.
  for (const AuditEntry& entry : entries) {
    while (query != queries.end() && comes_before(*query, entry))
      ask();
    teller.tell(entry);
  }
  while (query != queries.end())
    ask();
  return lines;
}

Json history_json(const std::vector<HistoryLine>& lines) {
  Json list{Json::Array{}};
  for (const HistoryLine& line : lines) {
    list.push(Json::object({{"at", base::to_ms(line.at)},
                            {"seq", line.seq},
                            {"key", line.key},
                            {"params", line.params},
                            {"text", line.text}}));
  }
  return list;
}

std::string history_text(const std::vector<HistoryLine>& lines) {
  std::string text;
  for (const HistoryLine& line : lines) {
    std::string seq = line.seq ? "#" + std::to_string(*line.seq) : "";
    seq.resize(std::max<std::size_t>(seq.size(), 9), ' ');
    text += base::to_iso8601(line.at) + "  " + seq + " " + line.text + "\n";
  }
  return text;
}

}  // namespace quittance::audit
