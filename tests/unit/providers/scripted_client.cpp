#include "unit/providers/scripted_client.hpp"

namespace quittance::providers {

ScriptedClient::ScriptedClient() = default;
ScriptedClient::~ScriptedClient() = default;

void ScriptedClient::reply(int status, std::string body, base::HttpHeaders headers) {
  replies.emplace_back(
      base::HttpReply{.status = status, .headers = std::move(headers), .body = std::move(body)});
}
void ScriptedClient::fail(base::ErrorCode code) {
  replies.emplace_back(base::fail(code, "scripted"));
}

base::Task<base::Result<base::HttpReply>> ScriptedClient::send(base::HttpCall call) {
  calls.push_back(std::move(call));
  if (replies.empty()) co_return base::fail(base::ErrorCode::internal, "nothing prepared");
  base::Result<base::HttpReply> next = std::move(replies.front());
  replies.pop_front();
  co_return next;
}

}  // namespace quittance::providers
