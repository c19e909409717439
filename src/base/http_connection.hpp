// Inside base only: one client's connection to the HTTP server. It lives on one event loop and is
// touched by that loop's thread only.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/event_loops.hpp"
#include "base/http_parser.hpp"
#include "base/http_reply.hpp"

namespace quittance::base {

class HttpConnection;

/// What all connections of a server share. Kept alive by each of them.
struct HttpServerCore {
  HttpServerCore(HttpServerOptions with, HttpHandler by, Log& to, std::size_t loops)
      : options(std::move(with)), handler(std::move(by)), log(to), connections(loops) {}

  HttpServerOptions options;
  HttpHandler handler;
  Log& log;
  std::atomic<std::size_t> open = 0;
  std::atomic<bool> stopping = false;
  /// One set per loop, touched by that loop's thread only.
  std::vector<std::unordered_set<HttpConnection*>> connections;
  std::mutex mutex;
  std::condition_variable all_closed;
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                                  boost::asio::io_context::executor_type>;
  /// Whether the client is served, or told that there are too many.
  enum class Welcome { serve, turn_away };

  HttpConnection(std::shared_ptr<HttpServerCore> core, EventLoop& loop, std::size_t loop_index,
                 Socket socket);
  /// Runs until the connection ends. Called on the loop's thread.
  static void start(std::shared_ptr<HttpConnection> connection, Welcome welcome);
  /// Lets the request in hand end and then closes; an idle connection or a stream ends now.
  void finish_soon();
  /// Closes the socket at once.
  void cut();

 private:
  enum class Phase { fresh, idle, head, body, busy };
  enum class Arrival { complete, refused, timed_out, gone };
  enum class Sent { all, lost };
  using Pieces = std::array<boost::asio::const_buffer, 2>;
  struct Pull;
  struct AwaitPull;

  /// `self` keeps the connection alive for as long as the Task lasts.
  Task<void> serve(std::shared_ptr<HttpConnection> self, Welcome welcome);
  Task<Arrival> read_request(RequestParser& parser);
  void feed(RequestParser& parser);
  void enter_phase(const RequestParser& parser);
  /// Space for the next read; empty when the buffer is as large as it may get.
  boost::asio::mutable_buffer room();
  Task<Sent> answer(RequestParser& parser, bool& keep_alive);
  Task<HttpResponse> ask_handler(HttpRequest request);
  Task<Sent> send_stream(const HttpResponse& response, ReplyShape shape, bool head_only);
  static Task<void> pull_piece(std::shared_ptr<HttpStream> stream, std::shared_ptr<Pull> pull,
                               Log& log);
  Task<void> send_refusal(int status, ErrorCode code, std::string message);
  Task<void> refuse(const RequestParser& parser, Arrival arrival);
  Task<Sent> send(Pieces pieces);
  /// Waits for the client to close, so that a reset does not overtake our last reply.
  Task<void> linger();

  void set_deadline(Duration after);
  void clear_deadline();
  void arm_timer();
  void on_timer();

  using Monotonic = std::chrono::steady_clock;
  using Timer = boost::asio::basic_waitable_timer<Monotonic, boost::asio::wait_traits<Monotonic>,
                                                  boost::asio::io_context::executor_type>;

  std::shared_ptr<HttpServerCore> core_;
  EventLoop& loop_;
  std::size_t loop_index_;
  Socket socket_;
  std::string remote_address_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  ///< unread bytes are [begin_, end_) of buffer_
  std::size_t end_ = 0;
  std::string out_;
  Phase phase_ = Phase::fresh;
  bool finishing_ = false;
  std::shared_ptr<Pull> pull_;

  // One timer wait is outstanding at most; moving the deadline later costs nothing, because the
  // timer looks at `deadline_` when it fires.
  Timer timer_;
  Monotonic::time_point deadline_ = Monotonic::time_point::max();
  Monotonic::time_point armed_until_ = Monotonic::time_point::max();
  bool armed_ = false;
  bool expired_ = false;
};

}  // namespace quittance::base
