#include "bench/http_load.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>

#include "bench/workload.hpp"

namespace quittance::bench {
namespace {

constexpr int kPatienceMs = 20'000;

/// One request after the other on one socket.
class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      give_up("cannot connect to the server");
    }
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket() const { return socket_; }
  std::size_t number() const { return number_; }
  std::int64_t started_us() const { return started_us_; }

  /// Requests are small: the socket's buffer takes all of one at once.
  void send(const std::string& request, std::size_t number) {
    number_ = number;
    received_.clear();
    started_us_ = base::monotonic_us();
    const auto sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) give_up("a request could not be sent");
  }

  /// Reads what is there; true once the reply is complete.
  bool receive() {
    std::array<char, 16 * 1024> buffer;
    const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got <= 0) give_up("the server closed a connection");
    received_.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t head = received_.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    body_at_ = head + 4;
    return received_.size() >= body_at_ + content_length(head);
  }

  int status() const {
    int status = 0;
    constexpr std::size_t kAfterVersion = std::string_view("HTTP/1.1 ").size();
    std::from_chars(received_.data() + kAfterVersion, received_.data() + kAfterVersion + 3, status);
    return status;
  }
  const std::string& reply() const { return received_; }
  std::string body() const { return received_.substr(body_at_); }

 private:
  std::size_t content_length(std::size_t head_end) const {
    constexpr std::string_view kName = "Content-Length: ";
    const std::size_t at = received_.find(kName);
    if (at == std::string::npos || at > head_end) give_up("a reply without Content-Length");
    std::size_t length = 0;
    std::from_chars(received_.data() + at + kName.size(), received_.data() + head_end, length);
    return length;
  }

  int socket_;
  std::size_t number_ = 0;
  std::int64_t started_us_ = 0;
  std::string received_;
  std::size_t body_at_ = 0;
};

/// The connections of one run, watched by epoll.
class Pool {
 public:
  Pool(std::uint16_t port, std::size_t connections) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < connections; ++i) {
      connections_.push_back(std::make_unique<Connection>(port));
      epoll_event event{.events = EPOLLIN, .data = {.ptr = connections_.back().get()}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back()->socket(), &event);
    }
  }
  ~Pool() { ::close(epoll_); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  const std::vector<std::unique_ptr<Connection>>& connections() const { return connections_; }

  /// Those that have something to read.
  std::vector<Connection*> wait() {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_, events.data(), events.size(), kPatienceMs);
    if (count <= 0) give_up("the server does not answer");
    std::vector<Connection*> ready;
    for (int i = 0; i < count; ++i) {
      ready.push_back(static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    return ready;
  }

 private:
  int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace

std::string render_request(std::string_view method, std::string_view path, std::string_view headers,
                           std::string_view body) {
  std::string text;
  text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  text.append(headers);
  if (!body.empty()) {
    text +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text.append("\r\n").append(body);
}

LoadResult load(std::uint16_t port, std::size_t connections,
                const std::vector<std::string>& requests, int expected_status) {
  Pool pool(port, std::min(connections, requests.size()));
  LoadResult result;
  result.latencies_ms.reserve(requests.size());
  result.bodies.resize(requests.size());
  std::size_t next = 0;
  const std::int64_t started_us = base::monotonic_us();
  for (const auto& connection : pool.connections()) {
    connection->send(requests[next], next);
    ++next;
  }
  while (result.latencies_ms.size() < requests.size()) {
    for (Connection* connection : pool.wait()) {
      if (!connection->receive()) continue;
      const std::int64_t took_us = base::monotonic_us() - connection->started_us();
      result.latencies_ms.push_back(static_cast<double>(took_us) / 1000);
      if (connection->status() != expected_status) {
        give_up("an unexpected reply: " + connection->reply());
      }
      result.bodies[connection->number()] = connection->body();
      if (next == requests.size()) continue;
      connection->send(requests[next], next);
      ++next;
    }
  }
  const std::int64_t elapsed_us = base::monotonic_us() - started_us;
  result.per_second = static_cast<double>(requests.size()) * 1e6 / static_cast<double>(elapsed_us);
  return result;
}

}  // namespace quittance::bench
