#include "base/http_connection.hpp"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <charconv>

namespace quittance::base {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kFirstBuffer = 4 * 1024;
/// The write time-out starts again after this much went out: a large reply over a slow line may
/// take long, a client that takes a byte at a time may not.
constexpr std::size_t kWriteProgress = 64 * 1024;
constexpr Duration kLingerTime{1'000};
constexpr std::size_t kLingerBytes = 1024 * 1024;

struct IoResult {
  error_code failure;
  std::size_t bytes = 0;
};

/// `co_await` for a socket operation. The completion comes on the loop's thread, which is where
/// the Task runs, so it is resumed in place.
template <class Socket>
struct ReadSome {
  Socket& socket;
  asio::mutable_buffer into;
  IoResult result{};
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) {
    socket.async_read_some(into, [this, task](const error_code& failure, std::size_t bytes) {
      result = {failure, bytes};
      task.resume();
    });
  }
  IoResult await_resume() const { return result; }
};

template <class Socket>
struct WaitWritable {
  Socket& socket;
  error_code result{};
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) {
    socket.async_wait(Socket::wait_write, [this, task](const error_code& failure) {
      result = failure;
      task.resume();
    });
  }
  error_code await_resume() const { return result; }
};

/// Drops the first `bytes` of the pieces.
template <class Pieces>
void advance(Pieces& pieces, std::size_t bytes) {
  for (auto& piece : pieces) {
    const std::size_t taken = std::min(bytes, piece.size());
    piece += taken;
    bytes -= taken;
  }
}

}  // namespace

/// A piece of a stream on its way. Shared, because the stream may come back after the connection
/// has gone.
struct HttpConnection::Pull {
  std::optional<std::string> piece;
  std::coroutine_handle<> waiting;
  bool done = false;

  void wake() {
    if (waiting) std::exchange(waiting, nullptr).resume();
  }
};

struct HttpConnection::AwaitPull {
  Pull& pull;
  bool await_ready() const noexcept { return pull.done; }
  void await_suspend(std::coroutine_handle<> task) { pull.waiting = task; }
  void await_resume() const noexcept {}
};

HttpConnection::HttpConnection(std::shared_ptr<HttpServerCore> core, EventLoop& loop,
                               std::size_t loop_index, Socket socket)
    : core_(std::move(core)),
      loop_(loop),
      loop_index_(loop_index),
      socket_(std::move(socket)),
      buffer_(kFirstBuffer),
      timer_(loop.context()) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  const auto remote = socket_.remote_endpoint(ignored);
  if (!ignored) remote_address_ = remote.address().to_string();
}

void HttpConnection::start(std::shared_ptr<HttpConnection> connection, Welcome welcome) {
  HttpConnection& self = *connection;
  self.core_->connections[self.loop_index_].insert(&self);
  // It may have been on its way here when the server was told to stop.
  self.finishing_ = self.core_->stopping;
  std::shared_ptr<HttpServerCore> core = self.core_;
  spawn(self.loop_, self.serve(std::move(connection), welcome), [core = std::move(core)] {
    const std::lock_guard lock(core->mutex);
    if (--core->open == 0) core->all_closed.notify_all();
  });
}

void HttpConnection::finish_soon() {
  finishing_ = true;
  error_code ignored;
  if (phase_ == Phase::fresh || phase_ == Phase::idle) socket_.cancel(ignored);
  if (const auto pull = pull_) pull->wake();
}

void HttpConnection::cut() {
  finishing_ = true;
  error_code ignored;
  socket_.close(ignored);
  if (const auto pull = pull_) pull->wake();
}

Task<void> HttpConnection::serve([[maybe_unused]] std::shared_ptr<HttpConnection> self,
                                 Welcome welcome) {
  set_deadline(core_->options.header_timeout);
  if (welcome == Welcome::turn_away) {
    co_await send_refusal(503, ErrorCode::overloaded, "Too many connections. Try again soon.");
  }
  bool keep_alive = welcome == Welcome::serve;
  while (keep_alive) {
    RequestParser parser(core_->options);
    const Arrival arrival = co_await read_request(parser);
    if (arrival != Arrival::complete) {
      co_await refuse(parser, arrival);
      break;
    }
    if (co_await answer(parser, keep_alive) == Sent::lost) break;
    if (!keep_alive) co_await linger();
    phase_ = Phase::idle;
    set_deadline(core_->options.idle_timeout);
  }
  clear_deadline();
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
  core_->connections[loop_index_].erase(this);
}

