#include "unit/sandbox/bank_fixture.hpp"

namespace quittance::sandbox {

BankFixture::BankFixture(SandboxOptions options, std::uint64_t seed) : random_(seed) {
  auto opened = Sandbox::open(std::move(options), clock_, random_, log_);
  EXPECT_TRUE(opened.has_value());
  if (opened) bank_ = std::move(*opened);
  token_ = bank_->issue_token(3'600);
}
BankFixture::~BankFixture() = default;

SandboxOptions BankFixture::usual_options() {
  SandboxOptions options;
  options.token_key = base::Secret("a key for tests only");
  options.rails = rails();
  return options;
}

void BankFixture::set_token(std::string token) { token_ = std::move(token); }

void BankFixture::advance(std::int64_t ms) {
  executor_.run_until(clock_.now() + base::Duration{ms});
}

base::HttpResponse BankFixture::send(base::HttpRequest request) {
  std::optional<base::HttpResponse> response;
  base::spawn(executor_, keep_answer(*bank_, std::move(request), response));
  while (!response && executor_.run_one()) {
  }
  EXPECT_TRUE(response.has_value());
  return response ? std::move(*response) : base::HttpResponse{};
}

base::HttpResponse BankFixture::get(std::string path, std::string query) {
  base::HttpRequest request;
  request.method = "GET";
  request.path = std::move(path);
  request.query = std::move(query);
  return send(std::move(request));
}

base::HttpResponse BankFixture::post(std::string path, std::string body) {
  base::HttpRequest request;
  request.method = "POST";
  request.path = std::move(path);
  request.body = std::move(body);
  request.headers.add("Host", "bank.test:8900");
  if (!token_.empty()) request.headers.add("Authorization", "Bearer " + token_);
  return send(std::move(request));
}

base::Json BankFixture::ask(std::string path, const base::Json& body) {
  return json_of(post(std::move(path), body.dump()));
}

base::Json BankFixture::check_md5(const std::string& md5) {
  return ask("/v1/check_transaction_by_md5", base::Json::object({{"md5", md5}}));
}

base::Json BankFixture::json_of(const base::HttpResponse& response) {
  auto json = base::Json::parse(response.body);
  EXPECT_TRUE(json.has_value()) << response.body;
  return json ? std::move(*json) : base::Json();
}

qr::Khqr BankFixture::khqr(std::string amount, std::string currency, std::string bill) {
  qr::KhqrInput input;
  input.account = "quittance_shop@quitbank";
  input.name = "Corner Shop <&>";
  input.currency = std::move(currency);
  input.amount = std::move(amount);
  input.bill_number = std::move(bill);
  input.expires_at_ms = base::to_ms(clock_.now()) + 600'000;
  auto made = qr::encode_khqr(input, clock_.now());
  EXPECT_TRUE(made.has_value());
  return made ? std::move(*made) : qr::Khqr{};
}

base::Task<void> BankFixture::keep_answer(Sandbox& bank, base::HttpRequest request,
                                          std::optional<base::HttpResponse>& response) {
  response = co_await bank.handle(std::move(request));
}

}  // namespace quittance::sandbox
