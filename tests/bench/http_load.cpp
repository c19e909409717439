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

constexpr std::int64_t kPatienceUs = 20'000'000;

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

  /// Requests are small: the socket's buffer takes all of one at once.
  void send(const std::string& request, std::size_t number) {
    number_ = number;
    received_.clear();
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

  /// Those that have something to read, waited for `limit_us` at most.
  std::vector<Connection*> wait(std::int64_t limit_us) {
    std::array<epoll_event, 256> events;
    const timespec limit{.tv_sec = limit_us / 1'000'000, .tv_nsec = limit_us % 1'000'000 * 1'000};
    const int count = ::epoll_pwait2(epoll_, events.data(), events.size(), &limit, nullptr);
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

/// One load, from its first request to its last reply.
class Load {
 public:
  Load(std::uint16_t port, Pace pace, const std::vector<std::string>& requests, int expected_status)
      : pace_(pace),
        requests_(requests),
        expected_status_(expected_status),
        pool_(port, std::min(pace.connections, requests.size())) {
    for (const auto& connection : pool_.connections())
      free_.push_back(connection.get());
    counted_from_us_.resize(requests.size());
    result_.latencies_ms.resize(requests.size());
    result_.counted_from_ms.resize(requests.size());
    result_.bodies.resize(requests.size());
  }

  LoadResult run() {
    result_.started_at = base::SystemClock().now();
    started_us_ = base::monotonic_us();
    while (done_ < requests_.size()) {
      const std::int64_t until_next_us = send_due();
      const auto ready = pool_.wait(until_next_us);
      if (ready.empty() && until_next_us == kPatienceUs) give_up("the server does not answer");
      for (Connection* connection : ready) {
        if (connection->receive()) take(*connection);
      }
    }
    const auto elapsed_us = static_cast<double>(base::monotonic_us() - started_us_);
    result_.per_second = static_cast<double>(requests_.size()) * 1e6 / elapsed_us;
    return std::move(result_);
  }

 private:
  /// Sends what is due and finds a free connection; how long there is nothing more to send.
  std::int64_t send_due() {
    while (next_ < requests_.size() && !free_.empty()) {
      const std::int64_t now_us = base::monotonic_us();
      std::int64_t due_us = now_us;
      if (pace_.per_second > 0) {
        due_us = started_us_ +
                 static_cast<std::int64_t>(static_cast<double>(next_) * 1e6 / pace_.per_second);
      }
      if (due_us > now_us) return due_us - now_us;
      counted_from_us_[next_] = due_us;
      free_.back()->send(requests_[next_], next_);
      free_.pop_back();
      ++next_;
    }
    return kPatienceUs;
  }

  void take(Connection& connection) {
    const std::size_t number = connection.number();
    const std::int64_t took_us = base::monotonic_us() - counted_from_us_[number];
    result_.latencies_ms[number] = static_cast<double>(took_us) / 1000;
    result_.counted_from_ms[number] =
        static_cast<double>(counted_from_us_[number] - started_us_) / 1000;
    if (connection.status() != expected_status_) {
      give_up("an unexpected reply: " + connection.reply());
    }
    result_.bodies[number] = connection.body();
    free_.push_back(&connection);
    ++done_;
  }

  Pace pace_;
  const std::vector<std::string>& requests_;
  int expected_status_;
  Pool pool_;
  std::vector<Connection*> free_;
  std::vector<std::int64_t> counted_from_us_;
  std::int64_t started_us_ = 0;
  std::size_t next_ = 0;
  std::size_t done_ = 0;
  LoadResult result_;
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

LoadResult load(std::uint16_t port, Pace pace, const std::vector<std::string>& requests,
                int expected_status) {
  return Load(port, pace, requests, expected_status).run();
}

}  // namespace quittance::bench
