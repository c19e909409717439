// Any bytes as MVola's replies and as its callback: there is one answer per session, money only
// with a reference, and no notice that names no request.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "providers/providers.hpp"

namespace {

using namespace quittance;

/// A provider that sells a token, says that the push is done, and then answers the same bytes.
class OneReply final : public base::HttpClient {
 public:
  OneReply(std::string body, bool done) : body_(std::move(body)), done_(done) {}
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override {
    base::HttpReply reply{.status = 200, .headers{}, .body = body_};
    if (call.url.ends_with("/token")) {
      reply.body = R"({"access_token":"a","expires_in":3600})";
    } else if (done_ && call.url.find("/status/") != std::string::npos) {
      reply.body = R"({"status":"completed","objectReference":"641235"})";
    }
    co_return reply;
  }

 private:
  std::string body_;
  bool done_;
};

core::Money ariary() { return *core::Money::parse("10000", *core::Currency::from_code("MGA")); }

base::Task<void> ask(providers::Provider& mvola) {
  std::vector<core::Session> one;
  one.push_back({.provider_ref = "push", .amount = ariary()});
  const auto answers = co_await mvola.query(std::move(one));
  if (answers.size() != 1) std::abort();
  const auto* paid = std::get_if<providers::Paid>(&answers.front());
  if (paid && (paid->provider_ref.empty() || paid->amount.is_zero())) std::abort();
  providers::SessionDraft draft{.amount = ariary(), .payer_phone = "0343500003"};
  const auto shown = co_await mvola.present(std::move(draft));
  if (shown && shown->provider_ref.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  base::ManualClock clock(base::from_ms(1'760'000'000'000));
  base::SilentLog log;
  for (const bool done : {false, true}) {
    OneReply client(bytes, done);
    base::VirtualExecutor executor(clock);
    const auto mvola = providers::make_mvola(
        {.base_url = "http://mvola", .callback_key = base::Secret("key")}, client, clock, log);
    base::spawn(executor, ask(*mvola));
    while (executor.run_one()) {
    }
    const std::size_t line = bytes.find('\n');
    const auto notice =
        mvola->read_notice({.headers{},
                            .query = line == std::string::npos ? "" : bytes.substr(0, line),
                            .body = line == std::string::npos ? bytes : bytes.substr(line + 1)});
    if (notice && notice->provider_ref.empty()) std::abort();
  }
  return 0;
}
