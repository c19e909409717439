// One adapter and the sandbox on either end of a wire, in one process and on a virtual clock.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "providers/providers.hpp"
#include "rails.hpp"
#include "sandbox/sandbox.hpp"
#include "support/virtual_world.hpp"

namespace quittance::providers {

/// Carries each call to the sandbox instead of a network, and keeps what was said.
class WireToSandbox final : public base::HttpClient {
 public:
  static constexpr std::string_view kOrigin = "http://bank.test";
  explicit WireToSandbox(sandbox::Sandbox& bank) : bank_(bank) {}
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override {
    calls.push_back(call);
    base::HttpRequest request;
    request.method = call.method;
    request.path = call.url.substr(kOrigin.size());
    request.headers = call.headers;
    request.headers.add("Host", "bank.test");
    request.body = call.body;
    const base::Time sent_at = clock ? clock->now() : base::Time{};
    base::HttpResponse response = co_await bank_.handle(std::move(request));
    if (clock && clock->now() - sent_at > call.timeout) {
      co_return base::fail(base::ErrorCode::timeout, "No answer in time.");
    }
    co_return base::HttpReply{.status = response.status,
                              .headers = std::move(response.headers),
                              .body = std::move(response.body)};
  }
  std::size_t count(std::string_view path_end) const {
    std::size_t found = 0;
    for (const base::HttpCall& call : calls)
      found += call.url.ends_with(path_end) ? 1 : 0;
    return found;
  }

  std::vector<base::HttpCall> calls;
  const base::Clock* clock = nullptr;

 private:
  sandbox::Sandbox& bank_;
};

/// What the shop's door answers to notices; keeps them.
class Door final : public base::HttpClient {
 public:
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override {
    calls.push_back(std::move(call));
    co_return base::HttpReply{.status = 200, .headers{}, .body = answer};
  }
  /// The last call as a notice.
  RawNotice notice() const {
    const std::string& url = calls.back().url;
    const std::size_t mark = url.find('?');
    return {.headers = calls.back().headers,
            .query = mark == std::string::npos ? "" : url.substr(mark + 1),
            .body = calls.back().body};
  }
  std::vector<base::HttpCall> calls;
  std::string answer = "SUCCESS";
};

struct RailStreet : testing::VirtualWorld {
  explicit RailStreet(std::string rail_name) : rail(std::move(rail_name)) {
    sandbox::SandboxOptions options;
    options.token_key = base::Secret("a key for tests only");
    options.rails = sandbox::rails();
    options.public_url = std::string(WireToSandbox::kOrigin);
    bank = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
    wire = std::make_unique<WireToSandbox>(*bank);
    wire->clock = &clock;
  }

  void faults(std::initializer_list<std::pair<std::string, base::Json>> changes) {
    ASSERT_TRUE(bank->change_rail_faults(rail, base::Json::object(changes)).has_value());
  }
  Answer ask(core::Session session) {
    std::vector<core::Session> one;
    one.push_back(std::move(session));
    return run(provider->query(std::move(one))).at(0);
  }
  base::Result<base::Json> act(const std::string& ref, sandbox::Act what) {
    return bank->act(rail, ref, what);
  }
  std::int64_t deliver() { return run(bank->deliver_due(door)); }

  std::string rail;
  std::unique_ptr<sandbox::Sandbox> bank;
  std::unique_ptr<WireToSandbox> wire;
  Door door;
  std::unique_ptr<Provider> provider;
};

inline std::optional<UnknownReason> unknown_reason(const Answer& answer) {
  const auto* unknown = std::get_if<Unknown>(&answer);
  return unknown ? std::optional(unknown->reason) : std::nullopt;
}

}  // namespace quittance::providers
