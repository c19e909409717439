// MVola merchant pay (Madagascar): a push to the payer's phone, then the question what came of it.
// Its callback is unsigned. Wire facts: docs/providers/mvola.md.
#include "providers/access_token.hpp"
#include "providers/heard.hpp"
#include "providers/mvola_wire.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Task;

constexpr std::string_view kTitle = "MVola";
constexpr std::string_view kCurrencies[] = {"MGA"};
constexpr std::string_view kMerchantPay = "/mvola/mm/transactions/type/merchantpay/1.0.0/";
/// A push whose answer was lost may be on a phone for this long.
constexpr base::Duration kPushLives = std::chrono::hours(1);

class Mvola final : public Provider {
 public:
  Mvola(MvolaOptions options, base::HttpClient& client, const base::Clock& clock, base::Log& log)
      : options_(std::move(options)),
        client_(client),
        clock_(clock),
        log_(log),
        health_(clock),
        token_(clock, [this](std::optional<Grant>) { return grant(); }) {}

  std::string_view name() const override { return "mvola"; }
  std::string_view environment() const override { return options_.environment; }

  Capabilities capabilities() const override {
    return {.bulk_limit = 1,
            .budget = options_.budget,
            .presents_remotely = true,
            .notifies = true,
            .polling = PollingRule::while_pending_then_list,
            .callback_path = "/payments/mvola/callback/",
            .currencies = kCurrencies,
            .rings_phone = true};
  }

  /// Asks the payer by a push. The same draft again bears the same correlation id; whether MVola
  /// takes it for a repeat is not published, so nobody presents twice but by a payer's wish.
  Task<Result<Presentation>> present(SessionDraft draft) override {
    CO_TRY_VOID(check_mvola_draft(draft));
    Question question{.method = "POST",
                      .path{},
                      .correlation_id = draft.merchant_reference,
                      .callback_url = draft.callback_url,
                      .body = mvola_push(draft, options_, clock_.now())};
    const MvolaHeard heard = co_await ask(std::move(question));
    if (!heard) co_return not_heard(kTitle, heard.error());
    if (!heard->well()) co_return refused(*heard);
    std::string id = member(heard->body, "serverCorrelationId").text_or_empty();
    if (id.empty()) {
      co_return not_heard(kTitle, Unknown{.reason = UnknownReason::unreadable});
    }
    co_return Presentation{.qr_data{},
                           .md5_hash{},
                           .receiver = options_.partner_number,
                           .provider_ref = std::move(id)};
  }

  Task<std::vector<Answer>> query(std::vector<core::Session> sessions) override {
    std::vector<Answer> answers;
    for (const core::Session& session : sessions) {
      core::Session copy = session;
      Answer answer = co_await query_one(std::move(copy));
      answers.push_back(std::move(answer));
    }
    co_return answers;
  }

  Result<Notice> read_notice(const RawNotice& notice) const override;

  Health health() const override { return health_.current(); }

 private:
  struct Question {
    std::string method = "GET";
    std::string path;  ///< below merchant pay
    std::string correlation_id;
    std::string callback_url{};
    Json body{};
  };

  Task<AccessToken::Granted> grant() {
    base::HttpCall call{.method = "POST", .url = options_.base_url + "/token"};
    call.headers.add("Authorization",
                     "Basic " + base::to_base64(options_.consumer_key + ":" +
                                                options_.consumer_secret.reveal()));
    call.headers.add("Content-Type", "application/x-www-form-urlencoded");
    call.headers.add("Cache-Control", "no-cache");
    call.headers.add("X-Quittance-Environment", options_.environment);
    call.body = "grant_type=client_credentials&scope=EXT_INT_MVOLA_SCOPE";
    call.timeout = options_.timeout;
    const Result<base::HttpReply> reply = co_await client_.send(std::move(call));
    Unknown why = trouble_in(reply, options_.environment)
                      .value_or(Unknown{.reason = UnknownReason::unreadable});
    if (reply && reply->status == 200 && !trouble_in(reply, options_.environment)) {
      const auto body = Json::parse(reply->body);
      const Json nothing;
      const Json& said = body ? *body : nothing;
      std::string access = member(said, "access_token").text_or_empty();
      const auto ends = token_end(member(said, "expires_in"), clock_.now());
      if (!access.empty() && ends) {
        co_return Grant{.access = base::Secret(std::move(access)), .access_ends_at = *ends};
      }
    }
    if (reply && reply->status >= 400 && reply->status < 429) {
      why.reason = UnknownReason::unauthorized;
    }
    log_.warning("mvola.no_token", {{"reason", to_text(why.reason)}});
    co_return std::unexpected(why);
  }

  /// One call with a token; with another one when the first is refused.
  Task<MvolaHeard> ask(Question question) {
    AccessToken::Token token = co_await token_.get();
    Result<base::HttpReply> reply = fail(ErrorCode::internal, "not sent");
    if (token) {
      reply = co_await send(question, *token);
      if (reply && reply->status == 401) {
        base::Secret refused_token = *token;
        token = co_await token_.instead_of(std::move(refused_token));
        if (token) reply = co_await send(question, *token);
      }
    }
    MvolaHeard heard = std::unexpected(token ? Unknown{} : token.error());
    if (token) heard = read_reply(reply);
    note(heard);
    co_return heard;
  }

