// The bank app for every rail, without script: whatever is pasted leads to what can be paid, and a
// button pays or refuses it.
#include "unit/sandbox/rails_fixture.hpp"

namespace quittance::sandbox {
namespace {

using base::HttpResponse;
using base::Json;

struct App : RailsFixture {
  /// Where a pasted text leads; empty when it is refused.
  std::string paste(const std::string& text) {
    const HttpResponse answer = get("/pay", "payload=" + base::url_encode(text));
    return std::string(answer.headers.find("Location").value_or(""));
  }
  HttpResponse press(const std::string& path, const std::string& choice,
                     const std::string& amount = {}) {
    return post(path, "choice=" + base::url_encode(choice) + "&amount=" + amount);
  }
  std::string field(std::string_view rail, std::string_view kind, std::string_view name) {
    const auto objects = bank().objects(rail, kind);
    return objects.empty() ? "none" : objects.front()[name].text_or_empty();
  }
};

bool has(const HttpResponse& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

TEST(BankApp, AQpayCodeALinkOfABankAndTheInvoicesPageLeadToTheBankList) {
  App app;
  const Json invoice = app.qpay_invoice();
  const std::string id = invoice["invoice_id"].text_or_empty();
  const std::string text = invoice["qr_text"].text_or_empty();
  const std::string path = "/rails/qpay/" + id;
  ASSERT_FALSE(id.empty()) << invoice.dump();
  EXPECT_EQ(app.paste(text), path);
  EXPECT_EQ(app.paste("  " + text + "\r\n"), path) << "as it is pasted";
  EXPECT_EQ(app.paste("khanbank://q?qPay_QRcode=" + text), path);
  EXPECT_EQ(app.paste("khanbank://q?qPay_QRcode=" + base::url_encode(text)), path);
  const HttpResponse page = app.get(path);
  EXPECT_TRUE(has(page, "Choose a bank"));
  EXPECT_TRUE(has(page, "MNT 2500"));
  for (const char* bank : {"Khan bank", "Xac bank", "SocialPay", "Card"})
    EXPECT_TRUE(has(page, std::string(">") + bank + "<")) << bank;
  EXPECT_EQ(app.press(path, "xacbank").status, 200);
  EXPECT_EQ(app.field("qpay", "payment", "wallet"), "Xac bank");
  EXPECT_EQ(app.field("qpay", "payment", "status"), "PAID");
  EXPECT_EQ(app.get(path).status, 404) << "it is paid";
}

TEST(BankApp, AQpayBankCanRefuseAndTheInvoiceWaitsOn) {
  App app;
  const std::string path = "/rails/qpay/" + app.qpay_invoice()["invoice_id"].text_or_empty();
  EXPECT_EQ(app.press(path, "fails").status, 200);
  EXPECT_EQ(app.field("qpay", "payment", "status"), "FAILED");
  EXPECT_EQ(app.get(path).status, 200);
  EXPECT_EQ(app.press(path, "no such bank").status, 409);
}

TEST(BankApp, AnMvolaPushIsFoundByTheNumberAndApprovedOrRefused) {
  App app;
  const std::string first = app.mvola_push()["serverCorrelationId"].text_or_empty();
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(app.paste("034 35 000 03"), "/rails/mvola/" + first);
  EXPECT_EQ(app.paste(first), "/rails/mvola/" + first);
  EXPECT_TRUE(has(app.get("/rails/mvola/" + first), "Ar 45000"));
  EXPECT_EQ(app.press("/rails/mvola/" + first, "approve").status, 200);
  EXPECT_EQ(app.field("mvola", "push", "state"), "completed");
  EXPECT_EQ(app.paste("0343500003"), "") << "nothing waits on this phone";
  const std::string second = app.mvola_push()["serverCorrelationId"].text_or_empty();
  EXPECT_EQ(app.press("/rails/mvola/" + second, "refuse").status, 200);
  EXPECT_EQ(app.field("mvola", "push", "state"), "failed");
}

TEST(BankApp, AStripeCodeItsPageAndItsUpiCodeLeadToPayingOrBeingDeclined) {
  App app;
  const Json wechat = app.stripe_code("usd", "wechat_pay");
  const std::string id = wechat["id"].text_or_empty();
  const Json& code = wechat["next_action"]["wechat_pay_display_qr_code"];
  ASSERT_FALSE(code["data"].text_or_empty().empty()) << wechat.dump();
  EXPECT_EQ(app.paste(code["data"].text_or_empty()), "/rails/stripe/" + id);
  EXPECT_EQ(app.paste(code["hosted_instructions_url"].text_or_empty()), "/rails/stripe/" + id);
  const HttpResponse page = app.get("/rails/stripe/" + id);
  EXPECT_TRUE(has(page, "Pay by the code"));
  EXPECT_FALSE(has(page, "Pay by card")) << "this intent takes no cards";
  EXPECT_EQ(app.press("/rails/stripe/" + id, "card").status, 409);
  EXPECT_EQ(app.press("/rails/stripe/" + id, "decline").status, 200);
  EXPECT_EQ(app.field("stripe", "payment_intent", "status"), "requires_payment_method");
  EXPECT_EQ(app.press("/rails/stripe/" + id, "pay").status, 200);
  EXPECT_EQ(app.field("stripe", "payment_intent", "status"), "succeeded");
  const std::string upi = app.stripe_code("inr", "upi")["id"].text_or_empty();
  EXPECT_EQ(app.paste("http://bank.test:8900/stripe/qr/" + upi), "/rails/stripe/" + upi);
  EXPECT_EQ(app.press("/rails/stripe/" + upi, "pay").status, 200);
  EXPECT_EQ(app.field("stripe", "payment_intent", "status"), "succeeded");
}

TEST(BankApp, AStripeIntentForCardsIsPaidByCard) {
  App app;
  const std::string path =
      "/rails/stripe/" + app.stripe_intent(
                                "amount=1099&currency=usd&automatic_payment_methods"
                                "[enabled]=true")["id"]
                             .text_or_empty();
  const HttpResponse page = app.get(path);
  EXPECT_TRUE(has(page, "Pay by card"));
  EXPECT_FALSE(has(page, "Pay by the code")) << "there is none";
  EXPECT_EQ(app.press(path, "card").status, 200);
  EXPECT_EQ(app.field("stripe", "payment_intent", "status"), "succeeded");
  EXPECT_EQ(app.bank()
                .objects("stripe", "charge")
                .front()["payment_method_details"]["type"]
                .text_or_empty(),
            "card");
}

TEST(BankApp, ARazorpayPictureAndAUpiLinkLeadToPayingOrFailing) {
  App app;
  const Json code = app.razorpay_code();
  const std::string id = code["id"].text_or_empty();
  const std::string path = "/rails/razorpay/" + id;
  ASSERT_FALSE(id.empty()) << code.dump();
  EXPECT_EQ(app.paste(code["image_url"].text_or_empty()), path);
  EXPECT_EQ(app.paste("upi://pay?ver=01&pa=rpy.sandbox@exampleupi&tr=" + id + "&am=250.00"), path);
  EXPECT_FALSE(has(app.get(path), "Pay by card")) << "a UPI code";
  EXPECT_EQ(app.press(path, "fail").status, 200);
  EXPECT_EQ(app.field("razorpay", "payment", "status"), "failed");
  EXPECT_EQ(app.press(path, "pay", "100.00").status, 200) << "less than is asked for";
  EXPECT_EQ(app.bank().objects("razorpay", "payment").front()["amount"].integer(), 10'000);
  EXPECT_EQ(app.field("razorpay", "payment", "method"), "upi");
  const std::string bharat =
      "/rails/razorpay/" + app.razorpay_code("bharat_qr")["id"].text_or_empty();
  EXPECT_TRUE(has(app.get(bharat), "Pay by card"));
  EXPECT_EQ(app.press(bharat, "card").status, 200);
  EXPECT_EQ(app.field("razorpay", "payment", "method"), "card");
}

TEST(BankApp, WhatWaitsAtEveryRailStandsOnTheFirstPage) {
  App app;
  app.qpay_invoice();
  app.mvola_push();
  app.stripe_code("usd", "wechat_pay");
  app.razorpay_code();
  ASSERT_TRUE(app.bank().remember_qr(app.khqr("1.5").text));
  const HttpResponse home = app.get("/");
  for (const char* what : {"Order 7", "Order 8", "Order 9", "Order 10", "Corner Shop"})
    EXPECT_TRUE(has(home, what)) << what;
  EXPECT_TRUE(has(home, "id=\"scan\" hidden")) << "only a script can show it";
  EXPECT_EQ(app.paste("upi://pay?pa=somebody@else"), "") << "not of this bank";
}

}  // namespace
}  // namespace quittance::sandbox
