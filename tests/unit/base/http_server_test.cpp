// The HTTP server over real sockets: what a decent client sees.
#include <gtest/gtest.h>

#include "raw_client.hpp"
#include "test_server.hpp"

namespace quittance::base {
namespace {

TEST(HttpServer, AnswersARequest) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /a%20b/%E1%9E%81/..?q=%41 HTTP/1.1\r\nHost: x\r\nX-Echo:  hi \r\n\r\n");
  const auto [head, body] = client.read_reply();
  EXPECT_EQ(body, "GET /a b/ខ/..?q=%41 hi 127.0.0.1 ");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")) << head;
  EXPECT_EQ(head.find("Connection:"), std::string::npos);
}

TEST(HttpServer, KeepsTheConnectionForFurtherRequests) {
  TestServer server;
  RawClient client(server.port());
  for (int i = 0; i < 5; ++i) {
    client.send("POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab" + std::to_string(i));
    EXPECT_EQ(client.read_reply().second, "POST /n? - 127.0.0.1 ab" + std::to_string(i));
  }
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  RawClient client(server.port());
  client.send(
      "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
      "POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Trailer: x\r\n\r\n"
      "GET /4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  server.gate.await_arrivals(1);
  server.gate.open();
  EXPECT_EQ(client.read_reply().second, "waited");
  EXPECT_EQ(client.read_reply().second, "POST /2? - 127.0.0.1 hi");
  EXPECT_EQ(client.read_reply().second, "POST /3? - 127.0.0.1 abcde");
  const auto [head, body] = client.read_reply();
  EXPECT_EQ(body, "GET /4? - 127.0.0.1 ");
  EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(client.read_to_close(), "");
}

TEST(HttpServer, ReadsARequestThatComesByteByByte) {
  TestServer server;
  RawClient client(server.port());
  const std::string request =
      "POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\n\r\n";
  for (const char c : request)
    client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.read_reply().second, "POST /slow? - 127.0.0.1 abc");
}

TEST(HttpServer, TrailersDoNotPoseAsHeaderFields) {
  TestServer server;
  RawClient client(server.port());
  client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\nX-Echo: forged\r\n\r\n");
  EXPECT_EQ(client.read_reply().second, "POST /? - 127.0.0.1 ");
}

TEST(HttpServer, HeadHasTheLengthButNoBody) {
  TestServer server;
  RawClient client(server.port());
  client.send("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\nGET /y HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.read_through("\r\n\r\n").find("Content-Length: 21\r\n"), std::string::npos);
  EXPECT_EQ(client.read_reply().second, "GET /y? - 127.0.0.1 ");
}

TEST(HttpServer, StatusesWithoutBodyHaveNoLength) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string head = client.read_through("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
}

TEST(HttpServer, SpeaksHttp10) {
  TestServer server;
  RawClient once(server.port());
  once.send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_NE(once.read_to_close().find("Connection: close\r\n"), std::string::npos);
  RawClient kept(server.port());
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.read_reply().second, "GET /old? - 127.0.0.1 ");
  }
  RawClient streamed(server.port());
  streamed.send("GET /list HTTP/1.0\r\n\r\n");
  const std::string all = streamed.read_to_close();
  EXPECT_TRUE(all.ends_with("\r\n\r\nonetwenty-six bytes of letters")) << all;
}

TEST(HttpServer, SaysContinueOnlyWhenItWantsTheBody) {
  HttpServerOptions options;
  options.body_limit_bytes = 10;
  TestServer server(options);
  const std::string head =
      "POST /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ";
  RawClient client(server.port());
  client.send(head + "4\r\n\r\n");
  EXPECT_EQ(client.read_through("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_EQ(client.read_reply().second, "POST /c? - 127.0.0.1 body");
  RawClient refused(server.port());
  refused.send(head + "11\r\n\r\n");
  EXPECT_TRUE(refused.read_to_close().starts_with("HTTP/1.1 413 "));
}

TEST(HttpServer, StreamsPieceByPieceAndGoesOn) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /list HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string head = client.read_through("\r\n\r\n");
  EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(client.read_through("\r\n0\r\n\r\n"),
            "3\r\none\r\n1b\r\ntwenty-six bytes of letters\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_reply().second, "GET /next? - 127.0.0.1 ");
}

TEST(HttpServer, APieceGoesOutAtOnce) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.read_through("tick\r\n").ends_with("4\r\ntick\r\n"));
  server.gate.await_arrivals(1);
  server.gate.open();
  EXPECT_EQ(client.read_through("0\r\n\r\n"), "0\r\n\r\n");
}

