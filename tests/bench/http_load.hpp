// Keep-alive connections against a server on this machine: one thread, epoll, requests rendered
// beforehand. It shares the machine's cores with the server that it measures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.hpp"

namespace quittance::bench {

/// A request in full, ready to be sent.
std::string render_request(std::string_view method, std::string_view path,
                           std::string_view headers = "", std::string_view body = "");

/// How requests are sent.
struct Pace {
  std::size_t connections = 1;
  /// 0: a closed loop, each connection sends its next request when it has the answer to the one
  /// before. Else an open loop: one is due every 1/per_second, whether the server keeps up or not.
  double per_second = 0;
};

struct LoadResult {
  double per_second = 0;
  base::Time started_at{};
  /// Per request, in the order of `requests`: from when it was sent, in an open loop from when it
  /// was due, so that those that had to wait for a slow server count with their waiting.
  std::vector<double> latencies_ms;
  std::vector<double> counted_from_ms;  ///< that moment, since started_at
  std::vector<std::string> bodies;      ///< in the same order
};

/// Sends each request once. Gives up when a reply does not come or has another status than
/// `expected_status`.
LoadResult load(std::uint16_t port, Pace pace, const std::vector<std::string>& requests,
                int expected_status);

}  // namespace quittance::bench
