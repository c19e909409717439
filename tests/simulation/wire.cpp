#include "simulation/wire.hpp"

namespace quittance::simulation {
namespace {

using base::ErrorCode;
using base::HttpRequest;
using base::HttpResponse;
using base::Json;
using base::Result;
using base::Task;

HttpRequest as_server_reads_it(const base::HttpCall& call) {
  const std::size_t host = call.url.find("//") + 2;
  HttpRequest request;
  request.method = call.method;
  request.path = call.url.substr(call.url.find('/', host));
  request.headers = call.headers;
  request.body = call.body;
  return request;
}

}  // namespace

void BankWire::heard(const std::string& md5) {
  Told& told = facts_.told[md5];
  told.latest = std::max(told.latest, engine_clock_.now());
  told.moments.insert(engine_clock_.now());
}

/// Notes which QRs this reply says something about. Read here anew, from the bank's dialect.
void BankWire::witness(const std::string& request, const HttpResponse& response) {
  if (response.status != 200) return;
  const auto asked = Json::parse(request);
  const auto reply = Json::parse(response.body);
  if (!asked || !reply || !reply->is_object()) return;
  const auto code = (*reply)["responseCode"].integer();
  if (asked->is_object()) {
    const auto error = (*reply)["errorCode"].integer();
    if (code == 0 || error == 1 || error == 3) heard((*asked)["md5"].text_or_empty());
    return;
  }
  if (code != 0) return;
  for (const Json& item : (*reply)["data"].array()) {
    heard(item["md5"].text_or_empty());
  }
}

Task<Result<base::HttpReply>> BankWire::send(base::HttpCall call) {
  ++calls_;
  const std::string body = call.body;
  const base::Duration timeout = call.timeout;
  if (hits(faults_.lose_request) || hits(faults_.hang)) {
    trace_.line("  wire: no answer");
    co_await base::Sleep{timeout};
    co_return base::fail(ErrorCode::timeout, "The bank did not answer.");
  }
  if (hits(faults_.delay)) {
    co_await base::Sleep{base::Duration{static_cast<std::int64_t>(random_.below(5'000))}};
  }
  if (hits(faults_.repeat)) {
    HttpRequest twin = as_server_reads_it(call);
    [[maybe_unused]] const HttpResponse unread = co_await bank_.handle(std::move(twin));
  }
  HttpRequest request = as_server_reads_it(call);
  HttpResponse response = co_await bank_.handle(std::move(request));
  if (hits(faults_.lose_reply)) {
    trace_.line("  wire: reply lost");
    co_await base::Sleep{timeout};
    co_return base::fail(ErrorCode::timeout, "The bank did not answer.");
  }
  trace_.line("  wire: " + std::to_string(response.status) + " " +
              std::to_string(response.body.size()) + " bytes");
  witness(body, response);
  co_return base::HttpReply{.status = response.status,
                            .headers = std::move(response.headers),
                            .body = std::move(response.body)};
}

}  // namespace quittance::simulation
