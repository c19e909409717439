#include "support/wire.hpp"

#include <algorithm>

namespace quittance::testing {

base::HttpRequest as_request(const base::HttpCall& call) {
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

}  // namespace quittance::testing
