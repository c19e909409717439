// The HTTP server's limits (law 9): what a careless or hostile client sees.
#include <gtest/gtest.h>

#include "raw_client.hpp"
#include "test_server.hpp"

namespace quittance::base {
namespace {

HttpServerOptions small_limits() {
  HttpServerOptions options;
  options.header_limit_bytes = 1'024;
  options.body_limit_bytes = 100;
  options.body_limit_by_path = {{"/upload", 5'000}};
  return options;
}

/// All that the server says to these bytes before it closes.
std::string refusal_of(TestServer& server, std::string_view bytes) {
  RawClient client(server.port());
  client.send(bytes);
  return client.read_to_close();
}

void expect_refusal(const std::string& reply, int status, std::string_view code) {
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 " + std::to_string(status) + " ")) << reply;
  EXPECT_NE(reply.find("Connection: close\r\n"), std::string::npos);
  const auto body = Json::parse(reply.substr(reply.find("\r\n\r\n") + 4));
  ASSERT_TRUE(body) << reply;
  const Json& error = (*body)["error"];
  EXPECT_EQ(error["code"].string(), code);
  EXPECT_FALSE(error["message"].text_or_empty().empty());
  EXPECT_FALSE(error.has("param"));
  const std::string request_id = error["request_id"].text_or_empty();
  EXPECT_EQ(request_id.size(), 36u);
  EXPECT_NE(reply.find("Request-Id: " + request_id + "\r\n"), std::string::npos);
}

class Malformed : public testing::TestWithParam<const char*> {};

TEST_P(Malformed, Is400) {
  TestServer server(small_limits());
  expect_refusal(refusal_of(server, GetParam()), 400, "invalid_request");
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, Malformed,
    testing::Values("nonsense\r\n\r\n", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
                    "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\nHost: x\n\n",
                    "GET / HTTP/1.1\r\nHost x\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n", "\x16\x03\x01\x02\x03\r\n\r\n",
                    "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"));

INSTANTIATE_TEST_SUITE_P(Target, Malformed,
                         testing::Values("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "GET /%4 HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "GET x HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "GET http://x HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n"));

// Requests whose end two readers could see in different places.
INSTANTIATE_TEST_SUITE_P(
    Smuggling, Malformed,
    testing::Values(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
        "0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"));

TEST(HttpRefusal, AbsoluteTargetIsReadAsItsPath) {
  TestServer server(small_limits());
  RawClient client(server.port());
  client.send("GET http://shop.example/p?q HTTP/1.1\r\nHost: shop.example\r\n\r\n");
  EXPECT_EQ(client.read_reply().second, "GET /p?q - 127.0.0.1 ");
}

TEST(HttpRefusal, HeadOverTheLimitIs431) {
  TestServer server(small_limits());
  const std::string start = "GET / HTTP/1.1\r\nHost: x\r\n";
  expect_refusal(refusal_of(server, start + "A: " + std::string(2'000, 'a') + "\r\n\r\n"), 431,
                 "invalid_request");
  expect_refusal(refusal_of(server, "GET /" + std::string(9'000, 'a')), 431, "invalid_request");
  std::string lines = start;
  for (int i = 0; i < 200; ++i)
    lines += "A: aaaaaaaa\r\n";
  expect_refusal(refusal_of(server, lines), 431, "invalid_request");
}

TEST(HttpRefusal, TheHeadLimitHoldsToTheByteHoweverItArrives) {
  TestServer server(small_limits());
  const std::string start = "GET / HTTP/1.1\r\nHost: x\r\n";
  const auto head_of = [&](std::size_t size) {
    return start + "A: " + std::string(size - start.size() - 7, 'a') + "\r\n\r\n";
  };
  RawClient fits(server.port());
  fits.send(head_of(1'024));
  EXPECT_TRUE(fits.read_reply().first.starts_with("HTTP/1.1 200 "));
  expect_refusal(refusal_of(server, head_of(1'025)), 431, "invalid_request");
  // Line by line, each sent only when the server has had the time to take the one before: the
  // replies to complete requests on another connection show that its loop has gone round.
  RawClient dripping(server.port());
  dripping.send(start);
  RawClient pulse(server.port());
  for (int i = 0; i < 100; ++i) {
    dripping.send("A: aaaaaaaa\r\n");
    pulse.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    pulse.read_reply();
  }
  expect_refusal(dripping.read_to_close(), 431, "invalid_request");
}

TEST(HttpRefusal, BodyOverTheLimitIs413) {
  TestServer server(small_limits());
  const auto post = [](const std::string& path, std::size_t size) {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) +
           "\r\n\r\n" + std::string(size, 'b');
  };
  RawClient fits(server.port());
  fits.send(post("/x", 100) + post("/upload", 5'000));
  EXPECT_TRUE(fits.read_reply().second.ends_with(std::string(100, 'b')));
  EXPECT_TRUE(fits.read_reply().second.ends_with(std::string(5'000, 'b')));
  expect_refusal(refusal_of(server, post("/x", 101)), 413, "payload_too_large");
  expect_refusal(refusal_of(server, post("/upload", 5'001)), 413, "payload_too_large");
  expect_refusal(refusal_of(server, post("/x", 600'000)), 413, "payload_too_large");
  const std::string chunked =
      "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "40\r\n" +
      std::string(64, 'b') + "\r\n25\r\n" + std::string(37, 'b') + "\r\n0\r\n\r\n";
  expect_refusal(refusal_of(server, chunked), 413, "payload_too_large");
}

TEST(HttpRefusal, AChunkHeadWithoutEndIsRefused) {
  TestServer server(small_limits());
  const std::string start = "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect_refusal(refusal_of(server, start + "1;" + std::string(20'000, 'e')), 400,
                 "invalid_request");
  expect_refusal(refusal_of(server, start + "0\r\nT: " + std::string(20'000, 't')), 400,
                 "invalid_request");
}

/// Short, and yet no busy machine is as late between a connection and its first bytes.
constexpr Duration kShort{500};

TEST(HttpRefusal, ASlowHeadIsCutOff) {
  HttpServerOptions options;
  options.header_timeout = kShort;
  TestServer server(options);
  expect_refusal(refusal_of(server, "GET / HTTP/1.1\r\nHo"), 408, "timeout");
  EXPECT_EQ(refusal_of(server, ""), "") << "a client that says nothing is told nothing";
}

TEST(HttpRefusal, ASlowHeadOfALaterRequestIsCutOff) {
  HttpServerOptions options;
  options.header_timeout = kShort;
  TestServer server(options);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_reply();
  client.send("GET / HT");
  expect_refusal(client.read_to_close(), 408, "timeout");
}

TEST(HttpRefusal, ASlowBodyIsCutOff) {
  HttpServerOptions options;
  options.body_timeout = Duration(50);
  TestServer server(options);
  expect_refusal(refusal_of(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"),
                 408, "timeout");
}

TEST(HttpRefusal, AnIdleConnectionIsClosed) {
  HttpServerOptions options;
  options.idle_timeout = Duration(50);
  TestServer server(options);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_reply();
  EXPECT_EQ(client.read_to_close(), "");
}

TEST(HttpRefusal, TimeSpentInTheHandlerIsNotTheClientsFault) {
  HttpServerOptions options;
  options.header_timeout = options.body_timeout = options.idle_timeout = kShort;
  TestServer server(options);
  RawClient client(server.port());
  client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  server.gate.await_arrivals(1);
  // This one is closed for idling while the other stands in its handler.
  EXPECT_EQ(refusal_of(server, ""), "");
  server.gate.open();
  EXPECT_EQ(client.read_reply().second, "waited");
}

TEST(HttpRefusal, AClientThatDoesNotReadIsCutOff) {
  HttpServerOptions options;
  options.write_timeout = Duration(50);
  TestServer server(options);
  RawClient client(server.port());
  client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  server.endless_given_up.get_future().get();
}

TEST(HttpRefusal, AStreamEndsWhenItsClientHasGone) {
  TestServer server;
  {
    RawClient client(server.port());
    client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read_through("xxxx");
  }
  server.endless_given_up.get_future().get();
}

TEST(HttpRefusal, TooManyConnectionsAreToldSo) {
  HttpServerOptions options;
  options.connection_limit = 2;
  TestServer server(options);
  RawClient first(server.port());
  RawClient second(server.port());
  for (RawClient* client : {&first, &second}) {
    client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(client->read_reply().first.starts_with("HTTP/1.1 200 "));
  }
  expect_refusal(refusal_of(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 503, "overloaded");
  second.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  second.read_to_close();
  second.close();
  // The place is free as soon as the server has seen the close.
  for (std::string reply; !reply.starts_with("HTTP/1.1 200 ");) {
    RawClient third(server.port());
    third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    reply = third.read_reply().first;
  }
}

}  // namespace
}  // namespace quittance::base
