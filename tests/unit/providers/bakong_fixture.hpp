// The Bakong adapter with a scripted wire.
#pragma once

#include <gtest/gtest.h>

#include "providers/providers.hpp"
#include "support/virtual_world.hpp"
#include "unit/providers/scripted_client.hpp"

namespace quittance::providers {

/// A token that expires at `exp_s`; the bank's signature is of no interest here.
std::string token_until(std::int64_t exp_s);

struct BakongFixture : testing::VirtualWorld {
  explicit BakongFixture(std::string environment = "sandbox");
  ~BakongFixture();

  BakongOptions options(std::string environment);
  static core::Session session(std::string md5);
  static std::vector<core::Session> sessions(std::size_t count);
  std::vector<Answer> ask(std::vector<core::Session> about);
  Answer ask_one();
  Answer ask_one(int status, std::string body, base::HttpHeaders headers = {});

  ScriptedClient client;
  std::unique_ptr<Provider> bakong;
};

/// A transfer as the bank tells it; `changes` replaces or adds members.
base::Json transfer(std::initializer_list<std::pair<std::string, base::Json>> changes = {});
std::string envelope(const base::Json& data);
std::string refusal(int error_code);

std::optional<UnknownReason> why_unknown(const Answer& answer);

}  // namespace quittance::providers
