// Any bytes as Stripe's answer, as its event, and as its signature header: money only with a
// reference, and no notice is believed that was not signed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "providers/stripe_wire.hpp"

namespace {

using namespace quittance;

/// Stripe, answering the same bytes to everything.
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
                        .amount = core::Money::zero(*core::Currency::from_code("USD"))};
  session.provider_ref = provider_ref;
  return session;
}

base::Task<void> ask(providers::Provider& stripe) {
  for (const char* ref : {"pi_1", ""}) {
    std::vector<core::Session> one;
    one.push_back(session_with(ref));
    const auto answers = co_await stripe.query(std::move(one));
    if (answers.size() != 1) std::abort();
    const auto* paid = std::get_if<providers::Paid>(&answers.front());
    if (paid && paid->provider_ref.empty()) std::abort();
  }
  std::string start;
  const providers::ListWindow always{};
  const auto page = co_await stripe.list(always, std::move(start));
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
  providers::StripeOptions options;
  options.secret_key = base::Secret("sk_test_1");
  options.webhook_secrets = {base::Secret("whsec_1")};
  const auto stripe = providers::make_stripe(std::move(options), client, clock);
  base::VirtualExecutor executor(clock);
  base::spawn(executor, ask(*stripe));
  while (executor.run_one()) {
  }
  // Signed or not, an event that is read has an id.
  const auto event = providers::stripe::read_event(bytes, false);
  if (event && event->notice_id.empty()) std::abort();
  providers::RawNotice notice;
  notice.headers.add("Stripe-Signature", bytes);
  notice.body = bytes;
  if (stripe->read_notice(notice)) std::abort();
  return 0;
}
