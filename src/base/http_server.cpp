#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/http_connection.hpp"

namespace quittance::base {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 1'024;
/// Over the connection limit this many more are told so; the rest is closed without a word.
constexpr std::size_t kTurnAwayLimit = 256;
/// How long to wait after a failed accept (no file descriptors left) before the next one.
constexpr Duration kAcceptPause{100};
/// After the grace: time for the loops to carry out the last closes.
constexpr Duration kCutTime{1'000};

/// Takes connections on the first loop and deals them out to all. Shared with the accept that is
/// outstanding.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(EventLoops::State& loops, std::shared_ptr<HttpServerCore> core)
      : loops_(loops), core_(std::move(core)), acceptor_(loops.loops.front()->context()) {}

  Result<std::uint16_t> open() {
    const HttpServerOptions& options = core_->options;
    error_code failure;
    const auto address = asio::ip::make_address(options.address, failure);
    if (failure) {
      return fail(ErrorCode::invalid_request, "the listening address is no IP address", "address");
    }
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), failure);
    if (!failure) acceptor_.set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure) acceptor_.bind(endpoint, failure);
    if (!failure) acceptor_.listen(kBacklog, failure);
    if (failure) {
      return fail(ErrorCode::conflict, "the server cannot listen on this address and port", "port",
                  failure.message());
    }
    return acceptor_.local_endpoint().port();
  }

  void accept_next() {
    const std::size_t index = next_++ % loops_.loops.size();
    EventLoop& loop = *loops_.loops[index];
    acceptor_.async_accept(
        loop.context(), [self = shared_from_this(), index](const error_code& failure,
                                                           HttpConnection::Socket socket) {
          if (failure == asio::error::operation_aborted || !self->acceptor_.is_open()) return;
          if (failure) {
            self->core_->log.warning("http.accept_failed", {{"reason", failure.message()}});
            self->loops_.loops.front()->post_after(kAcceptPause, [self] { self->accept_next(); });
            return;
          }
          self->admit(index, std::move(socket));
          self->accept_next();
        });
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  void admit(std::size_t index, HttpConnection::Socket socket) {
    const std::size_t limit = core_->options.connection_limit;
    const std::size_t open = core_->open.load();
    if (open >= limit + kTurnAwayLimit) return;
    ++core_->open;
    const auto welcome =
        open < limit ? HttpConnection::Welcome::serve : HttpConnection::Welcome::turn_away;
    EventLoop& loop = *loops_.loops[index];
    loop.post([core = core_, &loop, index, welcome, socket = std::move(socket)]() mutable {
      HttpConnection::start(std::make_shared<HttpConnection>(core, loop, index, std::move(socket)),
                            welcome);
    });
  }

  EventLoops::State& loops_;
  std::shared_ptr<HttpServerCore> core_;
  asio::basic_socket_acceptor<tcp, asio::io_context::executor_type> acceptor_;
  std::size_t next_ = 0;
};

class AsioHttpServer final : public HttpServer {
 public:
  AsioHttpServer(EventLoops::State& loops, std::shared_ptr<HttpServerCore> core,
                 std::shared_ptr<Listener> listener, std::uint16_t port)
      : loops_(loops), core_(std::move(core)), listener_(std::move(listener)), port_(port) {}
  ~AsioHttpServer() override { AsioHttpServer::stop(Duration(0)); }

  std::uint16_t port() const override { return port_; }

  void stop(Duration grace) override {
    if (std::exchange(stopped_, true)) return;
    core_->stopping = true;
    loops_.loops.front()->post([listener = listener_] { listener->close(); });
    for_each_connection(&HttpConnection::finish_soon);
    if (!wait_until_closed(grace)) {
      for_each_connection(&HttpConnection::cut);
      wait_until_closed(kCutTime);
    }
  }

 private:
  void for_each_connection(void (HttpConnection::*act)()) {
    for (std::size_t i = 0; i < loops_.loops.size(); ++i) {
      loops_.loops[i]->post([core = core_, i, act] {
        // Acting on one may end it, which takes it out of the set.
        std::vector<std::shared_ptr<HttpConnection>> all;
        for (HttpConnection* each : core->connections[i])
          all.push_back(each->shared_from_this());
        for (const auto& each : all)
          ((*each).*act)();
      });
    }
  }

  bool wait_until_closed(Duration limit) {
    std::unique_lock lock(core_->mutex);
    // Loops that stand still close nothing: no use waiting for them.
    if (loops_.stopped) return true;
    return core_->all_closed.wait_for(lock, limit, [this] { return core_->open == 0; });
  }

  EventLoops::State& loops_;
  std::shared_ptr<HttpServerCore> core_;
  std::shared_ptr<Listener> listener_;
  std::uint16_t port_;
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::listen(EventLoops& loops, HttpServerOptions options,
                                                       HttpHandler handler, Log& log) {
  EventLoops::State& state = loops.state();
  auto core = std::make_shared<HttpServerCore>(std::move(options), std::move(handler), log,
                                               state.loops.size());
  auto listener = std::make_shared<Listener>(state, core);
  TRY(const std::uint16_t port, listener->open());
  state.loops.front()->post([listener] { listener->accept_next(); });
  return std::make_unique<AsioHttpServer>(state, std::move(core), std::move(listener), port);
}

}  // namespace quittance::base
