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

  void arrive(Resume resume) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(resume));
    changed_.notify_all();
  }
  /// Blocks until `count` requests stand here.
  void await_arrivals(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() >= count; });
  }
  void open() {
    std::vector<Resume> all;
    {
      const std::lock_guard lock(mutex_);
      all.swap(waiting_);
    }
    for (Resume& resume : all)
      resume(0);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Resume> waiting_;
};

/// Sends its pieces; then ends, or stands at the gate until the test opens it.
class ListedStream final : public HttpStream {
 public:
  ListedStream(std::vector<std::string> pieces, Gate* gate)
      : pieces_(std::move(pieces)), gate_(gate) {}
  Task<std::optional<std::string>> next() override {
    if (next_ < pieces_.size()) co_return pieces_[next_++];
    if (gate_ != nullptr) {
      Callback<int> passing([this](Gate::Resume resume) { gate_->arrive(std::move(resume)); });
      co_await passing;
    }
    co_return std::nullopt;
  }

 private:
  std::vector<std::string> pieces_;
  Gate* gate_;
  std::size_t next_ = 0;
};

/// A piece after the other without end; tells when it is given up.
class EndlessStream final : public HttpStream {
 public:
  explicit EndlessStream(std::promise<void>& given_up) : given_up_(given_up) {}
  ~EndlessStream() override { given_up_.set_value(); }
  Task<std::optional<std::string>> next() override { co_return std::string(256 * 1024, 'x'); }

 private:
  std::promise<void>& given_up_;
};

class TestServer {
 public:
  explicit TestServer(HttpServerOptions options = {}, std::size_t threads = 1) : loops_(threads) {
    auto listening = HttpServer::listen(
        loops_, std::move(options),
        [this](HttpRequest request) { return answer(std::move(request)); }, log_);
    server_ = std::move(listening).value();
  }
  ~TestServer() {
    server_->stop(Duration(0));
    gate.open();
    // What the gate let go on comes to its end before the loops stop.
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      std::promise<void> passed;
      loops_.executor(i).post([&passed] { passed.set_value(); });
      passed.get_future().get();
    }
  }

  std::uint16_t port() const { return server_->port(); }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port()) + path;
  }
  HttpServer& server() { return *server_; }
  EventLoops& loops() { return loops_; }

  Gate gate;
  std::promise<void> endless_given_up;
  std::promise<void> waited;  ///< set when a `/wait` handler went on after the gate

 private:
  Task<HttpResponse> answer(HttpRequest request) {
    HttpResponse response;
    response.headers.add("Content-Type", "text/plain");
    if (request.path == "/wait") {
      Callback<int> passing([this](Gate::Resume resume) { gate.arrive(std::move(resume)); });
      co_await passing;
      waited.set_value();
      response.body = "waited";
    } else if (request.path == "/gate") {
      Callback<int> passing([this](Gate::Resume resume) { gate.arrive(std::move(resume)); });
      co_await passing;
      response.body = "waited";
    } else if (request.path == "/throw") {
      throw std::runtime_error("a fault with private detail");
    } else if (request.path == "/list") {
      response.stream = std::make_shared<ListedStream>(
          std::vector<std::string>{"one", "", "twenty-six bytes of letters"}, nullptr);
    } else if (request.path == "/live") {
      response.stream = std::make_shared<ListedStream>(std::vector<std::string>{"tick"}, &gate);
    } else if (request.path == "/endless") {
      response.stream = std::make_shared<EndlessStream>(endless_given_up);
    } else if (request.path == "/nothing") {
      response.status = 204;
    } else if (request.path == "/moved") {
      response.status = 302;
      response.headers.add("Location", "/elsewhere");
    } else if (request.path == "/evil") {
      response.headers.add("X-Evil", "a\r\nSet-Cookie: forged=1");
      response.headers.add("Bad Name", "x");
      response.headers.add("Content-Length", "999");
      response.body = "ok";
    } else if (request.path == "/big") {
      response.body = std::string(std::stoul(request.query), 'b');
    } else {
      response.body = request.method + " " + request.path + "?" + request.query + " " +
                      std::string(request.headers.find("x-echo").value_or("-")) + " " +
                      request.remote_address + " " + request.body;
    }
    co_return response;
  }

  SilentLog log_;
  EventLoops loops_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace quittance::base
