// Razorpay: a single-use UPI code for each session, whose payments tell what came. Their signed
// events tell us first; our questions and the pulled list are the safety net. Wire facts:
// docs/providers/razorpay.md.
#include <charconv>

#include "providers/razorpay_wire.hpp"

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
using razorpay::kSessionNote;

constexpr std::string_view kCurrencies[] = {"INR"};
constexpr std::int64_t kPageSize = 100;  // the most that they give
constexpr int kPagesSearched = 10;
/// Where a code is looked for whose creation was never answered.
constexpr Duration kSearchBefore = std::chrono::minutes(1);
constexpr Duration kSearchAfter = std::chrono::hours(24);
/// A first presentation follows its session at once; later ones look for the code first.
constexpr Duration kFirstWithin{1'000};

std::int64_t seconds(Time moment) { return base::to_ms(moment) / 1'000; }

std::string description_of(const HttpReply& reply) {
  const auto json = Json::parse(reply.body);
  return json ? (*json)["error"]["description"].text_or_empty() : std::string();
}

std::unexpected<base::Error> unreadable() {
  return fail(ErrorCode::provider_unavailable, "Razorpay's answer is unreadable.");
}

/// An unknown id is 400 with these words, not 404.
bool is_unknown_id(const HttpReply& reply) {
  return reply.status == 400 && description_of(reply).find("does not exist") != std::string::npos;
}

/// The items of a collection, or what is wrong with the reply.
Result<Json> items_of(const HttpReply& reply) {
  if (reply.status != 200) return std::unexpected(error_from(reply, "Razorpay"));
  const auto json = Json::parse(reply.body);
  if (!json || !(*json)["items"].is_array()) return unreadable();
  return (*json)["items"];
}

/// What a person must do when they answer so; empty: nothing (N11).
std::string alarm_at(int status) {
  if (status == 401) {
    return "Razorpay refuses our key (RAZORPAY_KEY_ID, RAZORPAY_KEY_SECRET): renew it, or payments "
           "will not be seen.";
  }
  if (status != 403) return {};
  return "Razorpay answers 403: the key (RAZORPAY_KEY_ID) may lack a right, or this server's "
         "address is barred.";
}

class Razorpay final : public Provider {
 public:
  Razorpay(RazorpayOptions options, base::HttpClient& client, const base::Clock& clock)
      : options_(std::move(options)), client_(client), clock_(clock), health_(clock) {}

  std::string_view name() const override { return "razorpay"; }
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
            .currencies = kCurrencies};
  }
  Health health() const override { return health_.current(); }

  /// Making a code twice makes two; nothing stops that but looking first.
  Task<Result<Presentation>> present(SessionDraft draft) override {
    if (draft.amount.currency().code() != "INR") {
      co_return fail(ErrorCode::invalid_request, "Razorpay's codes ask for INR.", "currency");
    }
    if (clock_.now() - draft.created_at > kFirstWithin) {
      const auto found = co_await search(draft.merchant_reference, draft.created_at);
      if (!found) co_return std::unexpected(found.error());
      // One that is over is shown to nobody.
      const auto shown = razorpay::read_code(*found);
      if (shown && (*found)["status"].string() == "active") co_return *shown;
    }
    base::HttpCall call = post("/v1/payments/qr_codes", body_of(draft));
    const auto reply = co_await send(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    if (reply->status != 200) co_return std::unexpected(refusal_of(*reply));
    const auto json = Json::parse(reply->body);
    const auto shown = json ? razorpay::read_code(*json) : std::nullopt;
    if (!shown) co_return unreadable();
    co_return *shown;
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
    const std::string_view signature = notice.headers.find("X-Razorpay-Signature").value_or("");
    if (!razorpay::verify_signature(signature, notice.body, options_.webhook_secrets)) {
      return fail(ErrorCode::forbidden, "This notice is not signed by Razorpay.");
    }
    return razorpay::read_event(notice.body,
                                notice.headers.find("x-razorpay-event-id").value_or(""));
  }

  /// The window stands still while we page: what is paid meanwhile would shift every page.
  Task<Result<Page>> list(ListWindow window, std::string cursor) override {
    std::int64_t skip = 0;
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), skip);
    if (!cursor.empty() && (error != std::errc() || end != cursor.data() + cursor.size())) {
      co_return fail(ErrorCode::invalid_request, "This is no cursor of Razorpay's list.");
    }
    base::HttpCall call =
        get("/v1/payments?from=" + std::to_string(seconds(window.since)) +
            "&to=" + std::to_string(seconds(window.until)) + "&count=" + std::to_string(kPageSize) +
            "&skip=" + std::to_string(skip));
    const auto reply = co_await send(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    CO_TRY(const Json items, items_of(*reply));
    Page page;
    for (const Json& item : items.array()) {
      if (auto payment = razorpay::read_payment(item)) {
        page.payments.push_back(std::move(*payment));
      } else {
        page.unreadable.push_back(item.dump());
      }
    }
    const auto size = static_cast<std::int64_t>(items.array().size());
    if (size >= kPageSize) page.next_cursor = std::to_string(skip + size);
    co_return page;
  }

  /// With the code that it came by, where it came by one.
  Task<Result<std::optional<ListedPayment>>> payment(std::string payment_ref) override {
    base::HttpCall call = get("/v1/payments/" + base::url_encode(payment_ref));
    const auto reply = co_await send(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    if (is_unknown_id(*reply)) co_return std::optional<ListedPayment>();
    if (reply->status != 200) co_return std::unexpected(error_from(*reply, "Razorpay"));
    const auto json = Json::parse(reply->body);
    auto payment = json ? razorpay::read_payment(*json) : std::nullopt;
    if (!payment || payment->payment_ref != payment_ref) co_return unreadable();
    base::HttpCall codes_call =
        get("/v1/payments/qr_codes?count=2&payment_id=" + base::url_encode(payment_ref));
    const auto codes_reply = co_await send(std::move(codes_call));
    if (!codes_reply) co_return std::unexpected(codes_reply.error());
    CO_TRY(const Json codes, items_of(*codes_reply));
    if (codes.array().size() == 1) {
      const Json& code = codes.array().front();
      payment->provider_ref = code["id"].text_or_empty();
      if (payment->merchant_reference.empty()) {
        payment->merchant_reference = razorpay::note_of(code["notes"], kSessionNote);
      }
    }
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
    base::HttpCall close = post("/v1/payments/qr_codes/" + base::url_encode(id) + "/close", Json());
    auto reply = co_await send(std::move(close));
    if (!reply) co_return std::unexpected(reply.error());
    if (reply->status == 400) {
      // Closed before: by us, by its time, or because it was paid. It says which.
      base::HttpCall show = get("/v1/payments/qr_codes/" + base::url_encode(id));
      reply = co_await send(std::move(show));
      if (!reply) co_return std::unexpected(reply.error());
    }
    if (reply->status != 200) co_return std::unexpected(error_from(*reply, "Razorpay"));
    const auto code = Json::parse(reply->body);
    if (!code || (*code)["status"].string() != "closed") co_return unreadable();
    const bool paid = (*code)["close_reason"].string() == "paid" ||
                      (*code)["payments_count_received"].integer().value_or(0) > 0;
    co_return paid ? CancelOutcome::money_came : CancelOutcome::canceled;
  }

  Task<Result<RefundRef>> refund(RefundDraft draft) override {
    const Json body =
        Json::object({{"amount", draft.amount.minor()},
                      {"speed", "normal"},
                      {"notes", Json::object({{kSessionNote.data(), draft.session.session_id},
                                              {"reason", draft.reason}})}});
    base::HttpCall call =
        post("/v1/payments/" + base::url_encode(draft.payment_ref) + "/refund", body);
    call.headers.add("X-Refund-Idempotency", draft.idempotency_key);
    const auto reply = co_await send(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    const auto json = Json::parse(reply->body);
    if (reply->status != 200) {
      const std::string words = json ? (*json)["error"]["description"].text_or_empty() : "";
      co_return std::unexpected(error_from(*reply, "Razorpay", words));
    }
    const std::string id = json ? (*json)["id"].text_or_empty() : std::string();
    if (id.empty()) co_return unreadable();
    const std::string status = (*json)["status"].text_or_empty();
    RefundRef ref{.provider_ref = id, .amount = draft.amount};
    if (status == "processed") ref.state = RefundState::succeeded;
    if (status == "failed") ref.state = RefundState::failed;
    co_return ref;
  }

 private:
  base::HttpCall get(std::string path) const {
    base::HttpCall call{.method = "GET", .url = options_.base_url + path};
    // They know the scheme by this spelling only.
    call.headers.add("Authorization", "Basic " + base::to_base64(options_.key_id + ":" +
                                                                 options_.key_secret.reveal()));
    call.headers.add("X-Quittance-Environment", options_.environment);
    call.timeout = options_.timeout;
    return call;
  }

  base::HttpCall post(std::string path, const Json& body) const {
    base::HttpCall call = get(std::move(path));
    call.method = "POST";
    call.headers.add("Content-Type", "application/json");
    if (!body.is_null()) call.body = body.dump();
    return call;
  }

  /// A reply to be read: not of a sandbox when we are live. Notes how Razorpay is doing.
  Task<Result<HttpReply>> send(base::HttpCall call) {
    auto reply = co_await client_.send(std::move(call));
    if (!reply) {
      health_.went_wrong(UnknownReason::timeout);
      co_return std::unexpected(reply.error());
    }
    if (options_.environment == "live" && reply->headers.find(kSandboxHeader)) {
      health_.went_wrong(UnknownReason::unreadable, "RAZORPAY_BASE_URL is a sandbox's.");
      co_return fail(ErrorCode::provider_unavailable, "Razorpay cannot be reached just now.");
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

  Json body_of(const SessionDraft& draft) const {
    return Json::object({{"type", "upi_qr"},
                         {"name", options_.merchant_name},
                         {"usage", "single_use"},
                         {"fixed_amount", true},
                         {"payment_amount", draft.amount.minor()},
                         {"description", draft.description},
                         {"notes", Json::object({{kSessionNote.data(), draft.merchant_reference},
                                                 {"bill_number", draft.bill_number},
                                                 {"object_type", draft.object_type}})}});
  }

  base::Error refusal_of(const HttpReply& reply) const {
    const auto json = Json::parse(reply.body);
    if (json && (*json)["error"]["field"].string() == "payment_amount") {
      return {ErrorCode::invalid_request, "Razorpay takes no such sum.", "amount",
              reply.body.substr(0, 500)};
    }
    return error_from(reply, "Razorpay");
  }

  /// The code that carries this reference, made around `created_at`; null when there is none.
  Task<Result<Json>> search(std::string reference, Time created_at) {
    for (int page = 0; page < kPagesSearched; ++page) {
      base::HttpCall call =
          get("/v1/payments/qr_codes?from=" + std::to_string(seconds(created_at - kSearchBefore)) +
              "&to=" + std::to_string(seconds(created_at + kSearchAfter)) +
              "&count=" + std::to_string(kPageSize) + "&skip=" + std::to_string(page * kPageSize));
      const auto reply = co_await send(std::move(call));
      if (!reply) co_return std::unexpected(reply.error());
      CO_TRY(const Json items, items_of(*reply));
      for (const Json& code : items.array()) {
        if (razorpay::note_of(code["notes"], kSessionNote) == reference) co_return code;
      }
      if (static_cast<std::int64_t>(items.array().size()) < kPageSize) co_return Json();
    }
    co_return fail(ErrorCode::provider_unavailable, "There are too many codes to look through.");
  }

  Task<Answer> query_one(core::Session session) {
    std::string id = session.provider_ref;
    if (id.empty()) {
      const auto found = co_await search(session.session_id, session.created_at);
      if (!found) co_return Unknown{.reason = UnknownReason::timeout};
      // Nothing of the kind was ever made, so that nobody can have paid it.
      if (found->is_null()) co_return NotYet{};
      id = (*found)["id"].text_or_empty();
    }
    base::HttpCall call =
        get("/v1/payments/qr_codes/" + base::url_encode(id) + "/payments?count=100");
    const auto reply = co_await send(std::move(call));
    if (!reply) co_return Unknown{.reason = UnknownReason::timeout};
    if (const auto unknown = unknown_from(*reply)) co_return *unknown;
    const auto items = items_of(*reply);
    if (!items) co_return Unknown{.reason = UnknownReason::unreadable};
    std::vector<ListedPayment> payments;
    for (const Json& item : items->array()) {
      auto payment = razorpay::read_payment(item);
      if (!payment) co_return Unknown{.reason = UnknownReason::unreadable};
      payments.push_back(std::move(*payment));
    }
    co_return razorpay::answer_of(payments);
  }

  RazorpayOptions options_;
  base::HttpClient& client_;
  const base::Clock& clock_;
  HealthRecord health_;
};

}  // namespace

std::unique_ptr<Provider> make_razorpay(RazorpayOptions options, base::HttpClient& client,
                                        const base::Clock& clock) {
  return std::make_unique<Razorpay>(std::move(options), client, clock);
}

}  // namespace quittance::providers
