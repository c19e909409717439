#include "base/curl_transfer.hpp"

#include <csignal>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace quittance::base {
namespace {

constexpr long kConnectionsPerHost = 32;
constexpr long kConnections = 128;
constexpr long kIdleConnections = 64;
/// Calls in hand; more are refused at once (law 9).
constexpr std::size_t kCallLimit = 4'096;
constexpr std::size_t kIdleHandles = 64;
constexpr int kPollMs = 60'000;

/// Runs all transfers on one thread of its own.
class CurlHttpClient final : public HttpClient {
 public:
  explicit CurlHttpClient(Log& log) : log_(log) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = ready == CURLE_OK ? curl_multi_init() : nullptr;
    if (multi_ == nullptr) throw std::runtime_error("libcurl cannot start");
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, kConnectionsPerHost);
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, kConnections);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kIdleConnections);
    thread_ = std::thread([this] { run(); });
  }

  /// Calls that are under way fail; their Tasks' executors must still exist.
  ~CurlHttpClient() override {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    curl_multi_wakeup(multi_);
    thread_.join();
    for (auto& [handle, transfer] : running_) {
      curl_multi_remove_handle(multi_, handle);
      transfer->fail_closing();
      curl_easy_cleanup(handle);
    }
    for (const auto& transfer : arrived_)
      transfer->fail_closing();
    for (CURL* handle : idle_)
      curl_easy_cleanup(handle);
    curl_multi_cleanup(multi_);
  }

  CurlHttpClient(const CurlHttpClient&) = delete;
  CurlHttpClient& operator=(const CurlHttpClient&) = delete;

  Task<Result<HttpReply>> send(HttpCall call) override {
    auto transfer = std::make_unique<CurlTransfer>(std::move(call));
    if (auto fault = transfer->fault()) co_return std::unexpected(std::move(*fault));
    Callback<Result<HttpReply>> reply(
        [this, transfer = std::move(transfer)](CurlTransfer::Done done) mutable {
          transfer->on_done(std::move(done));
          enqueue(std::move(transfer));
        });
    co_return co_await reply;
  }

 private:
  void enqueue(std::unique_ptr<CurlTransfer> transfer) {
    std::unique_lock lock(mutex_);
    if (in_hand_ >= kCallLimit || closing_) {
      lock.unlock();
      transfer->fail_overloaded();
      return;
    }
    ++in_hand_;
    arrived_.push_back(std::move(transfer));
    // Still under the lock, so that the multi handle cannot be cleaned up meanwhile.
    curl_multi_wakeup(multi_);
  }

  void run() {
    // CURLOPT_NOSIGNAL leaves SIGPIPE to us: a TLS peer that has gone must not end the process.
    // Signals meant for the process are for the threads that wait for them.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    while (take_arrived()) {
      int active = 0;
      curl_multi_perform(multi_, &active);
      finish_completed();
      curl_multi_poll(multi_, nullptr, 0, kPollMs, nullptr);
    }
  }

  /// Starts what was sent meanwhile; false when the client is closing.
  bool take_arrived() {
    std::vector<std::unique_ptr<CurlTransfer>> fresh;
    {
      const std::lock_guard lock(mutex_);
      if (closing_) return false;
      fresh.swap(arrived_);
    }
    for (auto& transfer : fresh) {
      CURL* handle = take_handle();
      if (handle == nullptr || !transfer->attach(handle) ||
          curl_multi_add_handle(multi_, handle) != CURLM_OK) {
        transfer->fail_overloaded();
        if (handle != nullptr) curl_easy_cleanup(handle);
        left();
        continue;
      }
      running_.emplace(handle, std::move(transfer));
    }
    return true;
  }

  void finish_completed() {
    int waiting = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &waiting)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* handle = message->easy_handle;
      const CURLcode outcome = message->data.result;
      curl_multi_remove_handle(multi_, handle);
      auto node = running_.extract(handle);
      node.mapped()->finish(handle, outcome, log_);
      give_back(handle);
      left();
    }
  }

  void left() {
    const std::lock_guard lock(mutex_);
    --in_hand_;
  }

  CURL* take_handle() {
    if (idle_.empty()) return curl_easy_init();
    CURL* handle = idle_.back();
    idle_.pop_back();
    return handle;
  }

  void give_back(CURL* handle) {
    if (idle_.size() >= kIdleHandles) {
      curl_easy_cleanup(handle);
      return;
    }
    curl_easy_reset(handle);
    idle_.push_back(handle);
  }

  Log& log_;
  CURLM* multi_ = nullptr;
  std::unordered_map<CURL*, std::unique_ptr<CurlTransfer>> running_;  ///< thread_ only
  std::vector<CURL*> idle_;                                           ///< thread_ only
  std::mutex mutex_;                                                  ///< guards the three below
  std::vector<std::unique_ptr<CurlTransfer>> arrived_;
  std::size_t in_hand_ = 0;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(Log& log) {
  return std::make_unique<CurlHttpClient>(log);
}

}  // namespace quittance::base
