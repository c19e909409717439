// QPay v2 (Mongolia): it makes the invoice and its QR, tells us by an unsigned GET that something
// happened, and is then asked. Wire facts: docs/providers/qpay.md.
#include <charconv>

#include "providers/access_token.hpp"
#include "providers/heard.hpp"
#include "providers/moment_text.hpp"
#include "providers/qpay_wire.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Task;

constexpr std::string_view kTitle = "QPay";
constexpr std::string_view kCurrencies[] = {"MNT"};
/// Pages of one invoice's attempts that are looked through before we give up (law 9).
constexpr std::int64_t kCheckPages = 5;
/// Pages of one list that are asked for (law 9).
constexpr std::int64_t kListPages = 1'000;

/// An answer that is a verdict, or the row that says who was paid.
using Verdict = std::variant<Answer, QpayCheck::Row>;

/// What a page of attempts means. A row of money decides; without one, what cannot be understood
/// is no "not yet".
Verdict judge(const QpayCheck& check) {
  const QpayCheck::Row* refunded = nullptr;
  bool strange = false;
  for (const QpayCheck::Row& row : check.rows) {
    if (row.status == "PAID" || row.status == "REFUNDED") {
      if (row.payment_id.empty() || !row.amount) {
        strange = true;
      } else if (row.status == "PAID") {
        return row;
      } else {
        refunded = &row;
      }
    } else if (row.status != "NEW" && row.status != "FAILED" && row.status != "PARTIAL" &&
               row.status != "PENDING" && row.status != "CANCELED" && row.status != "CANCELLED") {
      strange = true;
    }
  }
  if (refunded != nullptr) return *refunded;
  if (strange) return Answer(Unknown{.reason = UnknownReason::unreadable});
  return Answer(NotYet{});
}

class Qpay final : public Provider {
 public:
  Qpay(QpayOptions options, base::HttpClient& client, const base::Clock& clock, base::Log& log)
      : options_(std::move(options)),
        name_(options_.branch.empty() ? "qpay" : "qpay-" + options_.branch),
        client_(client),
        clock_(clock),
        log_(log),
        health_(clock),
        token_(clock, [this](std::optional<Grant> last) { return grant(std::move(last)); }) {}

  std::string_view name() const override { return name_; }
  std::string_view environment() const override { return options_.environment; }

  Capabilities capabilities() const override {
    return {.bulk_limit = 1,
            .budget = options_.budget,
            .presents_remotely = true,
            .lists = true,
            .notifies = true,
            .cancels = true,
            .refunds = true,
            .issues_receipts = true,
            .polling = PollingRule::rare_bounded_sweep,
            .callback_path = "/api/qpay/callback",
            .currencies = kCurrencies};
  }

