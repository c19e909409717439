// The HTTP client against our own server, and against servers that misbehave.
#include <gtest/gtest.h>

#include <thread>

#include "await_task.hpp"
#include "raw_server.hpp"
#include "test_server.hpp"

namespace quittance::base {
namespace {

/// Keeps every line, to see what the client tells the log.
class KeepingLog final : public Log {
 public:
  void write(LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields) override {
    const std::lock_guard lock(mutex_);
    text_ += level == LogLevel::debug ? "debug " : "louder ";
    text_ += event;
    for (const LogField& field : fields) {
      text_ += ' ';
      text_ += field.key();
      text_ += '=' + field.value();
    }
    text_ += '\n';
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

class HttpClientTest : public testing::Test {
 protected:
  Result<HttpReply> send(HttpCall call) {
    return await_task(loops_.executor(0), client_->send(std::move(call)));
  }
  Result<HttpReply> get(const std::string& url) {
    HttpCall call;
    call.url = url;
    return send(std::move(call));
  }

  KeepingLog log_;
  EventLoops loops_{1};
  std::unique_ptr<HttpClient> client_ = make_http_client(log_);
};

void expect_unavailable(const Result<HttpReply>& reply) {
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::provider_unavailable) << reply.error().detail;
  EXPECT_FALSE(reply.error().detail.empty());
}

TEST_F(HttpClientTest, SendsMethodHeadersAndBody) {
  TestServer server;
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    HttpCall call;
    call.method = method;
    call.url = server.url("/a%20b?x=1");
    call.headers.add("X-Echo", "hello");
    call.body = std::string("body\0with zero", 14);
    const std::string sent = call.body;
    const auto reply = send(std::move(call));
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, std::string(method) + " /a b?x=1 hello 127.0.0.1 " + sent);
    EXPECT_EQ(reply->headers.find("content-type"), "text/plain");
  }
}

TEST_F(HttpClientTest, SendsRequestsWithoutBody) {
  TestServer server;
  for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
    HttpCall call;
    call.method = method;
    call.url = server.url("/x");
    const auto reply = send(std::move(call));
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->body, std::string(method) + " /x? - 127.0.0.1 ");
  }
  HttpCall head;
  head.method = "HEAD";
  head.url = server.url("/x");
  const auto reply = send(std::move(head));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "");
  EXPECT_EQ(reply->headers.find("Content-Length"), "21");
}

TEST_F(HttpClientTest, AnyStatusIsASuccessAndRedirectsAreNotFollowed) {
  TestServer server;
  const auto moved = get(server.url("/moved"));
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->status, 302);
  EXPECT_EQ(moved->headers.find("location"), "/elsewhere");
  const auto failed = get(server.url("/throw"));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->status, 500);
}

TEST_F(HttpClientTest, UsesItsConnectionAgain) {
  HttpServerOptions options;
  options.connection_limit = 1;
  TestServer server(options);
  for (int i = 0; i < 5; ++i) {
    const auto reply = get(server.url("/x"));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200) << "a second connection is answered 503";
  }
}

Task<void> get_many(HttpClient& client, std::string url, int& good) {
  HttpCall call;
  call.url = std::move(url);
  const auto reply = co_await client.send(std::move(call));
  if (reply && reply->body == "waited") ++good;
}

TEST_F(HttpClientTest, CallsRunSideBySide) {
  TestServer server;
  int good = 0;
  constexpr int kCalls = 10;
  std::vector<std::promise<void>> ended(kCalls);
  for (auto& end : ended) {
    spawn(loops_.executor(0), get_many(*client_, server.url("/gate"), good),
          [&end] { end.set_value(); });
  }
  server.gate.await_arrivals(kCalls);
  server.gate.open();
  for (auto& end : ended)
    end.get_future().get();
  EXPECT_EQ(good, kCalls);
}

TEST_F(HttpClientTest, ASilentServerIsATimeout) {
  TestServer server;
  HttpCall call;
  call.url = server.url("/gate");
  call.timeout = Duration(50);
  const auto reply = send(std::move(call));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::timeout);
  server.gate.open();
}

TEST_F(HttpClientTest, AnAnswerOverTheLimitIsRefused) {
  TestServer server;
  // One with its length stated, one that would never end.
  for (const char* path : {"/big?5001", "/endless"}) {
    HttpCall call;
    call.url = server.url(path);
    call.response_limit_bytes = 5'000;
    const auto reply = send(std::move(call));
    expect_unavailable(reply);
    EXPECT_NE(reply.error().detail.find("limit"), std::string::npos) << reply.error().detail;
  }
  HttpCall fits;
  fits.url = server.url("/big?5000");
  fits.response_limit_bytes = 5'000;
  const auto reply = send(std::move(fits));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body.size(), 5'000u);
}

