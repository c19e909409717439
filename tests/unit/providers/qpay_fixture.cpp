#include "unit/providers/qpay_fixture.hpp"

namespace quittance::providers {

QpayFixture::QpayFixture(QpayOptions changes) {
  changes.base_url = "https://qpay.example";
  changes.client_id = "TEST_MERCHANT";
  changes.client_secret = base::Secret("123456");
  changes.invoice_code = "TEST_INVOICE";
  changes.callback_key = base::Secret("key");
  qpay = make_qpay(std::move(changes), client, clock, log);
}
QpayFixture::~QpayFixture() = default;

core::Money QpayFixture::tugrik(std::string text) {
  return *core::Money::parse(text, *core::Currency::from_code("MNT"));
}

core::Session QpayFixture::session() {
  return {.provider_ref = kInvoiceId, .amount = tugrik("100"), .created_at = clock.now()};
}

SessionDraft QpayFixture::draft() {
  return {.amount = tugrik("100"),
          .bill_number = "ORD-42",
          .merchant_reference = "5f0c",
          .description = "Order 42",
          .callback_url = "https://shop.example/cb?order=42",
          .payer_phone{},
          .object_type = "order",
          .created_at = clock.now(),
          .expires_at = clock.now()};
}

std::int64_t QpayFixture::now_s() const { return base::to_ms(clock.now()) / 1'000; }

std::string QpayFixture::token_body(std::string access, std::int64_t expires_in,
                                    std::string refresh) {
  return base::Json::object({{"token_type", "bearer"},
                             {"access_token", access},
                             {"expires_in", expires_in},
                             {"refresh_token", refresh},
                             {"refresh_expires_in", expires_in}})
      .dump();
}

void QpayFixture::token(std::string access, std::string refresh) {
  client.reply(200, token_body(std::move(access), now_s() + 86'400, std::move(refresh)));
}

Answer QpayFixture::ask() {
  std::vector<core::Session> one;
  one.push_back(session());
  return run(qpay->query(std::move(one))).at(0);
}

std::string QpayFixture::sent(std::size_t call, std::string_view header) const {
  return std::string(client.calls.at(call).headers.find(header).value_or(""));
}

base::Json QpayFixture::sent_body(std::size_t call) const {
  return base::Json::parse(client.calls.at(call).body).value_or(base::Json());
}

std::string QpayFixture::check_body(std::string rows) {
  return R"({"count":1,"rows":[)" + rows + "]}";
}

std::string QpayFixture::row(std::string status, std::string amount, std::string currency) {
  return R"({"payment_id":")" + kPaymentId + R"(","payment_status":")" + status +
         R"(","payment_amount":)" + amount + R"(,"payment_currency":")" + currency + R"("})";
}

std::optional<UnknownReason> qpay_unknown(const Answer& answer) {
  const auto* unknown = std::get_if<Unknown>(&answer);
  return unknown ? std::optional(unknown->reason) : std::nullopt;
}

}  // namespace quittance::providers
