// The customer's mail: once by its id, with the proof in it, and only while it is true.
#include <gtest/gtest.h>

#include "unit/notify/post_office.hpp"

namespace quittance::notify {
namespace {

using base::ErrorCode;
using storage::Delivery;
using storage::DeliveryState;
using namespace std::chrono_literals;

TEST(ReceiptMail, SaysWhatWasPaidAndCarriesTheProof) {
  PostOffice office;
  const auto outbox = office.opened({});
  const core::OrderId order = office.sell();
  office.tick(*outbox);
  ASSERT_EQ(office.mailbox.mails.size(), 1U);
  const Mail& mail = office.mailbox.mails[0];
  const std::string token = office.pass(order)->token;
  EXPECT_EQ(mail.to, "sok@mail.example");
  EXPECT_EQ(mail.from, "shop@shop.example");
  EXPECT_EQ(mail.sent_at, testing::kStart);
  EXPECT_TRUE(mail.message_id.starts_with("evt_"));
  EXPECT_TRUE(mail.message_id.ends_with("@shop.example"));
  const std::string number = std::to_string(order.value());
  const std::string link = "https://shop.example/receipt?order_id=" + number + "&";
  for (const std::string& part :
       {std::string("10.00 USD"), link + "secret=" + office.order(order).order_secret,
        "https://shop.example/app/qr-verification/?code=" + token, std::string("Silk & Sons")}) {
    EXPECT_NE(mail.text.find(part), std::string::npos) << part;
    EXPECT_NE(mail.html.find(base::escape_html(part)), std::string::npos) << part;
  }
  EXPECT_NE(mail.html.find("cid:" + mail.picture_id), std::string::npos);
  EXPECT_TRUE(mail.picture.starts_with("\x89PNG"));
}

TEST(ReceiptMail, NamesOfGoodsAreTextNotMarkup) {
  PostOffice office;
  const core::OrderId order = office.sell();
  Receipt receipt{.order = office.order(order),
                  .items = {{.product_id = core::ProductId(1),
                             .name = "<script>alert(1)</script>",
                             .quantity = 1,
                             .price = testing::usd(5)}},
                  .customer = {.name = "Sok", .email = "a@b"},
                  .pass = *office.pass(order)};
  const auto mail = receipt_mail(receipt, {.mail_from = "a@b",
                                           .merchant_name = "<b>Shop</b>\r\nBcc: x@y",
                                           .public_url = "https://shop.example"});
  ASSERT_TRUE(mail.has_value());
  EXPECT_EQ(mail->html.find("<script"), std::string::npos);
  EXPECT_EQ(mail->html.find("<b>"), std::string::npos);
  EXPECT_EQ(header_text(mail->subject).find("\r\nBcc"), std::string::npos);
}

TEST(ReceiptMail, WhoGaveNoAddressGetsNone) {
  PostOffice office;
  const auto outbox = office.opened({});
  const core::OrderId order = office.sell("");
  office.tick(*outbox);
  EXPECT_TRUE(office.deliveries(order).empty());
  EXPECT_TRUE(office.mailbox.mails.empty());
}

TEST(ReceiptMail, C31_WhatIsNoAddressIsSeenByStaffAndSentNowhere) {
  PostOffice office;
  const auto outbox = office.opened({});
  const core::OrderId order = office.sell("a@b\r\nRCPT TO:<x@y>");
  office.tick(*outbox);
  EXPECT_TRUE(office.mailbox.mails.empty());
  EXPECT_EQ(office.delivery(order, "mail").state, DeliveryState::dead);
  EXPECT_EQ(office.delivery(order, "mail").last_error, "invalid_address");
}

TEST(ReceiptMail, N8_ACrashBetweenCommitAndMailSendsItOnce) {
  PostOffice office;
  const core::OrderId order = office.sell();  // Committed; the program ends here.
  const auto restarted = office.opened({});
  restarted->start(office.executor);
  office.advance(1h);
  EXPECT_EQ(office.mailbox.mails.size(), 1U);
  EXPECT_EQ(office.delivery(order, "mail").state, DeliveryState::delivered);
  restarted->stop();
}

TEST(ReceiptMail, N8_ACrashAfterTheMailWasPlannedSendsItOnce) {
  PostOffice office;
  office.sell();
  const auto killed = office.opened({});
  EXPECT_EQ(*office.run(killed->distribute()), 1);
  const auto restarted = office.opened({});
  restarted->start(office.executor);
  office.advance(1h);
  EXPECT_EQ(office.mailbox.mails.size(), 1U);
  restarted->stop();
}

TEST(ReceiptMail, N8_InTheMomentOfDoubtTheSameMailIsSentAgain) {
  PostOffice office;
  office.mailbox.silent = true;
  const core::OrderId order = office.sell();
  const auto killed = office.opened({});
  office.tick(*killed);
  ASSERT_EQ(office.mailbox.mails.size(), 1U) << "taken, but nobody was told";
  office.mailbox.silent = false;
  const auto restarted = office.opened({});
  office.advance(kMailTimeout);
  office.tick(*restarted);
  EXPECT_EQ(office.mailbox.mails.size(), 1U) << "it may still be under way";
  office.advance(2min);
  office.tick(*restarted);
  ASSERT_EQ(office.mailbox.mails.size(), 2U);
  EXPECT_EQ(office.mailbox.mails[0].message_id, office.mailbox.mails[1].message_id);
  EXPECT_EQ(office.delivery(order, "mail").state, DeliveryState::delivered);
}

TEST(ReceiptMail, AMailboxThatDoesNotExistIsGivenUpAtOnceAndSlowsNobody) {
  PostOffice office;
  const auto outbox = office.opened({});
  office.mailbox.answer = {.taken = false, .status = 550, .error = "smtp_550"};
  const core::OrderId order = office.sell();
  office.tick(*outbox);
  EXPECT_EQ(office.delivery(order, "mail").state, DeliveryState::dead);
  EXPECT_EQ(office.delivery(order, "mail").last_error, "smtp_550");
  office.mailbox.answer = {.taken = true, .status = 250};
  office.sell();
  office.tick(*outbox);
  EXPECT_EQ(office.mailbox.mails.size(), 1U);
}

TEST(ReceiptMail, ServerDownThenUp) {
  for (const Posted& trouble : {Posted{.taken = false, .status = 0, .error = "unreachable"},
                                Posted{.taken = false, .status = 421, .error = "smtp_421"},
                                Posted{.taken = false, .status = 535, .error = "login_refused"},
                                Posted{.taken = false, .status = 451, .error = "smtp_451"}}) {
    PostOffice office;
    const auto outbox = office.opened({});
    office.mailbox.answer = trouble;
    const core::OrderId order = office.sell();
    office.tick(*outbox);
    const Delivery waiting = office.delivery(order, "mail");
    EXPECT_EQ(waiting.state, DeliveryState::pending);
    EXPECT_EQ(waiting.last_error, trouble.error);
    office.mailbox.answer = {.taken = true, .status = 250};
    office.advance(6s);
    office.tick(*outbox);
    EXPECT_EQ(office.delivery(order, "mail").state, DeliveryState::delivered);
    EXPECT_EQ(office.mailbox.mails.size(), 1U);
  }
}

TEST(ReceiptMail, WhatIsNoLongerTrueIsNotSent) {
  PostOffice office;
  const auto outbox = office.opened({});
  office.mailbox.answer = {.taken = false, .status = 0, .error = "unreachable"};
  const core::OrderId order = office.sell();
  office.tick(*outbox);
  core::Evidence back = office.money(office
                                         .read<std::vector<core::Session>>([&](auto& books) {
                                           return books.sessions_of_order(order);
                                         })[0]
                                         .id,
                                     "back-1");
  back.kind = core::EvidenceKind::refund;
  back.against = "ref-" + std::to_string(order.value());
  office.settle(std::move(back));
  office.mailbox.answer = {.taken = true, .status = 250};
  office.advance(6s);
  office.tick(*outbox);
  EXPECT_TRUE(office.mailbox.mails.empty());
  EXPECT_EQ(office.delivery(order, "mail").last_error, "no_receipt");
}

TEST(ReceiptMail, C31_StaffSendItAgainAsAMailOfItsOwn) {
  PostOffice office;
  const auto outbox = office.opened({kFirst});
  const core::OrderId order = office.sell();
  office.tick(*outbox);
  EXPECT_TRUE(office.run(outbox->resend({.order_id = order, .actor = "staff:dara"})).has_value());
  office.tick(*outbox);
  ASSERT_EQ(office.mailbox.mails.size(), 2U);
  EXPECT_NE(office.mailbox.mails[0].message_id, office.mailbox.mails[1].message_id);
  EXPECT_EQ(office.endpoints.heard[kFirst].size(), 1U) << "nothing happened to the order";
  EXPECT_EQ(office.deliveries(order).size(), 3U);
  EXPECT_EQ(office.audit(order).back().action, kReceiptRequested);
  EXPECT_EQ(office.audit(order).back().actor, "staff:dara");
}

TEST(ReceiptMail, WhatCannotBeSentAgainIsRefused) {
  PostOffice office;
  const auto outbox = office.opened({});
  const auto refusal = [&](core::OrderId order) {
    return office.run(outbox->resend({.order_id = order, .actor = "x"})).error().code;
  };
  EXPECT_EQ(refusal(core::OrderId(999)), ErrorCode::not_found);
  EXPECT_EQ(refusal(office.place(office.add_product(1)).order), ErrorCode::conflict) << "unpaid";
  EXPECT_EQ(refusal(office.sell("")), ErrorCode::conflict) << "no address";
  const auto without = office.opened({kFirst}, false);
  EXPECT_EQ(office.run(without->resend({.order_id = office.sell(), .actor = "x"})).error().code,
            ErrorCode::conflict);
}

}  // namespace
}  // namespace quittance::notify