  Task<Result<Presentation>> present(SessionDraft draft) override {
    CO_TRY_VOID(check_qpay_amount(draft.amount));
    const QpayHeard heard = co_await ask("POST", "/v2/invoice", qpay_invoice(draft, options_));
    if (!heard) co_return not_heard(kTitle, heard.error());
    if (!heard->well()) co_return refused(*heard, "make");
    auto shown = read_qpay_invoice(heard->body);
    if (!shown) co_return not_heard(kTitle, Unknown{.reason = UnknownReason::unreadable});
    co_return std::move(*shown);
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

  Task<Result<Page>> list(ListWindow window, std::string cursor) override {
    std::int64_t page = 1;
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), page);
    if (!cursor.empty() && (error != std::errc() || end != cursor.data() + cursor.size() ||
                            page < 1 || page > kListPages)) {
      co_return fail(ErrorCode::invalid_request, "There is no such page.", "cursor");
    }
    const QpayHeard heard =
        co_await ask("POST", "/v2/payment/list", qpay_list(options_.client_id, window, page));
    if (!heard) co_return not_heard(kTitle, heard.error());
    if (!heard->well()) co_return refused(*heard, "list");
    auto read = read_qpay_list(heard->body, page);
    if (!read) co_return not_heard(kTitle, Unknown{.reason = UnknownReason::unreadable});
    if (page == kListPages) read->next_cursor.clear();
    co_return std::move(*read);
  }

  Task<Result<CancelOutcome>> cancel(core::Session session) override {
    // Without an invoice there is nothing that somebody could pay.
    if (session.provider_ref.empty()) co_return CancelOutcome::canceled;
    const QpayHeard heard =
        co_await ask("DELETE", "/v2/invoice/" + base::url_encode(session.provider_ref), Json());
    if (!heard) co_return not_heard(kTitle, heard.error());
    if (heard->well() || heard->error == "INVOICE_ALREADY_CANCELED") {
      co_return CancelOutcome::canceled;
    }
    if (heard->error == "INVOICE_PAID") co_return CancelOutcome::money_came;
    co_return refused(*heard, "cancel");
  }

  Task<Result<std::optional<ListedPayment>>> payment(std::string payment_ref) override {
    const QpayHeard heard =
        co_await ask("GET", "/v2/payment/" + base::url_encode(payment_ref), Json());
    if (!heard) co_return not_heard(kTitle, heard.error());
    if (heard->error == "PAYMENT_NOTFOUND") co_return std::optional<ListedPayment>();
    if (!heard->well()) co_return refused(*heard, "show");
    auto found = read_qpay_payment(heard->body);
    if (!found) co_return not_heard(kTitle, Unknown{.reason = UnknownReason::unreadable});
    co_return found;
  }

  Task<Result<RefundRef>> refund(RefundDraft draft) override;
  Task<Result<TaxReceipt>> issue_receipt(ReceiptDraft draft) override;
  Task<Result<void>> void_receipt(std::string receipt_ref) override;

  Health health() const override { return health_.current(); }

 private:
  base::HttpCall call_to(std::string_view path) const {
    base::HttpCall call{.method = "POST", .url = options_.base_url + std::string(path)};
    call.headers.add("X-Quittance-Environment", options_.environment);
    call.timeout = options_.timeout;
    return call;
  }

  /// A new token by the refresh token where there is one, else, and when that is refused, by our
  /// credentials.
  Task<AccessToken::Granted> grant(std::optional<Grant> last) {
    if (last && !last->refresh.empty() && clock_.now() < last->refresh_ends_at) {
      base::HttpCall call = call_to("/v2/auth/refresh");
      call.headers.add("Authorization", "Bearer " + last->refresh.reveal());
      const Result<base::HttpReply> reply = co_await client_.send(std::move(call));
      if (auto granted = read_grant(reply)) co_return std::move(*granted);
    }
    base::HttpCall call = call_to("/v2/auth/token");
    call.headers.add("Authorization", "Basic " + base::to_base64(options_.client_id + ":" +
                                                                 options_.client_secret.reveal()));
    const Result<base::HttpReply> reply = co_await client_.send(std::move(call));
    if (auto granted = read_grant(reply)) co_return std::move(*granted);
    Unknown why = trouble_in(reply, options_.environment)
                      .value_or(Unknown{.reason = UnknownReason::unreadable});
    // Whatever 4xx it is: these credentials buy no token.
    if (reply && reply->status >= 400 && reply->status < 429) {
      why.reason = UnknownReason::unauthorized;
    }
    log_.warning("qpay.no_token", {{"provider", name_}, {"reason", to_text(why.reason)}});
    co_return std::unexpected(why);
  }

  std::optional<Grant> read_grant(const Result<base::HttpReply>& reply) const {
    if (trouble_in(reply, options_.environment) || reply->status != 200) return std::nullopt;
    const auto body = Json::parse(reply->body);
    if (!body) return std::nullopt;
    const std::string access = (*body)["access_token"].text_or_empty();
    const base::Time now = clock_.now();
    const auto ends = token_end((*body)["expires_in"], now);
    if (access.empty() || !ends) return std::nullopt;
    return Grant{.access = base::Secret(access),
                 .access_ends_at = *ends,
                 .refresh = base::Secret((*body)["refresh_token"].text_or_empty()),
                 .refresh_ends_at = token_end((*body)["refresh_expires_in"], now).value_or(now)};
  }

  /// One call with a token; with another one when the first is refused.
  Task<QpayHeard> ask(std::string method, std::string path, Json body) {
    AccessToken::Token token = co_await token_.get();
    Result<base::HttpReply> reply = fail(ErrorCode::internal, "not sent");
    if (token) {
      reply = co_await send(method, path, body, *token);
      if (reply && reply->status == 401) {
        base::Secret refused = *token;
        token = co_await token_.instead_of(std::move(refused));
        if (token) reply = co_await send(method, path, body, *token);
      }
    }
    QpayHeard heard = std::unexpected(token ? Unknown{} : token.error());
    if (token) heard = read_reply(reply);
    note(heard);
    co_return heard;
  }

  Task<Result<base::HttpReply>> send(const std::string& method, const std::string& path,
                                     const Json& body, const base::Secret& token) {
    base::HttpCall call = call_to(path);
    call.method = method;
    call.headers.add("Authorization", "Bearer " + token.reveal());
    if (!body.is_null()) {
      call.headers.add("Content-Type", "application/json");
      call.body = body.dump();
    }
    return client_.send(std::move(call));
  }

  QpayHeard read_reply(const Result<base::HttpReply>& reply) const {
    if (const auto trouble = trouble_in(reply, options_.environment)) {
      return std::unexpected(*trouble);
    }
    return read_qpay(*reply);
  }

  void note(const QpayHeard& heard) {
    if (heard) return health_.went_well();
    const UnknownReason reason = heard.error().reason;
    health_.went_wrong(reason, alarm_of(kTitle, "QPAY_CLIENT_ID and QPAY_CLIENT_SECRET", reason));
  }

  /// A refusal for whoever asked; its code goes to the log.
  std::unexpected<base::Error> refused(const QpaySaid& said, std::string_view what) {
    log_.warning(
        "qpay.refused",
        {{"provider", name_}, {"what", what}, {"status", said.status}, {"error", said.error}});
    return qpay_refusal(said, what);
  }

  Task<Answer> query_one(core::Session session) {
    // No invoice of ours was shown to anybody, so nobody can have paid one.
    if (session.provider_ref.empty()) co_return NotYet{};
    for (std::int64_t page = 1; page <= kCheckPages; ++page) {
      const QpayHeard heard =
          co_await ask("POST", "/v2/payment/check", qpay_check(session.provider_ref, page));
      if (!heard) co_return heard.error();
      // "No such invoice" about one that was shown means that we ask with a wrong login: no answer.
      const auto check =
          heard->well() ? read_qpay_check(heard->body, page) : std::optional<QpayCheck>();
      if (!check) co_return Unknown{.reason = UnknownReason::unreadable};
      Verdict verdict = judge(*check);
      if (auto* row = std::get_if<QpayCheck::Row>(&verdict)) {
        QpayCheck::Row found = std::move(*row);
        co_return co_await paid_by(std::move(found), std::move(session));
      }
      Answer answer = std::get<Answer>(std::move(verdict));
      if (!check->more || !std::holds_alternative<NotYet>(answer)) co_return answer;
    }
    co_return Unknown{.reason = UnknownReason::unreadable};
  }

  /// The check has no date, so the payment itself is asked for. Where that is answered without one,
  /// the moment at which we learn of it stands for it.
  Task<Answer> paid_by(QpayCheck::Row row, core::Session session) {
    const QpayHeard heard =
        co_await ask("GET", "/v2/payment/" + base::url_encode(row.payment_id), Json());
    if (!heard && heard.error().reason != UnknownReason::unreadable) co_return heard.error();
    const base::Time now = clock_.now();
    base::Time paid_at = now;
    const auto detail = heard ? read_qpay_payment(heard->body) : std::optional<ListedPayment>();
    if (detail && detail->payment_ref == row.payment_id) {
      paid_at = within(detail->created_at, session.created_at, now);
    }
    Paid paid{.provider_ref = row.payment_id,
              .amount = *row.amount,
              .receiver{},
              .payer{},
              .paid_at = paid_at,
              .raw = row.raw};
    if (row.status == "REFUNDED") paid.refunded = row.amount;
    co_return paid;
  }

  QpayOptions options_;
  std::string name_;
  base::HttpClient& client_;
  const base::Clock& clock_;
  base::Log& log_;
  HealthRecord health_;
  AccessToken token_;
};

