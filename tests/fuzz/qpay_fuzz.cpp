// Any bytes as QPay's replies and as its callback: there is one answer per session, money only with
// a reference, and no notice without the token of our own URL.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "providers/providers.hpp"

namespace {

using namespace quittance;

constexpr std::string_view kSession = "5f0c";

/// A provider that sells a token and then says the same bytes to everything.
class OneReply final : public base::HttpClient {
 public:
  explicit OneReply(std::string body) : body_(std::move(body)) {}
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override {
    base::HttpReply reply{.status = 200, .headers{}, .body = body_};
    if (call.url.ends_with("/auth/token")) {
      reply.body = R"({"access_token":"a","expires_in":86400})";
    } else if (call.method == "DELETE") {
      reply.status = 409;
    }
    co_return reply;
  }

 private:
  std::string body_;
};

core::Money tugrik() { return *core::Money::parse("100", *core::Currency::from_code("MNT")); }

base::Task<void> ask(providers::Provider& qpay) {
  core::Session session{.provider_ref = "invoice", .amount = tugrik()};
  std::vector<core::Session> one;
  one.push_back(session);
  const auto answers = co_await qpay.query(std::move(one));
  if (answers.size() != 1) std::abort();
  const auto* paid = std::get_if<providers::Paid>(&answers.front());
  if (paid && paid->provider_ref.empty()) std::abort();
  providers::SessionDraft draft{.amount = tugrik()};
  const auto shown = co_await qpay.present(std::move(draft));
  if (shown && (shown->qr_data.empty() || shown->provider_ref.empty())) std::abort();
  const providers::ListWindow always{};
  const auto page = co_await qpay.list(always, "");
  for (const auto& payment : page ? page->payments : std::vector<providers::ListedPayment>()) {
    if (payment.payment_ref.empty()) std::abort();
  }
  const auto canceled = co_await qpay.cancel(session);
  if (canceled.has_value() && session.provider_ref.empty()) std::abort();
  providers::ReceiptDraft receipt{.payment_ref = "1"};
  const auto made = co_await qpay.issue_receipt(std::move(receipt));
  if (made && made->receipt_ref.empty()) std::abort();
}

void take_notice(const providers::Provider& qpay, const std::string& bytes) {
  const std::size_t line = bytes.find('\n');
  const providers::RawNotice notice{
      .headers{},
      .query = bytes.substr(0, line),
      .body = line == std::string::npos ? "" : bytes.substr(line + 1)};
  const auto read = qpay.read_notice(notice);
  if (!read) return;
  const std::string token = providers::callback_token(base::Secret("key"), kSession);
  if (read->merchant_reference == kSession && bytes.find(token) == std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  OneReply client(bytes);
  base::ManualClock clock(base::from_ms(1'760'000'000'000));
  base::SilentLog log;
  base::VirtualExecutor executor(clock);
  const auto qpay = providers::make_qpay(
      {.base_url = "http://qpay", .callback_key = base::Secret("key")}, client, clock, log);
  base::spawn(executor, ask(*qpay));
  while (executor.run_one()) {
  }
  take_notice(*qpay, bytes);
  return 0;
}
