// For tests: a plain blocking TCP client, to send a server bytes that no decent client would send.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace quittance::base {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    // A server that never answers must fail the test, not hang it.
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server has closed; what it said is still there to be read
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// Everything up to and with `mark`; shorter when the server closes first.
  std::string read_through(std::string_view mark) {
    for (;;) {
      if (const auto at = pending_.find(mark); at != std::string::npos) {
        return take(at + mark.size());
      }
      if (!fill()) return take(pending_.size());
    }
  }

  /// One reply with a Content-Length: its head and its body.
  std::pair<std::string, std::string> read_reply() {
    const std::string head = read_through("\r\n\r\n");
    constexpr std::string_view kLength = "Content-Length: ";
    const auto at = head.find(kLength);
    if (at == std::string::npos) return {head, {}};
    const std::size_t length = std::stoul(head.substr(at + kLength.size()));
    while (pending_.size() < length && fill()) {
    }
    return {head, take(std::min(length, pending_.size()))};
  }

  /// Everything until the server closes.
  std::string read_to_close() {
    while (fill()) {
    }
    return take(pending_.size());
  }

  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  bool fill() {
    std::array<char, 16384> bytes{};
    const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      throw std::runtime_error("the server neither answered nor closed");
    }
    if (count <= 0) return false;
    pending_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
  }
  std::string take(std::size_t count) {
    std::string out = pending_.substr(0, count);
    pending_.erase(0, count);
    return out;
  }

  int socket_;
  std::string pending_;
};

}  // namespace quittance::base
