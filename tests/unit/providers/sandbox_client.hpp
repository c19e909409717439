// Carries each call of an adapter to the sandbox instead of a network.
#pragma once

#include "providers/providers.hpp"
#include "sandbox/sandbox.hpp"
#include "support/virtual_world.hpp"

namespace quittance::providers {

class SandboxClient final : public base::HttpClient {
 public:
  explicit SandboxClient(sandbox::Sandbox& bank);
  ~SandboxClient() override;
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override;

  std::int64_t calls = 0;
  const base::Clock* clock = nullptr;

 private:
  static base::HttpRequest request_of(const base::HttpCall& call);

  sandbox::Sandbox& bank_;
};

/// The door of a shop: keeps the notices that the sandbox brings.
class NoticeDoor final : public base::HttpClient {
 public:
  NoticeDoor();
  ~NoticeDoor() override;
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override;
  std::vector<RawNotice> notices;
  std::string answer = "ok";
};

}  // namespace quittance::providers