  Task<Result<base::HttpReply>> send(const Question& question, const base::Secret& token) {
    base::HttpCall call{.method = question.method,
                        .url = options_.base_url + std::string(kMerchantPay) + question.path};
    call.headers.add("Authorization", "Bearer " + token.reveal());
    call.headers.add("Version", "1.0");
    call.headers.add("X-CorrelationID", question.correlation_id);
    call.headers.add("UserLanguage", options_.language);
    call.headers.add("UserAccountIdentifier", "msisdn;" + options_.partner_number);
    call.headers.add("partnerName", options_.partner_name);
    call.headers.add("Cache-Control", "no-cache");
    call.headers.add("X-Quittance-Environment", options_.environment);
    if (!question.callback_url.empty()) {
      call.headers.add("X-Callback-URL", question.callback_url);
    }
    if (!question.body.is_null()) {
      call.headers.add("Content-Type", "application/json");
      call.body = question.body.dump();
    }
    call.timeout = options_.timeout;
    return client_.send(std::move(call));
  }

  MvolaHeard read_reply(const Result<base::HttpReply>& reply) const {
    if (const auto trouble = trouble_in(reply, options_.environment)) {
      return std::unexpected(*trouble);
    }
    return read_mvola(*reply);
  }

  void note(const MvolaHeard& heard) {
    if (heard) return health_.went_well();
    const UnknownReason reason = heard.error().reason;
    health_.went_wrong(reason,
                       alarm_of(kTitle, "MVOLA_CONSUMER_KEY and MVOLA_CONSUMER_SECRET", reason));
  }

  std::unexpected<base::Error> refused(const MvolaSaid& said) {
    log_.warning("mvola.refused", {{"status", said.status}, {"error", said.error}});
    return fail(ErrorCode::provider_refused,
                "MVola does not take this request. Check the number, or pay in another way.", "",
                std::to_string(said.status) + " " + said.error);
  }

  Task<Answer> query_one(core::Session session) {
    if (session.provider_ref.empty()) {
      // The answer to a push may have been lost with its id. Only the callback can tell it then,
      // and as long as the push can be on a phone this is no "not yet".
      if (clock_.now() - session.created_at < kPushLives) {
        co_return Unknown{.reason = UnknownReason::unreadable};
      }
      co_return NotYet{};
    }
    Question question{.path = "status/" + base::url_encode(session.provider_ref),
                      .correlation_id = session.session_id};
    const MvolaHeard heard = co_await ask(std::move(question));
    if (!heard) co_return heard.error();
    const auto status = heard->well() ? read_mvola_status(heard->body) : std::nullopt;
    if (!status) co_return Unknown{.reason = UnknownReason::unreadable};
    switch (status->word) {
      case MvolaStatus::Word::pending:
        co_return NotYet{};
      case MvolaStatus::Word::failed:
        co_return FinalNo{.reason = "the payer refused, or did not answer in time"};
      case MvolaStatus::Word::completed:
        break;
    }
    // Who says that it is done must say what was done: the amount stands in the transaction only.
    if (status->object_reference.empty()) co_return Unknown{.reason = UnknownReason::unreadable};
    std::string reference = status->object_reference;
    co_return co_await details_of(std::move(reference), std::move(session));
  }

  Task<Answer> details_of(std::string reference, core::Session session) {
    Question question{.path = base::url_encode(reference), .correlation_id = session.session_id};
    const MvolaHeard heard = co_await ask(std::move(question));
    if (!heard) co_return heard.error();
    std::optional<Paid> paid;
    if (heard->well()) paid = read_mvola_details(heard->body, reference, session, clock_.now());
    if (!paid) co_return Unknown{.reason = UnknownReason::unreadable};
    co_return std::move(*paid);
  }

  MvolaOptions options_;
  base::HttpClient& client_;
  const base::Clock& clock_;
  base::Log& log_;
  HealthRecord health_;
  AccessToken token_;
};

/// A PUT in one of two shapes. Nobody signs it; a token of ours that is there must be right, and
/// one that got lost on the way leaves it a hint about an id that only MVola and we know.
Result<Notice> Mvola::read_notice(const RawNotice& notice) const {
  const auto query = base::parse_form(notice.query);
  const auto body = Json::parse(notice.body);
  if (!query || !body || !body->is_object()) {
    return fail(ErrorCode::invalid_request, "This is no notice of MVola's.");
  }
  const auto part = [&query](std::string_view name) {
    const auto found = query->find(name);
    return found == query->end() ? std::string() : found->second;
  };
  const std::string session_id = part("session");
  if (!session_id.empty() &&
      (options_.callback_key.empty() ||
       !base::constant_time_equal(part("token"),
                                  callback_token(options_.callback_key, session_id)))) {
    return fail(ErrorCode::forbidden, "This is not from whom we gave the address to.");
  }
  const std::string id = member(*body, "serverCorrelationId").text_or_empty();
  if (id.empty()) {
    return fail(ErrorCode::invalid_request, "This notice names no request.");
  }
  const Json& status = member(*body, "transactionStatus");
  std::string kind = (status.is_null() ? member(*body, "status") : status).text_or_empty();
  const auto reference = read_mvola_status(*body);
  return Notice{.notice_id = id + ":" + kind,
                .kind = std::move(kind),
                .provider_ref = id,
                .payment_ref = reference ? reference->object_reference : std::string(),
                .merchant_reference = session_id};
}

}  // namespace

std::unique_ptr<Provider> make_mvola(MvolaOptions options, base::HttpClient& client,
                                     const base::Clock& clock, base::Log& log) {
  return std::make_unique<Mvola>(std::move(options), client, clock, log);
}

}  // namespace quittance::providers
