// The bank app without script: forms in, pages out.
#include "unit/sandbox/bank_fixture.hpp"

namespace quittance::sandbox {
namespace {

bool has(const base::HttpResponse& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

/// The value of a hidden field.
std::string hidden(const base::HttpResponse& response, std::string_view name) {
  const std::string mark = "name=\"" + std::string(name) + "\" value=\"";
  const std::size_t at = response.body.find(mark);
  if (at == std::string::npos) return {};
  const std::size_t from = at + mark.size();
  return response.body.substr(from, response.body.find('"', from) - from);
}

TEST(Pages, home_shows_accounts_the_banner_and_what_waits) {
  BankFixture fixture;
  const auto code = fixture.khqr("1234.5");
  EXPECT_TRUE(has(fixture.get("/"), "No code waits"));
  ASSERT_TRUE(fixture.bank().remember_qr(code.text));
  const auto page = fixture.get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(has(page, "Sandbox bank</strong> — no real money"));
  EXPECT_TRUE(has(page, "Everyday account"));
  EXPECT_TRUE(has(page, "USD 2,500.00"));
  EXPECT_TRUE(has(page, "KHR 8,000,000"));
  EXPECT_TRUE(has(page, "USD 1,234.50"));
  EXPECT_TRUE(has(page, "Corner Shop &lt;&amp;&gt;"));
  EXPECT_FALSE(has(page, "Corner Shop <&>"));
}

TEST(Pages, policy_is_strict_and_nothing_is_inline) {
  BankFixture fixture;
  for (const std::string path : {"/", "/transfers", "/faults", "/nothing"}) {
    const auto page = fixture.get(path);
    const auto policy = page.headers.find("Content-Security-Policy");
    ASSERT_TRUE(policy) << path;
    EXPECT_TRUE(policy->starts_with("default-src 'none'")) << path;
    EXPECT_EQ(policy->find("unsafe"), std::string_view::npos) << path;
    for (const auto inline_code : {"<style", " style=", "onclick", "javascript:", "<script>"}) {
      EXPECT_FALSE(has(page, inline_code)) << path << inline_code;
    }
  }
  EXPECT_EQ(fixture.get("/bank.css").headers.find("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(fixture.get("/bank.js").headers.find("Content-Type"), "text/javascript; charset=utf-8");
}

TEST(Pages, a_person_pays_a_waiting_code_and_sees_the_hash_T1_1) {
  BankFixture fixture;
  const auto code = fixture.khqr("1.5");
  ASSERT_TRUE(fixture.bank().remember_qr(code.text));
  const auto form = fixture.get("/pay", "qr=" + code.md5);
  ASSERT_EQ(form.status, 200);
  EXPECT_TRUE(has(form, "value=\"1.50\""));
  const std::string attempt = hidden(form, "attempt");
  EXPECT_EQ(attempt.size(), 32u);
  const std::string body = "payload=" + base::url_encode(code.text) + "&attempt=" + attempt +
                           "&payer=sophea%40quitbank&amount=1.50";
  const auto paid = fixture.post("/pay", body);
  ASSERT_EQ(paid.status, 303);
  const auto all = fixture.bank().transactions();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].payer, "sophea@quitbank");
  EXPECT_EQ(paid.headers.find("Location"), "/transfers/" + all[0].hash);
  const auto receipt = fixture.get("/transfers/" + all[0].hash);
  EXPECT_TRUE(has(receipt, ">Paid<"));
  EXPECT_TRUE(has(receipt, all[0].hash));
  EXPECT_TRUE(has(receipt, "USD 1.50"));
  EXPECT_TRUE(has(receipt, base::to_iso8601(base::from_ms(kStartMs)).substr(0, 10)));

  // The same press again is the same payment; a new look at the form warns and may pay again.
  EXPECT_EQ(fixture.post("/pay", body).headers.find("Location"), paid.headers.find("Location"));
  EXPECT_EQ(fixture.bank().transactions().size(), 1u);
  EXPECT_TRUE(has(fixture.get("/pay", "qr=" + code.md5), "has been paid already"));
  EXPECT_TRUE(has(fixture.get("/transfers"), "sophea<wbr>@quitbank"));
}

TEST(Pages, a_pasted_text_is_paid_and_a_bad_one_explained) {
  BankFixture fixture;
  const auto code = fixture.khqr("4000", "116");
  const auto form = fixture.get("/pay", "payload=" + base::url_encode(code.text));
  EXPECT_EQ(form.status, 200);
  EXPECT_TRUE(has(form, "value=\"4000\""));
  EXPECT_TRUE(has(form, "KHR 4,000"));
  EXPECT_EQ(fixture.get("/pay", "payload=hello").status, 400);
  EXPECT_EQ(fixture.get("/pay", "payload=%zz").status, 400);
  EXPECT_EQ(fixture.get("/pay").status, 400);
  EXPECT_EQ(fixture.get("/pay", "qr=" + std::string(32, 'a')).status, 404);
  EXPECT_EQ(fixture.post("/pay", "payload=%zz").status, 400);
}

TEST(Pages, a_refusal_keeps_what_was_typed) {
  BankFixture fixture;
  const auto code = fixture.khqr("");
  const auto page = fixture.post("/pay", "payload=" + base::url_encode(code.text) +
                                             "&attempt=abc&payer=visal%40quitbank&amount=9999");
  EXPECT_EQ(page.status, 409);
  EXPECT_TRUE(has(page, "not enough money"));
  EXPECT_TRUE(has(page, "value=\"9999\""));
  EXPECT_TRUE(has(page, "value=\"visal@quitbank\" selected"));
  EXPECT_EQ(hidden(page, "attempt"), "abc");
}

TEST(Pages, expiry_is_told_and_honoured_as_set) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  fixture.advance(600'001);
  const std::string query = "payload=" + base::url_encode(code.text);
  EXPECT_TRUE(has(fixture.get("/pay", query), "This bank still pays it."));
  fixture.bank().set_faults({.honour_expired = false});
  EXPECT_FALSE(has(fixture.get("/pay", query), "This bank still pays it."));
  EXPECT_EQ(fixture.post("/pay", query + "&amount=1").status, 409);
}

TEST(Pages, receipt_links_back_to_the_shop_only_over_http) {
  BankFixture fixture;
  const auto receipt_for = [&](std::string callback, std::string bill) {
    const auto code = fixture.khqr("1", "840", std::move(bill));
    using base::Json;
    fixture.ask("/v1/generate_deeplink_by_qr",
                Json::object({{"qr", code.text},
                              {"sourceInfo",
                               Json::object({{"appName", "My <Shop>"},
                                             {"appIconUrl", "https://x/i.png"},
                                             {"appDeepLinkCallback", std::move(callback)}})}}));
    const auto paid = fixture.bank().pay({code.md5});
    EXPECT_TRUE(paid);
    return fixture.get("/transfers/" + paid->hash);
  };
  const auto linked = receipt_for("https://shop.example/?a=1&b=\"2\"", "A");
  EXPECT_TRUE(has(linked, "href=\"https://shop.example/?a=1&amp;b=&quot;2&quot;\""));
  EXPECT_TRUE(has(linked, "Back to My &lt;Shop&gt;"));
  EXPECT_FALSE(has(receipt_for("javascript:alert(1)", "B"), "Back to"));
}

TEST(Pages, other_outcomes_have_their_own_receipt) {
  BankFixture fixture;
  const auto headline = [&](PaymentTerms terms) {
    const auto paid = fixture.bank().pay({fixture.khqr("1").text, std::move(terms)});
    EXPECT_TRUE(paid);
    const auto page = fixture.get("/transfers/" + paid->hash).body;
    const std::size_t at = page.find("<h1 class=\"center\">") + 19;
    return page.substr(at, page.find('<', at) - at);
  };
  EXPECT_EQ(headline({}), "Paid");
  EXPECT_EQ(headline({.status = TransferStatus::failed}), "Transfer failed");
  EXPECT_EQ(headline({.status = TransferStatus::refunded}), "Sent back");
  EXPECT_EQ(headline({.delay = base::Duration{1}}), "Scheduled");
  EXPECT_EQ(fixture.get("/transfers/" + std::string(64, '0')).status, 404);
}

TEST(Pages, knobs_can_be_turned_by_hand) {
  BankFixture fixture;
  const auto page = fixture.get("/faults");
  std::string form;
  for (const NumberKnob& knob : number_knobs()) {
    EXPECT_TRUE(has(page, "name=\"" + std::string(knob.name) + "\""));
    form += std::string(knob.name) + "=" + (knob.name == "latency_ms" ? "250" : "1") + "&";
  }
  for (const ChoiceKnob& knob : choice_knobs()) {
    EXPECT_TRUE(has(page, "name=\"" + std::string(knob.name) + "\""));
    form += std::string(knob.name) + "=" + std::string(knob.words.back()) + "&";
  }
  for (const SwitchKnob& knob : switch_knobs()) {
    EXPECT_TRUE(has(page, "name=\"" + std::string(knob.name) + "\""));
  }
  EXPECT_EQ(fixture.post("/faults", form + "unauthorized=true").status, 303);
  const Faults faults = fixture.bank().faults();
  EXPECT_EQ(faults.latency_ms, 250);
  EXPECT_EQ(faults.retry_after_s, 1);
  EXPECT_EQ(faults.list_wrapper, ListWrapper::bare);
  EXPECT_TRUE(faults.unauthorized);
  EXPECT_FALSE(faults.honour_expired);  // an unticked box is not sent
  EXPECT_TRUE(has(fixture.get("/faults"), "name=\"unauthorized\" value=\"true\" checked"));
  EXPECT_EQ(fixture.post("/faults", "latency_ms=soon").status, 400);
  EXPECT_EQ(fixture.bank().faults(), faults);
}

TEST(Pages, reset_button) {
  BankFixture fixture;
  ASSERT_TRUE(fixture.bank().pay({fixture.khqr("1").text}));
  EXPECT_EQ(fixture.post("/reset", "").status, 303);
  EXPECT_TRUE(fixture.bank().transactions().empty());
}

TEST(Pages, unknown_pages_and_methods) {
  BankFixture fixture;
  EXPECT_EQ(fixture.get("/nothing").status, 404);
  EXPECT_EQ(fixture.post("/nothing", "").status, 404);
  base::HttpRequest request;
  request.method = "DELETE";
  request.path = "/";
  EXPECT_EQ(fixture.send(std::move(request)).status, 405);
}

}  // namespace
}  // namespace quittance::sandbox
