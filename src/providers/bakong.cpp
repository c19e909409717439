// Bakong Open API: makes the KHQR offline, asks by the MD5 of the QR, up to 50 at a time.
// Wire facts: docs/providers/bakong.md (NBC "Bakong Open API", sections on check_transaction_*).
#include <charconv>
#include <mutex>

#include "providers/providers.hpp"
#include "qr/qr.hpp"

namespace quittance::providers {
namespace {

using base::Duration;
using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Task;
using base::Time;

constexpr std::string_view kCurrencies[] = {"USD", "KHR"};
constexpr std::size_t kListLimit = 50;  // more is refused by the bank
constexpr Duration kListForbiddenFor = std::chrono::hours(1);
constexpr Duration kAskAgainSingly{2'000};
constexpr Duration kTokenAlarmBefore = std::chrono::hours(24 * 7);

// `errorCode` values that we act on.
constexpr std::int64_t kNotFound = 1;
constexpr std::int64_t kFailed = 3;
constexpr std::int64_t kUnauthorized = 6;

/// Dates come as integers from the live service and as `1605774370608.0` in its documents.
std::optional<Time> read_date(const Json& value) {
  const auto text = value.number_text();
  if (!text) return std::nullopt;
  const std::string_view whole = std::string_view(*text).substr(0, text->find('.'));
  std::int64_t ms = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), ms);
  if (error != std::errc() || end != whole.data() + whole.size() || ms <= 0) return std::nullopt;
  return base::from_ms(ms);
}

/// The bank's kit writes whole dollars without decimals; so do we, so that both make one MD5.
std::string khqr_amount(core::Money amount) {
  std::string text = amount.decimal();
  if (text.ends_with(".00")) text.resize(text.size() - 3);
  return text;
}

Unknown unreadable() { return Unknown{.reason = UnknownReason::unreadable}; }

/// A `data` object of a transaction. `trackingStatus` may say that the money went back.
Answer read_transfer(const Json& data) {
  const auto hash = data["hash"].string();
  const auto currency = core::Currency::from_code(data["currency"].text_or_empty());
  const auto amount_text = data["amount"].number_text();
  const auto paid_at = read_date(data["createdDateMs"]);
  if (!hash || hash->empty() || !currency || !amount_text || !paid_at) return unreadable();
  const auto amount = core::Money::parse(*amount_text, *currency);
  if (!amount) return unreadable();
  const std::string tracking = data["trackingStatus"].text_or_empty();
  if (tracking == "REFUNDED_BY_RECEIVER" || tracking == "FAILED_AT_ACH") {
    return FinalNo{.reason = tracking};
  }
  return Paid{.provider_ref = *hash,
              .amount = *amount,
              .receiver = data["toAccountId"].text_or_empty(),
              .payer = data["fromAccountId"].text_or_empty(),
              .paid_at = *paid_at,
              .raw = data.dump()};
}

/// What an HTTP status other than 200 means; 200 itself is nullopt.
std::optional<Unknown> read_status(const base::HttpReply& reply) {
  if (reply.status == 200) return std::nullopt;
  if (reply.status == 401) return Unknown{.reason = UnknownReason::unauthorized};
  if (reply.status == 403) return Unknown{.reason = UnknownReason::forbidden};
  if (reply.status >= 500) return Unknown{.reason = UnknownReason::server_error};
  if (reply.status != 429) return unreadable();
  Unknown unknown{.reason = UnknownReason::throttled};
  std::int64_t seconds = 0;
  const std::string_view header = reply.headers.find("Retry-After").value_or("");
  if (std::from_chars(header.data(), header.data() + header.size(), seconds).ec == std::errc() &&
      seconds > 0 && seconds <= 3600) {
    unknown.retry_after = std::chrono::seconds(seconds);
  }
  return unknown;
}

/// The envelope of a business failure: HTTP 200, responseCode 1.
Answer read_failure(const Json& envelope) {
  const auto code = envelope["errorCode"].integer();
  if (code == kNotFound) return NotYet{};
  if (code == kFailed) return FinalNo{.reason = "the bank says that the transfer failed"};
  if (code == kUnauthorized) return Unknown{.reason = UnknownReason::unauthorized};
  if (code) return Unknown{.reason = UnknownReason::server_error};
  return unreadable();
}

Answer read_single(const base::HttpReply& reply) {
  if (const auto unknown = read_status(reply)) return *unknown;
  const auto envelope = Json::parse(reply.body);
  if (!envelope) return unreadable();
  if ((*envelope)["responseCode"].integer() == 0) return read_transfer((*envelope)["data"]);
  return read_failure(*envelope);
}

/// One item of a list reply; the transfer stands under `data`, under `transaction`, or inline.
Answer read_item(const Json& item) {
  const std::string status = item["status"].text_or_empty();
  if (status == "NOT_FOUND") return NotYet{};
  if (status == "FAILED") return FinalNo{.reason = "the bank says that the transfer failed"};
  if (status != "SUCCESS") return Unknown{.reason = UnknownReason::server_error};
  if (item["data"].is_object()) return read_transfer(item["data"]);
  if (item["transaction"].is_object()) return read_transfer(item["transaction"]);
  return read_transfer(item);
}

Unknown from_transport(const base::Error&) { return Unknown{.reason = UnknownReason::timeout}; }

class Bakong final : public Provider {
 public:
  Bakong(BakongOptions options, base::HttpClient& client, const base::Clock& clock, base::Log& log)
      : options_(std::move(options)), client_(client), clock_(clock), log_(log) {
    health_.token_expires_at = token_expiry();
  }