TEST_F(HttpClientTest, ARefusedConnectionIsUnavailable) {
  std::uint16_t port = 0;
  {
    RawServer gone("");
    port = gone.port();
  }
  expect_unavailable(get("http://127.0.0.1:" + std::to_string(port) + "/"));
}

TEST_F(HttpClientTest, ABrokenAnswerIsUnavailable) {
  for (const std::string& answer :
       {std::string("nonsense\r\n\r\n"), std::string(),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
        "HTTP/1.1 200 OK\r\nA: " + std::string(90'000, 'a') + "\r\n\r\n"}) {
    RawServer server(answer);
    expect_unavailable(get("http://127.0.0.1:" + std::to_string(server.port()) + "/"));
  }
}

TEST_F(HttpClientTest, TheLastHeadCounts) {
  RawServer server(
      "HTTP/1.1 103 Early Hints\r\nX-Which: early\r\n\r\n"
      "HTTP/1.1 200 OK\r\nX-Which: final\r\nContent-Length: 2\r\n\r\nok");
  const auto reply = get("http://127.0.0.1:" + std::to_string(server.port()) + "/");
  ASSERT_TRUE(reply) << reply.error().detail;
  EXPECT_EQ(reply->headers.find("x-which"), "final");
  EXPECT_EQ(reply->body, "ok");
}

TEST_F(HttpClientTest, OtherSchemesAndBrokenCallsAreRefused) {
  for (const char* url : {"", "/x", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
                          "http://", "http://a b/", "http://127.0.0.1/\r\nX: y"}) {
    expect_unavailable(get(url));
  }
  TestServer server;
  const auto with = [&](const char* name, const char* value, const char* method) {
    HttpCall call;
    call.url = server.url("/x");
    call.method = method;
    call.headers.add(name, value);
    return send(std::move(call));
  };
  EXPECT_TRUE(with("X-Echo", "", "GET"));
  expect_unavailable(with("X-Echo", "a\r\nX-Forged: 1", "GET"));
  expect_unavailable(with("X\nY", "a", "GET"));
  expect_unavailable(with("X-Echo", "a", "GET /y HTTP/1.1\r\nX: "));
  expect_unavailable(with("X-Echo", "a", ""));
}

TEST_F(HttpClientTest, LogsNoQueryNoHeaderAndNoBody) {
  TestServer server;
  HttpCall call;
  call.method = "POST";
  call.url = server.url("/pay?token=querysecret");
  call.headers.add("Authorization", "Bearer headersecret");
  call.body = "bodysecret";
  ASSERT_TRUE(send(std::move(call)));
  const std::string text = log_.text();
  EXPECT_TRUE(text.starts_with("debug http.call method=POST host=127.0.0.1 path=/pay status=200 "))
      << text;
  EXPECT_EQ(text.find("secret"), std::string::npos) << text;
}

TEST_F(HttpClientTest, ClosingFailsWhatIsUnderWay) {
  TestServer server;
  std::promise<Result<HttpReply>> ended;
  auto future = ended.get_future();
  HttpCall call;
  call.url = server.url("/gate");
  spawn(loops_.executor(0), keep_result(client_->send(std::move(call)),
                                        std::shared_ptr<std::promise<Result<HttpReply>>>(
                                            &ended, [](std::promise<Result<HttpReply>>*) {})));
  server.gate.await_arrivals(1);
  client_.reset();
  expect_unavailable(future.get());
  server.gate.open();
}

TEST_F(HttpClientTest, ACertificateThatNobodyVouchesForIsRefused) {
  SelfSignedServer server;
  const auto reply = get("https://localhost:" + std::to_string(server.port()) + "/");
  expect_unavailable(reply);
  EXPECT_NE(reply.error().detail.find("certificate"), std::string::npos) << reply.error().detail;
  // The server learns from us that its issuer is unknown: TLS itself worked.
  EXPECT_NE(server.handshake_failure().find("unknown ca"), std::string::npos)
      << server.handshake_failure();
}

TEST(Loopback, IsNothingThatOnlyBeginsLikeIt) {
  for (const char* host : {"localhost", "[::1]", "127.0.0.1", "127.8.9.10"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"127.evil.example", "127.0.0.1.example", "localhost.example", "127.1.",
                           "128.0.0.1", "[::2]", ""})
    EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace quittance::base
