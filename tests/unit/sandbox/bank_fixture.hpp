// A sandbox bank on a virtual clock, and short ways to talk to it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/base.hpp"
#include "qr/qr.hpp"
#include "rails.hpp"
#include "sandbox/sandbox.hpp"

namespace quittance::sandbox {

inline constexpr std::int64_t kStartMs = 1'795'000'000'000;

/// One bank and one client, all in virtual time.
class BankFixture {
 public:
  explicit BankFixture(SandboxOptions options = usual_options(), std::uint64_t seed = 1)
      : random_(seed) {
    auto opened = Sandbox::open(std::move(options), clock_, random_, log_);
    EXPECT_TRUE(opened.has_value());
    if (opened) bank_ = std::move(*opened);
    token_ = bank_->issue_token(3'600);
  }

  static SandboxOptions usual_options() {
    SandboxOptions options;
    options.token_key = base::Secret("a key for tests only");
    options.rails = rails();
    return options;
  }

  Sandbox& bank() { return *bank_; }
  base::ManualClock& clock() { return clock_; }
  base::SeededRandom& random() { return random_; }
  base::SilentLog& log() { return log_; }
  const std::string& token() const { return token_; }
  void set_token(std::string token) { token_ = std::move(token); }
  void advance(std::int64_t ms) { executor_.run_until(clock_.now() + base::Duration{ms}); }

  /// Sends and waits in virtual time.
  base::HttpResponse send(base::HttpRequest request) {
    std::optional<base::HttpResponse> response;
    base::spawn(executor_, keep_answer(*bank_, std::move(request), response));
    while (!response && executor_.run_one()) {
    }
    EXPECT_TRUE(response.has_value());
    return response ? std::move(*response) : base::HttpResponse{};
  }

  base::HttpResponse get(std::string path, std::string query = {}) {
    base::HttpRequest request;
    request.method = "GET";
    request.path = std::move(path);
    request.query = std::move(query);
    return send(std::move(request));
  }

  /// POST with the good token.
  base::HttpResponse post(std::string path, std::string body) {
    base::HttpRequest request;
    request.method = "POST";
    request.path = std::move(path);
    request.body = std::move(body);
    request.headers.add("Host", "bank.test:8900");
    if (!token_.empty()) request.headers.add("Authorization", "Bearer " + token_);
    return send(std::move(request));
  }

  /// POST whose answer is JSON.
  base::Json ask(std::string path, const base::Json& body) {
    return json_of(post(std::move(path), body.dump()));
  }

  base::Json check_md5(const std::string& md5) {
    return ask("/v1/check_transaction_by_md5", base::Json::object({{"md5", md5}}));
  }

  static base::Json json_of(const base::HttpResponse& response) {
    auto json = base::Json::parse(response.body);
    EXPECT_TRUE(json.has_value()) << response.body;
    return json ? std::move(*json) : base::Json();
  }

  /// A KHQR made now that expires in ten minutes; an empty amount makes it static.
  qr::Khqr khqr(std::string amount, std::string currency = "840", std::string bill = "BILL_1") {
    qr::KhqrInput input;
    input.account = "quittance_shop@quitbank";
    input.name = "Corner Shop <&>";
    input.currency = std::move(currency);
    input.amount = std::move(amount);
    input.bill_number = std::move(bill);
    input.expires_at_ms = base::to_ms(clock_.now()) + 600'000;
    auto made = qr::encode_khqr(input, clock_.now());
    EXPECT_TRUE(made.has_value());
    return made ? std::move(*made) : qr::Khqr{};
  }

 private:
  static base::Task<void> keep_answer(Sandbox& bank, base::HttpRequest request,
                                      std::optional<base::HttpResponse>& response) {
    response = co_await bank.handle(std::move(request));
  }

  base::ManualClock clock_{base::from_ms(kStartMs)};
  base::VirtualExecutor executor_{clock_};
  base::SeededRandom random_;
  base::SilentLog log_;
  std::unique_ptr<Sandbox> bank_;
  std::string token_;
};

}  // namespace quittance::sandbox