/// A GET of our own URL with QPay's payment added to the query; a POST has the same in JSON. Nobody
/// signs it: the token in our URL tells who was given the URL.
Result<Notice> Qpay::read_notice(const RawNotice& notice) const {
  const auto query = base::parse_form(notice.query);
  const auto body = notice.body.empty() ? Result<Json>(Json()) : Json::parse(notice.body);
  if (!query || !body) {
    return fail(ErrorCode::invalid_request, "This is no notice of QPay's.");
  }
  const auto part = [&](std::string_view name) {
    if (const auto found = query->find(name); found != query->end()) return found->second;
    const Json& value = (*body)[name];
    return value.is_number() ? value.number_text().value_or("") : value.text_or_empty();
  };
  const std::string session_id = part("session");
  const std::string token = part("token");
  if (options_.callback_key.empty() || session_id.empty() ||
      !base::constant_time_equal(token, callback_token(options_.callback_key, session_id))) {
    return fail(ErrorCode::forbidden, "This is not from whom we gave the address to.");
  }
  Notice read{.notice_id{},
              .kind = "payment",
              .provider_ref = part("invoice_id"),
              .payment_ref = part("qpay_payment_id"),
              .merchant_reference = session_id};
  if (read.payment_ref.empty()) read.payment_ref = part("payment_id");
  read.notice_id = session_id + ":" + read.payment_ref;
  return read;
}