void HttpConnection::feed(RequestParser& parser) {
  while (begin_ < end_ && !parser.complete() && parser.refusal() == Refusal::none) {
    const std::size_t used = parser.feed({buffer_.data() + begin_, end_ - begin_});
    begin_ += used;
    if (used == 0) break;
  }
}

void HttpConnection::enter_phase(const RequestParser& parser) {
  if (parser.head_complete()) {
    if (phase_ != Phase::body) set_deadline(core_->options.body_timeout);
    phase_ = Phase::body;
  } else if (parser.got_some()) {
    // The first request's head has its deadline since the accept.
    if (phase_ == Phase::idle) set_deadline(core_->options.header_timeout);
    phase_ = Phase::head;
  }
}

asio::mutable_buffer HttpConnection::room() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (begin_ > 0 && end_ == buffer_.size()) {
    std::copy(buffer_.data() + begin_, buffer_.data() + end_, buffer_.data());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    const std::size_t most = std::max(core_->options.header_limit_bytes + 1, kFirstBuffer);
    buffer_.resize(std::min(buffer_.size() * 2, most));
  }
  return asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
}

Task<HttpConnection::Arrival> HttpConnection::read_request(RequestParser& parser) {
  bool continued = false;
  for (;;) {
    feed(parser);
    if (parser.refusal() != Refusal::none) co_return Arrival::refused;
    if (parser.complete()) co_return Arrival::complete;
    enter_phase(parser);
    if (finishing_ && (phase_ == Phase::fresh || phase_ == Phase::idle)) co_return Arrival::gone;
    if (parser.head_complete() && parser.expects_continue() && !continued) {
      continued = true;
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      const Pieces go_on{asio::buffer(kContinue), asio::const_buffer()};
      if (co_await send(go_on) == Sent::lost) co_return Arrival::gone;
      set_deadline(core_->options.body_timeout);
    }
    const asio::mutable_buffer into = room();
    // A full buffer that the parser takes nothing from: a chunk head or trailer without end.
    if (into.size() == 0) co_return Arrival::refused;
    ReadSome<Socket> reading{socket_, into};
    const IoResult read = co_await reading;
    end_ += read.bytes;
    if (read.failure) co_return expired_ ? Arrival::timed_out : Arrival::gone;
  }
}

Task<void> HttpConnection::refuse(const RequestParser& parser, Arrival arrival) {
  if (arrival == Arrival::gone) co_return;
  if (arrival == Arrival::timed_out) {
    // A client that sent nothing at all is owed nothing.
    if (phase_ == Phase::fresh || phase_ == Phase::idle) co_return;
    co_await send_refusal(408, ErrorCode::timeout, "The request took too long to arrive.");
    co_return;
  }
  switch (parser.refusal()) {
    case Refusal::header_too_large:
      co_await send_refusal(431, ErrorCode::invalid_request, "The request head is too large.");
      break;
    case Refusal::body_too_large:
      co_await send_refusal(413, ErrorCode::payload_too_large, "The request body is too large.");
      break;
    case Refusal::none:
    case Refusal::malformed:
      co_await send_refusal(400, ErrorCode::invalid_request, "This is no valid HTTP request.");
      break;
  }
}

Task<void> HttpConnection::send_refusal(int status, ErrorCode code, std::string message) {
  SystemRandom random;
  const std::string request_id = random.uuid();
  core_->log.info(
      "http.refused",
      {{"status", status}, {"remote_address", remote_address_}, {"request_id", request_id}});
  const HttpResponse response = error_reply(status, code, message, request_id);
  out_.clear();
  append_head(out_, response, ReplyShape{.keep_alive = false});
  const Pieces pieces{asio::buffer(out_), asio::buffer(response.body)};
  if (co_await send(pieces) == Sent::all) co_await linger();
}

Task<HttpResponse> HttpConnection::ask_handler(HttpRequest request) {
  std::string fault;
  try {
    co_return co_await core_->handler(std::move(request));
  } catch (const std::exception& caught) {
    fault = caught.what();
  }
  SystemRandom random;
  const std::string request_id = random.uuid();
  core_->log.error("http.handler_failed", {{"fault", fault}, {"request_id", request_id}});
  co_return error_reply(500, ErrorCode::internal, "Something went wrong on our side.", request_id);
}

