// For tests: a server on loops of its own whose handler echoes, waits for the test, or streams.
#pragma once

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/base.hpp"

namespace quittance::base {

/// Where `/wait` requests stand until the test lets them go on.
class Gate {
 public:
  using Resume = Callback<int>::Resume;

  void arrive(Resume resume);
  /// Blocks until `count` requests stand here.
  void await_arrivals(std::size_t count);
  void open();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Resume> waiting_;
};

/// Sends its pieces; then ends, or stands at the gate until the test opens it.
class ListedStream final : public HttpStream {
 public:
  ListedStream(std::vector<std::string> pieces, Gate* gate);
  Task<std::optional<std::string>> next() override;

 private:
  std::vector<std::string> pieces_;
  Gate* gate_;
  std::size_t next_ = 0;
};

/// A piece after the other without end; tells when it is given up.
class EndlessStream final : public HttpStream {
 public:
  explicit EndlessStream(std::promise<void>& given_up);
  ~EndlessStream() override;
  Task<std::optional<std::string>> next() override;

 private:
  std::promise<void>& given_up_;
};

class TestServer {
 public:
  explicit TestServer(HttpServerOptions options = {}, std::size_t threads = 1);
  ~TestServer();

  std::uint16_t port() const;
  std::string url(const std::string& path) const;
  HttpServer& server();
  EventLoops& loops();

  Gate gate;
  std::promise<void> endless_given_up;
  std::promise<void> waited;  ///< set when a `/wait` handler went on after the gate

 private:
  Task<HttpResponse> answer(HttpRequest request);

  SilentLog log_;
  EventLoops loops_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace quittance::base
