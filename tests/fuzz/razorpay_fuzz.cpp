// Any bytes as Razorpay's answer, as its event, and as its signature: money only with a reference,
// and no notice is believed that was not signed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "providers/razorpay_wire.hpp"

namespace {

using namespace quittance;

/// Razorpay, answering the same bytes to everything.
class OneReply final : public base::HttpClient {
 public:
  explicit OneReply(std::string body) : body_(std::move(body)) {}
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall) override {
    base::HttpReply reply{.status = 200, .headers{}, .body = body_};
    co_return reply;
  }

 private:
  std::string body_;
};

core::Session session_with(const char* provider_ref) {
  core::Session session{.session_id = "session-1",
                        .amount = core::Money::zero(*core::Currency::from_code("INR"))};
  session.provider_ref = provider_ref;
  return session;
}

base::Task<void> ask(providers::Provider& razorpay) {
  for (const char* ref : {"qr_1", ""}) {
    std::vector<core::Session> one;
    one.push_back(session_with(ref));
    const auto answers = co_await razorpay.query(std::move(one));
    if (answers.size() != 1) std::abort();
    const auto* paid = std::get_if<providers::Paid>(&answers.front());
    if (paid && paid->provider_ref.empty()) std::abort();
  }
  std::string start;
  const providers::ListWindow always{};
  const auto page = co_await razorpay.list(always, std::move(start));
  if (!page) co_return;
  for (const providers::ListedPayment& payment : page->payments) {
    if (payment.payment_ref.empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  base::ManualClock clock(base::from_ms(1'760'000'000'000));
  OneReply client(bytes);
  providers::RazorpayOptions options;
  options.key_id = "rzp_test_1";
  options.webhook_secrets = {base::Secret("secret")};
  const auto razorpay = providers::make_razorpay(std::move(options), client, clock);
  base::VirtualExecutor executor(clock);
  base::spawn(executor, ask(*razorpay));
  while (executor.run_one()) {
  }
  const auto event = providers::razorpay::read_event(bytes, "");
  if (event && event->notice_id.empty()) std::abort();
  providers::RawNotice notice;
  notice.headers.add("X-Razorpay-Signature", bytes);
  notice.body = bytes;
  if (razorpay->read_notice(notice)) std::abort();
  return 0;
}