Task<HttpConnection::Sent> HttpConnection::answer(RequestParser& parser, bool& keep_alive) {
  phase_ = Phase::busy;
  clear_deadline();
  HttpRequest request = parser.take();
  request.remote_address = remote_address_;
  const bool head_only = request.method == "HEAD";
  const HttpResponse response = co_await ask_handler(std::move(request));
  keep_alive = parser.keep_alive() && !finishing_;
  ReplyShape shape{.keep_alive = keep_alive, .http11 = parser.http11()};
  if (bodiless(response.status)) {
    shape.framing = Framing::no_body;
  } else if (response.stream) {
    shape.framing = shape.http11 ? Framing::chunked : Framing::until_close;
    if (!shape.http11) keep_alive = shape.keep_alive = false;
    co_return co_await send_stream(response, shape, head_only);
  }
  out_.clear();
  append_head(out_, response, shape);
  const bool with_body = shape.framing == Framing::length && !head_only;
  const Pieces pieces{asio::buffer(out_),
                      with_body ? asio::buffer(response.body) : asio::const_buffer()};
  co_return co_await send(pieces);
}

Task<void> HttpConnection::pull_piece(std::shared_ptr<HttpStream> stream,
                                      std::shared_ptr<Pull> pull, Log& log) {
  try {
    pull->piece = co_await stream->next();
  } catch (const std::exception& caught) {
    log.error("http.stream_failed", {{"fault", caught.what()}});
  }
  pull->done = true;
  pull->wake();
}

Task<HttpConnection::Sent> HttpConnection::send_stream(const HttpResponse& response,
                                                       ReplyShape shape, bool head_only) {
  const bool chunked = shape.framing == Framing::chunked;
  out_.clear();
  append_head(out_, response, shape);
  const Pieces head{asio::buffer(out_), asio::const_buffer()};
  if (co_await send(head) == Sent::lost) co_return Sent::lost;
  while (!head_only && !finishing_) {
    clear_deadline();
    pull_ = std::make_shared<Pull>();
    const std::shared_ptr<Pull> pull = pull_;
    spawn(loop_, pull_piece(response.stream, pull, core_->log));
    AwaitPull waiting{*pull};
    co_await waiting;
    pull_ = nullptr;
    if (!pull->done || !pull->piece) break;
    const std::string& piece = *pull->piece;
    // An empty chunk would be the end mark.
    if (piece.empty()) continue;
    out_.clear();
    if (chunked) {
      std::array<char, 16> digits{};
      const auto end = std::to_chars(digits.begin(), digits.end(), piece.size(), 16).ptr;
      out_.append(digits.begin(), end).append("\r\n").append(piece).append("\r\n");
    } else {
      out_ += piece;
    }
    const Pieces pieces{asio::buffer(out_), asio::const_buffer()};
    if (co_await send(pieces) == Sent::lost) co_return Sent::lost;
  }
  if (head_only || !chunked) co_return Sent::all;
  static constexpr std::string_view kEnd = "0\r\n\r\n";
  const Pieces end{asio::buffer(kEnd), asio::const_buffer()};
  co_return co_await send(end);
}

Task<HttpConnection::Sent> HttpConnection::send(Pieces pieces) {
  std::size_t since_deadline = kWriteProgress;
  while (asio::buffer_size(pieces) > 0) {
    error_code failure;
    const std::size_t written = socket_.write_some(pieces, failure);
    if (!failure) {
      advance(pieces, written);
      since_deadline += written;
      continue;
    }
    if (failure != asio::error::would_block) co_return Sent::lost;
    if (since_deadline >= kWriteProgress) {
      since_deadline = 0;
      set_deadline(core_->options.write_timeout);
    }
    WaitWritable<Socket> waiting{socket_};
    if (co_await waiting) co_return Sent::lost;
  }
  co_return Sent::all;
}

Task<void> HttpConnection::linger() {
  error_code failure;
  socket_.shutdown(Socket::shutdown_send, failure);
  set_deadline(kLingerTime);
  for (std::size_t seen = 0; !failure && seen < kLingerBytes;) {
    ReadSome<Socket> reading{socket_, asio::buffer(buffer_)};
    const IoResult read = co_await reading;
    failure = read.failure;
    seen += read.bytes;
  }
}

void HttpConnection::set_deadline(Duration after) {
  expired_ = false;
  deadline_ = Monotonic::now() + after;
  if (!armed_ || deadline_ < armed_until_) arm_timer();
}

void HttpConnection::clear_deadline() { deadline_ = Monotonic::time_point::max(); }

void HttpConnection::arm_timer() {
  armed_ = true;
  armed_until_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = shared_from_this()](const error_code& failure) {
    if (!failure) self->on_timer();
  });
}

void HttpConnection::on_timer() {
  armed_ = false;
  if (deadline_ == Monotonic::time_point::max()) return;
  if (Monotonic::now() < deadline_) return arm_timer();
  clear_deadline();
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

}  // namespace quittance::base
