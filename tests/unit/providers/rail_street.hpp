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

/// Carries each call to the sandbox instead of a network, and keeps what was said. Who waited
/// longer than it would never saw the answer.
class WireToSandbox final : public base::HttpClient {
 public:
  static constexpr std::string_view kOrigin = "http://bank.test";
  WireToSandbox(sandbox::Sandbox& bank, const base::Clock& clock);
  ~WireToSandbox() override;
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override;
  std::size_t count(std::string_view path_end) const;

  std::vector<base::HttpCall> calls;

 private:
  sandbox::Sandbox& bank_;
  const base::Clock& clock_;
};

/// What the shop's door answers to notices; keeps them.
class Door final : public base::HttpClient {
 public:
  Door();
  ~Door() override;
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override;
  /// A call, and the last one, as a notice.
  static RawNotice notice_of(const base::HttpCall& call);
  RawNotice notice() const { return notice_of(calls.back()); }
  std::vector<base::HttpCall> calls;
  std::string answer = "SUCCESS";
};

struct RailStreet : testing::VirtualWorld {
  /// The registry is the caller's: this file may have been compiled before a rail was added.
  explicit RailStreet(std::string rail_name,
                      std::vector<const sandbox::Rail*> rails = sandbox::rails());
  ~RailStreet();

  void faults(std::initializer_list<std::pair<std::string, base::Json>> changes);
  Answer ask(core::Session session);
  base::Result<base::Json> act(const std::string& ref, sandbox::Act what);
  std::int64_t deliver();

  std::string rail;
  std::unique_ptr<sandbox::Sandbox> bank;
  std::unique_ptr<WireToSandbox> wire;
  Door door;
  std::unique_ptr<Provider> provider;
};

/// Where the shop has an account of its own, shows codes for orders, and is sent signed notices.
struct OrderStreet : RailStreet {
  OrderStreet(std::string rail_name, sandbox::RailSettings account,
              std::vector<const sandbox::Rail*> rails = sandbox::rails());
  ~OrderStreet();

  SessionDraft draft(core::Money amount, std::string reference = "session-1");
  base::Result<Presentation> try_show(SessionDraft draft);
  /// A session as it would stand in the books, before it is presented and after.
  core::Session unshown(core::Money amount, std::string reference = "session-1");
  core::Session show(core::Money amount, std::string reference = "session-1");
  /// Everything that is on its way to the shop.
  std::vector<RawNotice> notices();
};

inline std::optional<UnknownReason> unknown_reason(const Answer& answer) {
  const auto* unknown = std::get_if<Unknown>(&answer);
  return unknown ? std::optional(unknown->reason) : std::nullopt;
}

}  // namespace quittance::providers