/// Card payments only, and only the whole of one: QPay takes no amount.
Task<Result<RefundRef>> Qpay::refund(RefundDraft draft) {
  const std::string id = base::url_encode(draft.payment_ref);
  const QpayHeard before = co_await ask("GET", "/v2/payment/" + id, Json());
  if (!before) co_return not_heard(kTitle, before.error());
  if (!before->well()) co_return refused(*before, "give back");
  const auto payment = read_qpay_payment(before->body);
  if (!payment) co_return not_heard(kTitle, Unknown{.reason = UnknownReason::unreadable});
  RefundRef done{.provider_ref = payment->payment_ref,
                 .state = RefundState::succeeded,
                 .amount = payment->amount};
  // Asked again after a lost answer: there is no key of ours on their side to tell them.
  if (payment->state == PaymentState::refunded) co_return done;
  if (payment->state != PaymentState::paid) {
    co_return fail(ErrorCode::conflict, "This payment has not been made.");
  }
  if (draft.amount != payment->amount) {
    co_return fail(ErrorCode::invalid_request, "QPay gives back whole payments only.", "amount");
  }
  const Json body = Json::object({{"note", draft.reason.empty() ? "refund" : draft.reason}});
  const QpayHeard heard = co_await ask("DELETE", "/v2/payment/refund/" + id, body);
  if (!heard) co_return not_heard(kTitle, heard.error());
  if (heard->well() || heard->error == "PAYMENT_ALREADY_CANCELED") co_return done;
  if (heard->error == "PAYMENT_SETTLED") {
    co_return fail(ErrorCode::provider_refused,
                   "QPay gives back card payments only; this one came by bank transfer.");
  }
  co_return refused(*heard, "give back");
}

Task<Result<TaxReceipt>> Qpay::issue_receipt(ReceiptDraft draft) {
  const bool newer = !draft.district_code.empty() && !draft.classification_code.empty();
  if (draft.receiver_type == ReceiptReceiver::company && draft.receiver.empty()) {
    co_return fail(ErrorCode::invalid_request, "Say which company the receipt is for.", "receiver");
  }
  const QpayHeard heard = co_await ask(
      "POST", newer ? "/v2/ebarimt_v3/create" : "/v2/ebarimt/create", qpay_receipt(draft));
  if (!heard) co_return not_heard(kTitle, heard.error());
  if (!heard->well()) co_return refused(*heard, "register a receipt for");
  auto receipt = read_qpay_receipt(heard->body, newer, draft.payment_ref);
  if (!receipt) co_return not_heard(kTitle, Unknown{.reason = UnknownReason::unreadable});
  co_return std::move(*receipt);
}

Task<Result<void>> Qpay::void_receipt(std::string receipt_ref) {
  constexpr std::string_view kOfPayment = "payment/";
  if (receipt_ref.starts_with(kOfPayment)) receipt_ref.replace(0, kOfPayment.size(), "v3/");
  const bool newer = receipt_ref.starts_with("v3/");
  if (!newer && !receipt_ref.starts_with("v1/")) {
    co_return fail(ErrorCode::invalid_request, "There is no such receipt.", "receipt_ref");
  }
  const std::string id = base::url_encode(receipt_ref.substr(3));
  const QpayHeard heard =
      co_await ask("DELETE", (newer ? "/v2/ebarimt_v3/" : "/v2/ebarimt/") + id, Json());
  if (!heard) co_return not_heard(kTitle, heard.error());
  // Nothing is registered there any more.
  if (heard->error == "BARIMT_NOT_FOUND") co_return Result<void>();
  if (!heard->well()) co_return refused(*heard, "void the receipt of");
  co_return Result<void>();
}

}  // namespace

std::unique_ptr<Provider> make_qpay(QpayOptions options, base::HttpClient& client,
                                    const base::Clock& clock, base::Log& log) {
  return std::make_unique<Qpay>(std::move(options), client, clock, log);
}

}  // namespace quittance::providers
