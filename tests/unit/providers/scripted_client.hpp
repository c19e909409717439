// An HTTP client that hands out prepared replies and keeps what it was asked to send.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/base.hpp"

namespace quittance::providers {

class ScriptedClient final : public base::HttpClient {
 public:
  std::deque<base::Result<base::HttpReply>> replies;
  std::vector<base::HttpCall> calls;

  void reply(int status, std::string body, base::HttpHeaders headers = {}) {
    replies.emplace_back(
        base::HttpReply{.status = status, .headers = std::move(headers), .body = std::move(body)});
  }
  void fail(base::ErrorCode code) { replies.emplace_back(base::fail(code, "scripted")); }

  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override {
    calls.push_back(std::move(call));
    if (replies.empty()) co_return base::fail(base::ErrorCode::internal, "nothing prepared");
    base::Result<base::HttpReply> next = std::move(replies.front());
    replies.pop_front();
    co_return next;
  }
};

}  // namespace quittance::providers