TEST(HttpServer, SendsALargeBodyWhole) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /big?20000000 HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string body = client.read_reply().second;
  EXPECT_EQ(body.size(), 20'000'000u);
  EXPECT_EQ(body.find_first_not_of('b'), std::string::npos);
}

TEST(HttpServer, AFaultOfTheHandlerIs500WithoutDetail) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /throw HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto [head, body] = client.read_reply();
  EXPECT_TRUE(head.starts_with("HTTP/1.1 500 "));
  EXPECT_EQ((*Json::parse(body))["error"]["code"].string(), "internal");
  EXPECT_EQ(body.find("private"), std::string::npos);
  EXPECT_EQ(client.read_reply().second, "GET /next? - 127.0.0.1 ");
}

TEST(HttpServer, NoHeaderValueStartsAnotherField) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /evil HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto [head, body] = client.read_reply();
  EXPECT_NE(head.find("X-Evil: a  Set-Cookie: forged=1\r\n"), std::string::npos) << head;
  EXPECT_EQ(head.find("Bad Name"), std::string::npos);
  EXPECT_EQ(head.find("999"), std::string::npos);
  EXPECT_EQ(body, "ok");
}

TEST(HttpServer, SpreadsOverItsLoops) {
  TestServer server({}, 3);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 12; ++i)
    clients.push_back(std::make_unique<RawClient>(server.port()));
  for (auto& client : clients)
    client->send("GET /m HTTP/1.1\r\nHost: x\r\n\r\n");
  for (auto& client : clients)
    EXPECT_EQ(client->read_reply().second, "GET /m? - 127.0.0.1 ");
}

TEST(HttpServer, AHandlerOutlivesItsClient) {
  TestServer server;
  {
    RawClient client(server.port());
    client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    server.gate.await_arrivals(1);
  }
  server.gate.open();
  server.waited.get_future().get();
  RawClient next(server.port());
  next.send("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(next.read_reply().second, "GET /alive? - 127.0.0.1 ");
}

TEST(HttpServerListen, SaysWhyItCannot) {
  TestServer server;
  EventLoops loops(1);
  SilentLog log;
  HttpServerOptions taken;
  taken.port = server.port();
  const auto never = [](HttpRequest) -> Task<HttpResponse> { co_return HttpResponse(); };
  const auto second = HttpServer::listen(loops, taken, never, log);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  HttpServerOptions nowhere;
  nowhere.address = "not an address";
  const auto third = HttpServer::listen(loops, nowhere, never, log);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, ErrorCode::invalid_request);
}

TEST(HttpServerStop, ClosesIdleConnectionsAndRefusesNewOnes) {
  TestServer server;
  RawClient idle(server.port());
  idle.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.read_reply();
  RawClient silent(server.port());
  server.server().stop(Duration(20'000));
  EXPECT_EQ(idle.read_to_close(), "");
  EXPECT_EQ(silent.read_to_close(), "");
  EXPECT_THROW(RawClient(server.port()), std::runtime_error);
}

TEST(HttpServerStop, LetsARunningRequestEnd) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  server.gate.await_arrivals(1);
  std::thread stopper([&] { server.server().stop(Duration(20'000)); });
  // Once a new connection is refused the stop is under way, and the handler still stands.
  for (bool refused = false; !refused;) {
    try {
      RawClient another(server.port());
    } catch (const std::runtime_error&) {
      refused = true;
    }
  }
  server.gate.open();
  const std::string all = client.read_to_close();
  client.close();
  stopper.join();
  EXPECT_TRUE(all.ends_with("waited")) << all;
  EXPECT_NE(all.find("Connection: close\r\n"), std::string::npos) << all;
}

TEST(HttpServerStop, EndsStreamsInOrder) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_through("tick\r\n");
  server.gate.await_arrivals(1);
  std::thread stopper([&] { server.server().stop(Duration(20'000)); });
  EXPECT_EQ(client.read_to_close(), "0\r\n\r\n");
  client.close();
  stopper.join();
  server.gate.open();  // the stream comes back after its connection has gone
}

TEST(HttpServerStop, CutsWhatOutlastsTheGrace) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  server.gate.await_arrivals(1);
  server.server().stop(Duration(10));
  EXPECT_EQ(client.read_to_close(), "");
  server.gate.open();
  server.waited.get_future().get();
}

}  // namespace
}  // namespace quittance::base
