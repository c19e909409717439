// Stripe: PaymentIntents, whose QR (where their method has one) comes in `next_action`. Their
// signed events tell us; our questions are the safety net. Wire facts: docs/providers/stripe.md.
#include "providers/stripe_wire.hpp"

namespace quittance::providers {
namespace {

using base::Duration;
using base::ErrorCode;
using base::fail;
using base::HttpReply;
using base::Json;
using base::Result;
using base::Task;
using base::Time;
using stripe::Form;

constexpr int kKeysTried = 3;
constexpr int kPagesSearched = 5;
/// Where an intent is looked for whose creation was never answered.
constexpr Duration kSearchBefore = std::chrono::minutes(1);
constexpr Duration kSearchAfter = std::chrono::hours(24);
/// Events are kept for thirty days; a day is left for two clocks that differ.
constexpr Duration kEventsKept = std::chrono::hours(24 * 29);
constexpr std::string_view kEventPhase = "events:";
constexpr std::string_view kIntentPhase = "intents:";

std::int64_t seconds(Time moment) { return base::to_ms(moment) / 1'000; }

std::string error_code(const HttpReply& reply) {
  const auto json = Json::parse(reply.body);
  return json ? (*json)["error"]["code"].text_or_empty() : std::string();
}

std::string refusal_words(const HttpReply& reply) {
  const auto json = Json::parse(reply.body);
  return json ? (*json)["error"]["message"].text_or_empty() : std::string();
}

Json error_intent(const HttpReply& reply) {
  const auto json = Json::parse(reply.body);
  return json ? (*json)["error"]["payment_intent"] : Json();
}

std::string last_id(const Json& list) {
  const Json::Array& items = list["data"].array();
  return items.empty() ? std::string() : items.back()["id"].text_or_empty();
}

std::unexpected<base::Error> unreadable() {
  return fail(ErrorCode::provider_unavailable, "Stripe's answer is unreadable.");
}

/// What a person must do when they answer so; empty: nothing (N11).
std::string alarm_at(int status) {
  if (status == 401) {
    return "Stripe refuses our key (STRIPE_SECRET_KEY): renew it, or payments will be seen by "
           "notices only.";
  }
  if (status != 403) return {};
  return "Stripe answers 403: the key (STRIPE_SECRET_KEY) may lack a right, or this server's "
         "address is barred.";
}

class Stripe final : public Provider {
 public:
  Stripe(StripeOptions options, base::HttpClient& client, const base::Clock& clock)
      : options_(std::move(options)), client_(client), clock_(clock), health_(clock) {
    for (const auto& [currency, method] : options_.qr_methods)
      qr_currencies_.push_back(currency);
  }

  std::string_view name() const override { return "stripe"; }
  std::string_view environment() const override { return options_.environment; }
  Capabilities capabilities() const override {
    return {.bulk_limit = 1,
            .budget = options_.budget,
            .presents_remotely = true,
            .lists = true,
            .notifies = !options_.webhook_secrets.empty(),
            .cancels = true,
            .refunds = true,
            .polling = PollingRule::webhook_first,
            .currencies = qr_currencies_};
  }
  Health health() const override { return health_.current(); }

  /// A key that was answered 500 once is answered so for a day, whatever became of the work: then
  /// the intent is looked for, and only when there is none does the next key make one.
  Task<Result<Presentation>> present(SessionDraft draft) override {
    const auto form = form_of(draft);
    if (!form) co_return std::unexpected(form.error());
    for (int attempt = 1; attempt <= kKeysTried; ++attempt) {
      base::HttpCall call =
          post("/v1/payment_intents", form->text(),
               "quittance-" + draft.merchant_reference + "-" + std::to_string(attempt));
      const auto reply = co_await send(std::move(call));
      if (!reply) co_return std::unexpected(reply.error());
      if (reply->status == 200) co_return shown_from(*reply);
      const bool stuck = reply->status >= 500 && reply->headers.find("Idempotent-Replayed");
      if (!stuck) co_return std::unexpected(refusal_of(*reply));
      const auto found = co_await search(draft.merchant_reference, draft.created_at);
      if (!found) co_return std::unexpected(found.error());
      if (!found->is_null()) {
        const auto intent = stripe::read_intent(*found);
        if (intent) co_return stripe::presentation_of(*intent, *found);
      }
    }
    co_return fail(ErrorCode::provider_unavailable, "Stripe cannot do this just now.");
  }

  Task<std::vector<Answer>> query(std::vector<core::Session> sessions) override {
    std::vector<Answer> answers;
    for (core::Session& session : sessions) {
      Answer answer = co_await query_one(std::move(session));
      answers.push_back(std::move(answer));
    }
    co_return answers;
  }

  Result<Notice> read_notice(const RawNotice& notice) const override {
    const std::string_view header = notice.headers.find("Stripe-Signature").value_or("");
    if (!stripe::verify_signature(header, notice.body, options_.webhook_secrets, clock_.now(),
                                  options_.tolerance)) {
      return fail(ErrorCode::forbidden, "This notice is not signed by Stripe.");
    }
    return stripe::read_event(notice.body, is_live());
  }

  Task<Result<Page>> list(ListWindow window, std::string cursor) override {
    const bool events_reach = clock_.now() - window.since <= kEventsKept;
    if (cursor.empty()) cursor = events_reach ? kEventPhase : kIntentPhase;
    const bool of_events = cursor.starts_with(kEventPhase);
    const std::string after = cursor.substr((of_events ? kEventPhase : kIntentPhase).size());
    base::HttpCall call = get(stripe::list_path(window, of_events, after));
    const auto reply = co_await send(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    if (reply->status != 200) co_return std::unexpected(error_from(*reply, "Stripe"));
    const auto json = Json::parse(reply->body);
    if (!json || !(*json)["data"].is_array()) co_return unreadable();
    auto read = of_events ? stripe::page_of_events(*json) : stripe::page_of_intents(*json);
    CO_TRY(Page page, co_await ask_about_disputed(std::move(read)));
    const bool more = (*json)["has_more"].boolean().value_or(false) && !last_id(*json).empty();
    if (more) {
      page.next_cursor = std::string(of_events ? kEventPhase : kIntentPhase) + last_id(*json);
    } else if (of_events) {
      page.next_cursor = kIntentPhase;
    }
    co_return page;
  }

  Task<Result<std::optional<ListedPayment>>> payment(std::string payment_ref) override {
    base::HttpCall call =
        get("/v1/payment_intents/" + base::url_encode(payment_ref) + "?expand[0]=latest_charge");
    const auto reply = co_await send(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    if (reply->status == 404) co_return std::optional<ListedPayment>();
    if (reply->status != 200) co_return std::unexpected(error_from(*reply, "Stripe"));
    const auto json = Json::parse(reply->body);
    auto intent = json ? stripe::read_intent(*json) : std::nullopt;
    if (!intent || intent->live != is_live()) co_return unreadable();
    const bool disputed = intent->disputed;
    ListedPayment payment = stripe::listed(std::move(*intent));
    if (!disputed) co_return payment;
    base::HttpCall more =
        get("/v1/disputes?payment_intent=" + base::url_encode(payment_ref) + "&limit=100");
    const auto disputes = co_await send(std::move(more));
    if (!disputes) co_return std::unexpected(disputes.error());
    if (disputes->status != 200) co_return std::unexpected(error_from(*disputes, "Stripe"));
    const auto list = Json::parse(disputes->body);
    if (list) payment.disputed = stripe::taken_by(*list, payment);
    co_return payment;
  }

  Task<Result<CancelOutcome>> cancel(core::Session session) override {
    std::string id = session.provider_ref;
    if (id.empty()) {
      const auto found = co_await search(session.session_id, session.created_at);
      if (!found) co_return std::unexpected(found.error());
      if (found->is_null()) co_return CancelOutcome::canceled;
      id = (*found)["id"].text_or_empty();
    }
    base::HttpCall call =
        post("/v1/payment_intents/" + base::url_encode(id) + "/cancel",
             "cancellation_reason=abandoned", "quittance-cancel-" + session.session_id);
    const auto reply = co_await send(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    if (reply->status == 200) co_return CancelOutcome::canceled;
    if (error_code(*reply) != "payment_intent_unexpected_state") {
      co_return std::unexpected(error_from(*reply, "Stripe"));
    }
    const std::string status = error_intent(*reply)["status"].text_or_empty();
    co_return status == "canceled" ? CancelOutcome::canceled : CancelOutcome::money_came;
  }

  Task<Result<RefundRef>> refund(RefundDraft draft) override {
    const auto amount = stripe::to_wire(draft.amount);
    if (!amount) co_return fail(ErrorCode::invalid_request, "Stripe has no such sum.", "amount");
    Form form;
    form.add("payment_intent", draft.payment_ref);
    form.add("amount", amount->minor);
    form.add("metadata[" + std::string(stripe::kSessionKey) + "]", draft.session.session_id);
    form.add("metadata[reason]", draft.reason);
    base::HttpCall call = post("/v1/refunds", form.text(), draft.idempotency_key);
    const auto reply = co_await send(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    if (reply->status != 200) {
      co_return std::unexpected(error_from(*reply, "Stripe", refusal_words(*reply)));
    }
    const auto json = Json::parse(reply->body);
    const std::string id = json ? (*json)["id"].text_or_empty() : std::string();
    if (id.empty()) co_return unreadable();
    const std::string status = (*json)["status"].text_or_empty();
    RefundRef ref{.provider_ref = id, .amount = draft.amount};
    if (status == "succeeded") ref.state = RefundState::succeeded;
    if (status == "failed" || status == "canceled") ref.state = RefundState::failed;
    co_return ref;
  }

 private:
  /// A list tells that a payment is disputed, not what that has taken by now.
  Task<Result<Page>> ask_about_disputed(stripe::ListPage read) {
    for (auto& [intent, said] : read.disputed) {
      std::string ref = intent;
      CO_TRY(const auto told, co_await payment(std::move(ref)));
      if (told) read.page.payments.push_back(*told);
      if (!told || !told->disputed) read.page.unreadable.push_back(said);
    }
    co_return std::move(read.page);
  }

  bool is_live() const { return options_.environment == "live"; }

  base::HttpCall get(std::string path) const {
    base::HttpCall call{.method = "GET", .url = options_.base_url + path};
    call.headers.add("Authorization", "Bearer " + options_.secret_key.reveal());
    call.headers.add("Stripe-Version", options_.api_version);
    call.headers.add("X-Quittance-Environment", options_.environment);
    call.timeout = options_.timeout;
    return call;
  }

  base::HttpCall post(std::string path, std::string form, std::string key) const {
    base::HttpCall call = get(std::move(path));
    call.method = "POST";
    call.headers.add("Content-Type", "application/x-www-form-urlencoded");
    call.headers.add("Idempotency-Key", std::move(key));
    call.body = std::move(form);
    return call;
  }

  /// A reply to be read: not of a sandbox when we are live. Notes how Stripe is doing.
  Task<Result<HttpReply>> send(base::HttpCall call) {
    auto reply = co_await client_.send(std::move(call));
    if (!reply) {
      health_.went_wrong(UnknownReason::timeout);
      co_return std::unexpected(reply.error());
    }
    if (is_live() && reply->headers.find(kSandboxHeader)) {
      health_.went_wrong(UnknownReason::unreadable, "STRIPE_BASE_URL is a sandbox's.");
      co_return fail(ErrorCode::provider_unavailable, "Stripe cannot be reached just now.");
    }
    const auto unknown = unknown_from(*reply);
    const int status = reply->status;
    if (unknown && (status == 401 || status == 403 || status == 429 || status >= 500)) {
      health_.went_wrong(unknown->reason, alarm_at(status));
    } else if (!Json::parse(reply->body)) {
      health_.went_wrong(UnknownReason::unreadable);
    } else {
      health_.went_well();
    }
    co_return std::move(*reply);
  }

  Result<Form> form_of(const SessionDraft& draft) const {
    const auto amount = stripe::to_wire(draft.amount);
    if (!amount) {
      return fail(ErrorCode::invalid_request, "Stripe takes no such sum at once.", "amount");
    }
    Form form;
    form.add("amount", amount->minor);
    form.add("currency", amount->currency);
    form.add("description", draft.description);
    form.add("metadata[" + std::string(stripe::kSessionKey) + "]", draft.merchant_reference);
    form.add("metadata[bill_number]", draft.bill_number);
    form.add("metadata[object_type]", draft.object_type);
    const auto method = options_.qr_methods.find(std::string(draft.amount.currency().code()));
    if (method == options_.qr_methods.end()) {
      form.add("automatic_payment_methods[enabled]", "true");
      return form;
    }
    form.add("payment_method_types[0]", method->second);
    form.add("payment_method_data[type]", method->second);
    if (!options_.email.empty()) {
      form.add("payment_method_data[billing_details][email]", options_.email);
    }
    form.add("confirm", "true");
    return form;
  }

  Result<Presentation> shown_from(const HttpReply& reply) const {
    const auto json = Json::parse(reply.body);
    const auto intent = json ? stripe::read_intent(*json) : std::nullopt;
    if (!intent || intent->live != is_live()) {
      return fail(ErrorCode::provider_unavailable, "Stripe's answer is unreadable.", "",
                  reply.body.substr(0, 500));
    }
    return stripe::presentation_of(*intent, *json);
  }

  /// What a payer or a merchant can mend is said as such.
  base::Error refusal_of(const HttpReply& reply) const {
    const auto json = Json::parse(reply.body);
    const std::string param = json ? (*json)["error"]["param"].text_or_empty() : std::string();
    if (reply.status == 400 && (param == "amount" || param == "currency")) {
      return {ErrorCode::invalid_request, "Stripe takes no such sum.", "amount",
              reply.body.substr(0, 500)};
    }
    return error_from(reply, "Stripe");
  }

  /// The intent that carries this reference, made around `created_at`; null when there is none.
  Task<Result<Json>> search(std::string reference, Time created_at) {
    std::string after;
    for (int page = 0; page < kPagesSearched; ++page) {
      base::HttpCall call =
          get("/v1/payment_intents?created[gte]=" +
              std::to_string(seconds(created_at - kSearchBefore)) +
              "&created[lte]=" + std::to_string(seconds(created_at + kSearchAfter)) +
              "&limit=100&expand[0]=data.latest_charge" +
              (after.empty() ? "" : "&starting_after=" + base::url_encode(after)));
      const auto reply = co_await send(std::move(call));
      if (!reply) co_return std::unexpected(reply.error());
      if (reply->status != 200) co_return std::unexpected(error_from(*reply, "Stripe"));
      const auto list = Json::parse(reply->body);
      if (!list || !(*list)["data"].is_array()) co_return unreadable();
      for (const Json& intent : (*list)["data"].array()) {
        if (intent["metadata"][stripe::kSessionKey].string() == reference) co_return intent;
      }
      if (!(*list)["has_more"].boolean().value_or(false)) co_return Json();
      after = last_id(*list);
    }
    co_return fail(ErrorCode::provider_unavailable, "There are too many payments to look through.");
  }

  Task<Answer> query_one(core::Session session) {
    if (session.provider_ref.empty()) {
      const auto found = co_await search(session.session_id, session.created_at);
      if (!found) co_return Unknown{.reason = UnknownReason::timeout};
      // Nothing of the kind was ever made, so that nobody can have paid it.
      if (found->is_null()) co_return NotYet{};
      co_return answer_of(*found);
    }
    base::HttpCall call = get("/v1/payment_intents/" + base::url_encode(session.provider_ref) +
                              "?expand[0]=latest_charge");
    const auto reply = co_await send(std::move(call));
    if (!reply) co_return Unknown{.reason = UnknownReason::timeout};
    if (const auto unknown = unknown_from(*reply)) co_return *unknown;
    const auto json = Json::parse(reply->body);
    if (!json || (*json)["id"].string() != session.provider_ref) {
      co_return Unknown{.reason = UnknownReason::unreadable};
    }
    co_return answer_of(*json);
  }

  Answer answer_of(const Json& json) const {
    const auto intent = stripe::read_intent(json);
    if (!intent || intent->live != is_live()) return Unknown{.reason = UnknownReason::unreadable};
    return stripe::answer_of(*intent);
  }

  StripeOptions options_;
  /// What it shows a code for; all else is paid in a browser that completes it with their script.
  std::vector<std::string_view> qr_currencies_;
  base::HttpClient& client_;
  const base::Clock& clock_;
  HealthRecord health_;
};

}  // namespace

std::unique_ptr<Provider> make_stripe(StripeOptions options, base::HttpClient& client,
                                      const base::Clock& clock) {
  return std::make_unique<Stripe>(std::move(options), client, clock);
}

}  // namespace quittance::providers
