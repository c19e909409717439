#include "unit/sandbox/rails_fixture.hpp"

namespace quittance::sandbox {

RailsFixture::RailsFixture(SandboxOptions options, std::uint64_t seed)
    : BankFixture(std::move(options), seed) {}

SandboxOptions RailsFixture::rails_options() {
  SandboxOptions options = usual_options();
  options.public_url = "http://bank.test:8900";
  options.accounts["stripe"] = {.secret = base::Secret("sk_test_1")};
  options.accounts["razorpay"] = {.key_id = "rzp_test_1", .secret = base::Secret("s")};
  options.accounts["qpay"] = {.key_id = "TEST", .secret = base::Secret("s")};
  options.accounts["mvola"] = {.key_id = "key", .secret = base::Secret("s")};
  return options;
}

base::Json RailsFixture::stripe_intent(const std::string& form) {
  return call("/v1/payment_intents", form, "Bearer sk_test_1");
}

base::Json RailsFixture::stripe_code(const std::string& currency, const std::string& method) {
  return stripe_intent("amount=1099&currency=" + currency +
                       "&confirm=true&payment_method_types[0]=" + method +
                       "&payment_method_data[type]=" + method + "&description=Order%207");
}

base::Json RailsFixture::razorpay_code(const std::string& type) {
  const base::Json body = base::Json::object({{"type", type},
                                              {"usage", "single_use"},
                                              {"fixed_amount", true},
                                              {"payment_amount", 25'000},
                                              {"description", "Order 8"}});
  return call("/v1/payments/qr_codes", body.dump(), basic("rzp_test_1"));
}

base::Json RailsFixture::qpay_invoice() {
  const std::string token =
      call("/v2/auth/token", "", basic("TEST"))["access_token"].text_or_empty();
  const base::Json body = base::Json::object({{"invoice_code", "TEST_INVOICE"},
                                              {"sender_invoice_no", "17"},
                                              {"invoice_receiver_code", "terminal"},
                                              {"invoice_description", "Order 9"},
                                              {"amount", 2'500},
                                              {"callback_url", "http://shop.test/cb"}});
  return call("/v2/invoice", body.dump(), "Bearer " + token);
}

base::Json RailsFixture::mvola_push(const std::string& number) {
  const std::string token =
      call("/token", "grant_type=client_credentials&scope=EXT_INT_MVOLA_SCOPE",
           basic("key"))["access_token"]
          .text_or_empty();
  const auto party = [](std::string_view msisdn) {
    base::Json list{base::Json::Array{}};
    list.push(base::Json::object({{"key", "msisdn"}, {"value", msisdn}}));
    return list;
  };
  const base::Json body = base::Json::object({{"amount", "45000"},
                                              {"currency", "Ar"},
                                              {"descriptionText", "Order 10"},
                                              {"requestingOrganisationTransactionReference", "r-1"},
                                              {"requestDate", base::to_iso8601(clock().now())},
                                              {"originalTransactionReference", "r-1"},
                                              {"debitParty", party(number)},
                                              {"creditParty", party("0343500004")}});
  return call("/mvola/mm/transactions/type/merchantpay/1.0.0/", body.dump(), "Bearer " + token);
}

std::string RailsFixture::basic(const std::string& user) {
  return "Basic " + base::to_base64(user + ":s");
}

base::Json RailsFixture::call(std::string path, std::string body,
                              const std::string& authorization) {
  base::HttpRequest request{.method = "POST", .path = std::move(path)};
  request.body = std::move(body);
  request.headers.add("Authorization", authorization);
  request.headers.add("Host", "bank.test:8900");
  for (const char* name : {"Version", "UserAccountIdentifier", "partnerName"})
    request.headers.add(name, "x");
  request.headers.add("X-CorrelationID", std::to_string(++calls_));
  return json_of(send(std::move(request)));
}

}  // namespace quittance::sandbox
