// HTTP/1.1 as values: a server that hands requests to one function, and a client port.
// Beast and libcurl stay behind this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

namespace quittance::base {

/// Header fields in order; names compare without regard to case.
class HttpHeaders {
 public:
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  /// The first of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request as the server read it, or as the client shall send it.
struct HttpRequest {
  std::string method;  ///< upper case
  std::string path;    ///< server: percent-decoded, no query. Empty is never handed on
  std::string query;   ///< raw, without `?`
  HttpHeaders headers;
  std::string body;
  std::string remote_address;  ///< server only: numeric, no port
};

/// Decoded pairs of a query or of an urlencoded form; the first of a repeated name wins.
/// Malformed percent escapes make it nullopt.
std::optional<std::map<std::string, std::string, std::less<>>> parse_form(std::string_view text);
/// Percent-encodes all but RFC 3986 unreserved characters.
std::string url_encode(std::string_view text);

/// A body that is sent piece by piece for as long as it lasts (server-sent events).
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  /// The next piece; nullopt ends the reply. Must return within the server's write time-out or so:
  /// an idle stream sends a comment line as heartbeat.
  virtual Task<std::optional<std::string>> next() = 0;
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  std::string body;
  std::shared_ptr<HttpStream> stream;  ///< when set, `body` is not sent
};

/// Answers a request. Runs on one of the server's loops; must not block it.
using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;

/// Every limit of the server (law 9).
struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  std::size_t header_limit_bytes = 16 * 1024;
  std::size_t body_limit_bytes = 256 * 1024;
  /// Path that may carry a larger body, with its own limit.
  std::map<std::string, std::size_t, std::less<>> body_limit_by_path{};
  Duration header_timeout{10'000};  ///< from first byte (or accept) to end of head
  Duration body_timeout{30'000};
  Duration idle_timeout{60'000};  ///< keep-alive, between requests
  Duration write_timeout{30'000};
  std::size_t connection_limit = 4'096;
};

/// Threads that run I/O and Tasks; each thread is one Executor.
class EventLoops {
 public:
  explicit EventLoops(std::size_t threads);
  ~EventLoops();  ///< stops and joins
  std::size_t size() const;
  Executor& executor(std::size_t index);
  void stop();
  /// Blocks until SIGINT or SIGTERM arrives, or `wake` is called.
  void wait_for_signal();
  void wake();

  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// A listening server. A malformed, oversized or slow request is answered 400, 413, 431 or 408, or
/// cut off, without reaching the handler.
class HttpServer {
 public:
  static Result<std::unique_ptr<HttpServer>> listen(EventLoops& loops, HttpServerOptions options,
                                                    HttpHandler handler, Log& log);
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;
  /// Stops accepting, lets running requests end within `grace`, ends streams, closes.
  virtual void stop(Duration grace) = 0;
};

/// One outgoing call.
struct HttpCall {
  std::string method = "GET";
  std::string url;  ///< absolute, http or https
  HttpHeaders headers;
  std::string body;
  Duration timeout{10'000};
  std::size_t response_limit_bytes = 1024 * 1024;
};

/// What came back, whatever its status.
struct HttpReply {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

/// The way out of the process. Fails with `timeout` or `provider_unavailable`; any HTTP status is
/// a success at this level. Redirects are not followed.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual Task<Result<HttpReply>> send(HttpCall call) = 0;
};

/// Whether this host of a URL never leaves the machine: `localhost`, 127.0.0.0/8 or `[::1]`, and
/// nothing that only begins like them.
bool is_loopback(const std::string& host);

/// libcurl: pooled keep-alive connections, TLS peer and host verification always on.
std::unique_ptr<HttpClient> make_http_client(Log& log);

}  // namespace quittance::base
