// An HTTP client that hands out prepared replies and keeps what it was asked to send.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/base.hpp"

namespace quittance::providers {

class ScriptedClient final : public base::HttpClient {
 public:
  ScriptedClient();
  ~ScriptedClient() override;

  std::deque<base::Result<base::HttpReply>> replies;
  std::vector<base::HttpCall> calls;

  void reply(int status, std::string body, base::HttpHeaders headers = {});
  void fail(base::ErrorCode code);

  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override;
};

}  // namespace quittance::providers
