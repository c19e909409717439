#include "unit/providers/bakong_fixture.hpp"

namespace quittance::providers {

std::string token_until(std::int64_t exp_s) {
  const std::string claims = R"({"data":{"id":"x"},"iat":1,"exp":)" + std::to_string(exp_s) + "}";
  return "e30." + base::to_base64url(claims) + ".c2ln";
}

BakongFixture::BakongFixture(std::string environment)
    : bakong(make_bakong(options(std::move(environment)), client, clock, log)) {}
BakongFixture::~BakongFixture() = default;

BakongOptions BakongFixture::options(std::string environment) {
  return {.base_url = "https://bank.example",
          .token = base::Secret(token_until(base::to_ms(clock.now()) / 1000 + 90 * 86'400)),
          .account_id = "shop@bank",
          .merchant_name = "Corner Shop",
          .environment = std::move(environment)};
}

core::Session BakongFixture::session(std::string md5) {
  return {.amount = *core::Money::from_minor(150, *core::Currency::from_code("USD")),
          .md5_hash = std::move(md5)};
}

std::vector<core::Session> BakongFixture::sessions(std::size_t count) {
  std::vector<core::Session> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(session("md5-" + std::to_string(i)));
  return all;
}

std::vector<Answer> BakongFixture::ask(std::vector<core::Session> about) {
  return run(bakong->query(std::move(about)));
}

Answer BakongFixture::ask_one() { return ask(sessions(1)).at(0); }

Answer BakongFixture::ask_one(int status, std::string body, base::HttpHeaders headers) {
  client.reply(status, std::move(body), std::move(headers));
  return ask_one();
}

base::Json transfer(std::initializer_list<std::pair<std::string, base::Json>> changes) {
  base::Json json = base::Json::parse(
                        R"({"hash":"abc123","fromAccountId":"payer@bank","toAccountId":"shop@bank",
          "currency":"USD","amount":1.5,"description":null,"createdDateMs":1795000005000,
          "acknowledgedDateMs":1795000007000,"trackingStatus":null,"externalRef":"100FT3"})")
                        .value();
  for (const auto& [key, value] : changes)
    json.set(key, value);
  return json;
}

std::string envelope(const base::Json& data) {
  return base::Json::object({{"responseCode", 0},
                             {"responseMessage", "Success"},
                             {"errorCode", nullptr},
                             {"data", data}})
      .dump();
}

std::string refusal(int error_code) {
  return base::Json::object({{"responseCode", 1},
                             {"responseMessage", "No"},
                             {"errorCode", error_code},
                             {"data", nullptr}})
      .dump();
}

std::optional<UnknownReason> why_unknown(const Answer& answer) {
  const auto* unknown = std::get_if<Unknown>(&answer);
  return unknown ? std::optional(unknown->reason) : std::nullopt;
}

}  // namespace quittance::providers
