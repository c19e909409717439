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
  explicit BankFixture(SandboxOptions options = usual_options(), std::uint64_t seed = 1);
  ~BankFixture();

  static SandboxOptions usual_options();

  Sandbox& bank() { return *bank_; }
  base::ManualClock& clock() { return clock_; }
  base::SeededRandom& random() { return random_; }
  base::SilentLog& log() { return log_; }
  const std::string& token() const { return token_; }
  void set_token(std::string token);
  void advance(std::int64_t ms);

  /// Sends and waits in virtual time.
  base::HttpResponse send(base::HttpRequest request);

  base::HttpResponse get(std::string path, std::string query = {});

  /// POST with the good token.
  base::HttpResponse post(std::string path, std::string body);

  /// POST whose answer is JSON.
  base::Json ask(std::string path, const base::Json& body);

  base::Json check_md5(const std::string& md5);

  static base::Json json_of(const base::HttpResponse& response);

  /// A KHQR made now that expires in ten minutes; an empty amount makes it static.
  qr::Khqr khqr(std::string amount, std::string currency = "840", std::string bill = "BILL_1");

 private:
  static base::Task<void> keep_answer(Sandbox& bank, base::HttpRequest request,
                                      std::optional<base::HttpResponse>& response);

  base::ManualClock clock_{base::from_ms(kStartMs)};
  base::VirtualExecutor executor_{clock_};
  base::SeededRandom random_;
  base::SilentLog log_;
  std::unique_ptr<Sandbox> bank_;
  std::string token_;
};

}  // namespace quittance::sandbox