  std::string_view name() const override { return "bakong"; }
  std::string_view environment() const override { return options_.environment; }

  Capabilities capabilities() const override {
    const std::lock_guard lock(mutex_);
    const bool list_works = clock_.now() >= list_forbidden_until_;
    return {.bulk_limit = list_works ? kListLimit : 1,
            .budget = options_.budget,
            .makes_deep_links = true,
            .polling = PollingRule::everything,
            .currencies = kCurrencies};
  }

  Task<Result<Presentation>> present(SessionDraft draft) override {
    const bool merchant = !options_.merchant_id.empty();
    const qr::KhqrInput input{.kind = merchant ? qr::KhqrKind::merchant : qr::KhqrKind::individual,
                              .account = options_.account_id,
                              .name = options_.merchant_name,
                              .city = options_.merchant_city,
                              .merchant_id = options_.merchant_id,
                              .acquiring_bank = options_.acquiring_bank,
                              .currency = std::string(draft.amount.currency().numeric()),
                              .amount = khqr_amount(draft.amount),
                              .bill_number = draft.bill_number,
                              .expires_at_ms = base::to_ms(draft.expires_at)};
    const auto khqr = qr::encode_khqr(input, draft.created_at);
    if (!khqr) {
      const auto& row = qr::khqr_error_row(khqr.error());
      co_return fail(ErrorCode::invalid_request,
                     "This amount cannot be asked for by KHQR: " + std::string(row.message) + ".",
                     "amount");
    }
    co_return Presentation{
        .qr_data = khqr->text, .md5_hash = khqr->md5, .receiver = options_.account_id};
  }

  Task<std::vector<Answer>> query(std::vector<core::Session> sessions) override {
    if (sessions.size() == 1) {
      std::vector<Answer> answers;
      answers.push_back(co_await query_one(sessions.front().md5_hash));
      co_return answers;
    }
    co_return co_await query_list(std::move(sessions));
  }

