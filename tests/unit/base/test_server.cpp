#include "unit/base/test_server.hpp"

#include <stdexcept>

namespace quittance::base {

void Gate::arrive(Resume resume) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(resume));
  changed_.notify_all();
}

void Gate::await_arrivals(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.size() >= count; });
}

void Gate::open() {
  std::vector<Resume> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(waiting_);
  }
  for (Resume& resume : all)
    resume(0);
}

ListedStream::ListedStream(std::vector<std::string> pieces, Gate* gate)
    : pieces_(std::move(pieces)), gate_(gate) {}

Task<std::optional<std::string>> ListedStream::next() {
  if (next_ < pieces_.size()) co_return pieces_[next_++];
  if (gate_ != nullptr) {
    Callback<int> passing([this](Gate::Resume resume) { gate_->arrive(std::move(resume)); });
    co_await passing;
  }
  co_return std::nullopt;
}

EndlessStream::EndlessStream(std::promise<void>& given_up) : given_up_(given_up) {}

EndlessStream::~EndlessStream() { given_up_.set_value(); }

Task<std::optional<std::string>> EndlessStream::next() { co_return std::string(256 * 1024, 'x'); }

TestServer::TestServer(HttpServerOptions options, std::size_t threads) : loops_(threads) {
  auto listening = HttpServer::listen(
      loops_, std::move(options),
      [this](HttpRequest request) { return answer(std::move(request)); }, log_);
  server_ = std::move(listening).value();
}

TestServer::~TestServer() {
  server_->stop(Duration(0));
  gate.open();
  // What the gate let go on comes to its end before the loops stop.
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    std::promise<void> passed;
    loops_.executor(i).post([&passed] { passed.set_value(); });
    passed.get_future().get();
  }
}

std::uint16_t TestServer::port() const { return server_->port(); }

std::string TestServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + path;
}

HttpServer& TestServer::server() { return *server_; }

EventLoops& TestServer::loops() { return loops_; }

Task<HttpResponse> TestServer::answer(HttpRequest request) {
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

}  // namespace quittance::base
