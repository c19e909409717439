// A closed loop of keep-alive connections against a server on this machine: one thread, epoll,
// requests rendered beforehand. It shares the machine's cores with the server that it measures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quittance::bench {

/// A request in full, ready to be sent.
std::string render_request(std::string_view method, std::string_view path,
                           std::string_view headers = "", std::string_view body = "");

struct LoadResult {
  double per_second = 0;
  std::vector<double> latencies_ms;  ///< per request, in the order of their ends
  std::vector<std::string> bodies;   ///< per request, in the order of `requests`
};

/// Sends each request once, `connections` at a time. Gives up when a reply does not come or has
/// another status than `expected_status`.
LoadResult load(std::uint16_t port, std::size_t connections,
                const std::vector<std::string>& requests, int expected_status);

}  // namespace quittance::bench
