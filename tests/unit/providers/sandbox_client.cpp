#include "unit/providers/sandbox_client.hpp"

#include <algorithm>

namespace quittance::providers {

SandboxClient::SandboxClient(sandbox::Sandbox& bank) : bank_(bank) {}
SandboxClient::~SandboxClient() = default;

base::Task<base::Result<base::HttpReply>> SandboxClient::send(base::HttpCall call) {
  ++calls;
  base::HttpRequest request = request_of(call);
  const base::Duration timeout = call.timeout;
  const base::Time asked_at = clock == nullptr ? base::Time{} : clock->now();
  base::HttpResponse response = co_await bank_.handle(std::move(request));
  // Who waited longer than it would never saw the answer.
  if (clock != nullptr && clock->now() - asked_at > timeout) {
    co_return base::fail(base::ErrorCode::timeout, "No answer in time.");
  }
  co_return base::HttpReply{.status = response.status,
                            .headers = std::move(response.headers),
                            .body = std::move(response.body)};
}

base::HttpRequest SandboxClient::request_of(const base::HttpCall& call) {
  const std::size_t host = call.url.find("//") + 2;
  const std::size_t path = std::min(call.url.find('/', host), call.url.size());
  const std::size_t query = std::min(call.url.find('?', path), call.url.size());
  base::HttpRequest request;
  request.method = call.method;
  request.path = call.url.substr(path, query - path);
  request.query = query < call.url.size() ? call.url.substr(query + 1) : "";
  request.headers = call.headers;
  request.headers.add("Host", call.url.substr(host, path - host));
  request.body = call.body;
  return request;
}

NoticeDoor::NoticeDoor() = default;
NoticeDoor::~NoticeDoor() = default;

base::Task<base::Result<base::HttpReply>> NoticeDoor::send(base::HttpCall call) {
  RawNotice& notice = notices.emplace_back();
  const std::size_t query = std::min(call.url.find('?'), call.url.size());
  notice.headers = call.headers;
  notice.query = query < call.url.size() ? call.url.substr(query + 1) : "";
  notice.body = call.body;
  co_return base::HttpReply{.status = 200, .headers = {}, .body = answer};
}

}  // namespace quittance::providers