  Task<Result<std::string>> deep_link(core::Session session) override {
    const Json body = Json::object({{"qr", session.qr_data}});
    base::HttpCall call = call_to("/v1/generate_deeplink_by_qr", body);
    const auto reply = co_await client_.send(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    const auto envelope = Json::parse(reply->body);
    if (reply->status != 200 || !envelope || (*envelope)["responseCode"].integer() != 0) {
      co_return fail(ErrorCode::provider_unavailable, "The bank gives no link just now.");
    }
    co_return (*envelope)["data"]["shortLink"].text_or_empty();
  }

  Health health() const override {
    const std::lock_guard lock(mutex_);
    Health health = health_;
    if (health.alarm.empty() && health.token_expires_at &&
        *health.token_expires_at - clock_.now() < kTokenAlarmBefore) {
      health.alarm = "The Bakong token expires at " + base::to_iso8601(*health.token_expires_at) +
                     ": renew it, or payments will not be seen.";
    }
    return health;
  }

 private:
  base::HttpCall call_to(std::string_view path, const Json& body) const {
    base::HttpCall call{.method = "POST", .url = options_.base_url + std::string(path)};
    call.headers.add("Content-Type", "application/json");
    call.headers.add("Authorization", "Bearer " + options_.token.reveal());
    call.headers.add("X-Quittance-Environment", options_.environment);
    call.body = body.dump();
    call.timeout = options_.timeout;
    return call;
  }

  Task<Answer> query_one(std::string md5_hash) {
    const Json body = Json::object({{"md5", md5_hash}});
    base::HttpCall call = call_to("/v1/check_transaction_by_md5", body);
    const auto reply = co_await client_.send(std::move(call));
    Answer answer =
        reply ? guarded(*reply, read_single(*reply)) : Answer(from_transport(reply.error()));
    note(answer);
    co_return answer;
  }

  Task<std::vector<Answer>> query_list(std::vector<core::Session> sessions) {
    Json body{Json::Array{}};
    for (const core::Session& session : sessions)
      body.push(session.md5_hash);
    base::HttpCall call = call_to("/v1/check_transaction_by_md5_list", body);
    const auto reply = co_await client_.send(std::move(call));
    if (reply && reply->status == 403) co_return co_await after_list_refused(std::move(sessions));
    std::vector<Answer> answers = read_list(reply, sessions);
    for (const Answer& answer : answers)
      note(answer);
    co_return answers;
  }

  std::vector<Answer> read_list(const Result<base::HttpReply>& reply,
                                const std::vector<core::Session>& sessions) const {
    if (!reply) return {sessions.size(), from_transport(reply.error())};
    if (const auto unknown = read_status(*reply)) return {sessions.size(), *unknown};
    const auto envelope = Json::parse(reply->body);
    if (!envelope || !(*envelope).is_object()) return {sessions.size(), unreadable()};
    if ((*envelope)["responseCode"].integer() != 0) {
      // A list as a whole is never "not found": whatever this is, it is no answer about a session.
      const Answer failure = read_failure(*envelope);
      const auto* unknown = std::get_if<Unknown>(&failure);
      return {sessions.size(), unknown ? *unknown : unreadable()};
    }
    // What is not echoed is unknown; position means nothing.
    std::vector<Answer> answers(sessions.size(), unreadable());
    for (const Json& item : (*envelope)["data"].array()) {
      for (std::size_t i = 0; i < sessions.size(); ++i) {
        if (item["md5"].string() == sessions[i].md5_hash) {
          answers[i] = guarded(*reply, read_item(item));
        }
      }
    }
    return answers;
  }

  /// The list call is refused on production even with a good token, while single calls work; a
  /// geo block refuses both. One single call tells which it is.
  Task<std::vector<Answer>> after_list_refused(std::vector<core::Session> sessions) {
    std::vector<Answer> answers(sessions.size(), Unknown{.reason = UnknownReason::forbidden});
    answers.front() = co_await query_one(sessions.front().md5_hash);
    const auto* unknown = std::get_if<Unknown>(&answers.front());
    if (unknown && unknown->reason == UnknownReason::forbidden) co_return answers;
    {
      const std::lock_guard lock(mutex_);
      list_forbidden_until_ = clock_.now() + kListForbiddenFor;
    }
    log_.warning("bakong.list_refused", {{"asking_singly_for_ms", kListForbiddenFor.count()}});
    for (std::size_t i = 1; i < answers.size(); ++i) {
      answers[i] = Unknown{.reason = UnknownReason::forbidden, .retry_after = kAskAgainSingly};
    }
    co_return answers;
  }

  /// A live engine believes no sandbox.
  Answer guarded(const base::HttpReply& reply, Answer answer) const {
    if (options_.environment == "live" && reply.headers.find("X-Sandbox")) return unreadable();
    return answer;
  }

  void note(const Answer& answer) {
    const std::lock_guard lock(mutex_);
    const auto* unknown = std::get_if<Unknown>(&answer);
    if (!unknown) {
      health_.last_ok_at = clock_.now();
      health_.alarm.clear();
      return;
    }
    health_.last_error_at = clock_.now();
    health_.last_error = to_text(unknown->reason);
    if (unknown->reason == UnknownReason::unauthorized) {
      health_.alarm =
          "Bakong refuses our token: renew it. No payment fails by this, but none is "
          "seen until then.";
    } else if (unknown->reason == UnknownReason::forbidden) {
      health_.alarm =
          "Bakong answers 403: it is closed to addresses outside Cambodia. No payment "
          "fails by this, but none is seen until then.";
    }
  }

  /// `exp` of the JWT that the bank issued; it is theirs to sign, so only the date is read.
  std::optional<Time> token_expiry() const {
    const std::string& token = options_.token.reveal();
    const std::size_t first = token.find('.');
    const std::size_t second = token.find('.', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) return std::nullopt;
    const auto claims =
        base::from_base64url(std::string_view(token).substr(first + 1, second - first - 1));
    const auto json = claims ? Json::parse(*claims) : Json::parse("");
    if (!json) return std::nullopt;
    const auto exp = (*json)["exp"].integer();
    return exp ? std::optional(base::from_ms(*exp * 1000)) : std::nullopt;
  }

  BakongOptions options_;
  base::HttpClient& client_;
  const base::Clock& clock_;
  base::Log& log_;
  mutable std::mutex mutex_;
  Health health_;
  Time list_forbidden_until_{};
};

}  // namespace

std::unique_ptr<Provider> make_bakong(BakongOptions options, base::HttpClient& client,
                                      const base::Clock& clock, base::Log& log) {
  return std::make_unique<Bakong>(std::move(options), client, clock, log);
}

}  // namespace quittance::providers
