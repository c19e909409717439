// Any bytes as the bank's answer: there is one answer per session, and money only with a reference.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "providers/providers.hpp"

namespace {

using namespace quittance;

/// A bank that answers the same bytes to everything.
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

core::Session session_with(const std::string& md5_hash) {
  return {.amount = core::Money::zero(*core::Currency::from_code("USD")), .md5_hash = md5_hash};
}

base::Task<void> ask(providers::Provider& bank, std::vector<core::Session> sessions) {
  const std::size_t count = sessions.size();
  const auto answers = co_await bank.query(std::move(sessions));
  if (answers.size() != count) std::abort();
  for (const providers::Answer& answer : answers) {
    const auto* paid = std::get_if<providers::Paid>(&answer);
    if (paid && paid->provider_ref.empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  OneReply client(std::string(data, data + size));
  base::ManualClock clock(base::from_ms(1'760'000'000'000));
  base::SilentLog log;
  base::VirtualExecutor executor(clock);
  const auto bank = providers::make_bakong({.base_url = "http://bank"}, client, clock, log);
  std::vector<core::Session> one;
  one.push_back(session_with("0123456789abcdef0123456789abcdef"));
  std::vector<core::Session> two = one;
  two.push_back(session_with("fedcba9876543210fedcba9876543210"));
  base::spawn(executor, ask(*bank, std::move(one)));
  base::spawn(executor, ask(*bank, std::move(two)));
  while (executor.run_one()) {
  }
  return 0;
}
