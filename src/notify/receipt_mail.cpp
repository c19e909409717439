#include "notify/receipt_mail.hpp"

#include "notify/merchant_webhook.hpp"
#include "notify/outbox.hpp"
#include "qr/qr.hpp"

namespace quittance::notify {
namespace {

using base::escape_html;
using base::Result;
using base::Task;
using core::Order;
using storage::OutboxEntry;

/// Pixels per module: large enough to be scanned from a screen.
constexpr int kScale = 6;
constexpr std::string_view kPictureId = "pass@quittance";

std::string paid_on(const Order& order) {
  const std::string text = base::to_iso8601(order.completed_at.value_or(order.created_at));
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

/// The order's own page; the secret opens it on any device.
std::string receipt_link(const Receipt& receipt, const Sender& sender) {
  return sender.public_url + "/receipt?order_id=" + std::to_string(receipt.order.id.value()) +
         "&secret=" + receipt.order.order_secret;
}

/// Lines of a mail end in CR LF (RFC 5322, 2.3).
std::string with_breaks(std::string_view text) {
  std::string lines;
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n') lines += '\r';
    lines += c;
  }
  return lines;
}

/// `one person`, `5 persons`: for how many places were bought.
std::string persons(const Receipt& receipt, core::ProductId place) {
  std::int64_t places = 0;
  for (const core::OrderItem& item : receipt.items) {
    if (item.product_id == place) places += item.quantity;
  }
  return places == 1 ? "one person" : std::to_string(places) + " persons";
}

/// What whoever comes has to know, line by line (S4.19, S4.20).
std::vector<std::string> event_lines(const Receipt& receipt, const storage::Event& event) {
  const std::string at = storage::local_start(event);
  std::vector<std::string> lines{event.name, "When: " + at.substr(0, 10) + " at " +
                                                 at.substr(11, 5) + " (UTC" + at.substr(19) + ")"};
  if (!event.venue.empty()) lines.push_back("Where: " + event.venue);
  lines.push_back("Check-in: show the QR code of this mail, on your phone or on paper. It is for " +
                  persons(receipt, event.product_id) + ".");
  if (!event.instructions.empty()) lines.push_back(event.instructions);
  return lines;
}

std::string subject_of(const Receipt& receipt, const Sender& sender) {
  if (receipt.event) return "Your place at " + receipt.event->name;
  return "Receipt for order " + std::to_string(receipt.order.id.value()) + ", " +
         sender.merchant_name;
}

std::string text_of(const Receipt& receipt, const Sender& sender) {
  std::string text = "Order " + std::to_string(receipt.order.id.value()) + " at " +
                     sender.merchant_name + " is paid.\r\n\r\n";
  if (receipt.event) {
    for (const std::string& line : event_lines(receipt, *receipt.event))
      text += with_breaks(line) + "\r\n";
    text += "\r\n";
  }
  for (const core::OrderItem& item : receipt.items)
    text += std::to_string(item.quantity) + " x " + item.name + ", " + item.price.text() + "\r\n";
  text += "\r\nPaid: " + receipt.order.total.text() + "\r\nOn: " + paid_on(receipt.order) +
          "\r\n\r\nReceipt: " + receipt_link(receipt, sender) +
          "\r\nProof of payment: " + core::verification_url(sender.public_url, receipt.pass.token) +
          "\r\n\r\nThe attached QR code is the proof of payment: whoever scans it sees whether it "
          "is valid.\r\n";
  return text;
}

std::string html_of(const Receipt& receipt, const Sender& sender) {
  std::string event;
  if (receipt.event) {
    for (const std::string& line : event_lines(receipt, *receipt.event))
      event += "<p style=\"white-space:pre-line\">" + escape_html(with_breaks(line)) + "</p>\r\n";
  }
  std::string rows;
  for (const core::OrderItem& item : receipt.items) {
    rows += "<tr><td>" + std::to_string(item.quantity) + " &times; " + escape_html(item.name) +
            "</td><td align=\"right\">" + item.price.text() + "</td></tr>\r\n";
  }
  return "<!doctype html>\r\n<html lang=\"en\"><body "
         "style=\"font-family:sans-serif\">\r\n<h1>Order " +
         std::to_string(receipt.order.id.value()) + " is paid</h1>\r\n<p>" +
         escape_html(sender.merchant_name) + " received " + receipt.order.total.text() + " on " +
         paid_on(receipt.order) + ".</p>\r\n" + event + "<table cellpadding=\"4\">\r\n" + rows +
         "</table>\r\n<p><a href=\"" + escape_html(receipt_link(receipt, sender)) +
         "\">See the receipt</a></p>\r\n<p><a href=\"" +
         escape_html(core::verification_url(sender.public_url, receipt.pass.token)) +
         "\"><img src=\"cid:" + std::string(kPictureId) +
         "\" alt=\"QR code: proof of payment\" width=\"240\"></a></p>\r\n<p>The QR code is the "
         "proof of payment: whoever scans it sees whether it is valid.</p>\r\n</body></html>\r\n";
}

/// nullopt: there is nothing to tell any more.
Result<std::optional<Receipt>> find_receipt(storage::Books& books, core::OrderId id) {
  TRY(auto order, books.order(id));
  if (!order || order->status != core::OrderStatus::completed || !order->customer_id) {
    return std::optional<Receipt>();
  }
  TRY(auto customer, books.customer(*order->customer_id));
  TRY(auto pass, books.pass_of_order(id));
  if (!customer || !pass || !pass->active) return std::optional<Receipt>();
  TRY(auto items, books.order_items(*order));
  TRY(auto event, books.event_of_order(id));
  return std::optional(Receipt{.order = std::move(*order),
                               .items = std::move(items),
                               .customer = std::move(*customer),
                               .pass = std::move(*pass),
                               .event = std::move(event)});
}

/// 550 to 559 are about this mail: no such mailbox, not wanted, too large (RFC 5321, 4.2.3).
Attempt judge(const Posted& posted) {
  if (posted.taken) return {.outcome = Attempt::Outcome::delivered};
  if (posted.status >= 550 && posted.status < 560) {
    return {.outcome = Attempt::Outcome::refused, .error = posted.error};
  }
  // 450 to 459 speak of the mailbox; anything else of the server or of our settings.
  const bool of_mailbox = posted.status >= 450 && posted.status < 460;
  return {
      .outcome = Attempt::Outcome::failed, .error = posted.error, .destination_down = !of_mailbox};
}

class ReceiptMail final : public Carrier {
 public:
  ReceiptMail(Sender sender, MailServer& server, storage::Store& store, const base::Clock& clock)
      : sender_(std::move(sender)), server_(server), store_(store), clock_(clock) {}

  const std::string& destination() const override { return destination_; }
  storage::DeliveryKind kind() const override { return storage::DeliveryKind::mail; }
  std::int64_t at_once() const override { return kMailsAtOnce; }
  base::Duration timeout() const override { return kMailTimeout; }

  Result<bool> wants(storage::Books& books, const OutboxEntry& news,
                     const Order* order) const override {
    if (news.topic != "order.completed" && news.topic != kReceiptRequested) return false;
    if (!order || !order->customer_id) return false;
    TRY(const auto customer, books.customer(*order->customer_id));
    // One that is no address is wanted too: so staff see why nothing came.
    return customer && !customer->email.empty();
  }

  Task<Attempt> carry(storage::Delivery delivery) override {
    const core::OrderId id = delivery.order_id.value_or(core::OrderId());
    storage::Reading<std::optional<Receipt>> look = [id](storage::Books& books) {
      return find_receipt(books, id);
    };
    const auto receipt = co_await store_.read(std::move(look));
    if (!receipt) {
      co_return Attempt{.outcome = Attempt::Outcome::failed, .error = "storage_failure"};
    }
    if (!*receipt) {
      co_return Attempt{.outcome = Attempt::Outcome::refused, .error = "no_receipt"};
    }
    if (!is_mailbox((*receipt)->customer.email)) {
      co_return Attempt{.outcome = Attempt::Outcome::refused, .error = "invalid_address"};
    }
    auto mail = receipt_mail(**receipt, sender_);
    if (!mail) co_return Attempt{.outcome = Attempt::Outcome::refused, .error = "not_drawn"};
    const std::string domain = sender_.mail_from.substr(sender_.mail_from.find('@') + 1);
    mail->message_id = event_id(delivery.news) + "@" + domain;
    mail->sent_at = clock_.now();
    const Posted posted = co_await server_.post(std::move(*mail));
    co_return judge(posted);
  }

 private:
  Sender sender_;
  MailServer& server_;
  storage::Store& store_;
  const base::Clock& clock_;
  const std::string destination_ = "mail";
};

}  // namespace

Result<Mail> receipt_mail(const Receipt& receipt, const Sender& sender) {
  const std::string number = std::to_string(receipt.order.id.value());
  TRY(const qr::QrMatrix matrix,
      qr::make_qr(core::verification_url(sender.public_url, receipt.pass.token), qr::QrLevel::low));
  TRY(std::string picture, qr::qr_png(matrix, kScale));
  return Mail{.from = sender.mail_from,
              .from_name = sender.merchant_name,
              .to = receipt.customer.email,
              .subject = subject_of(receipt, sender),
              .message_id = "",
              .sent_at = {},
              .text = text_of(receipt, sender),
              .html = html_of(receipt, sender),
              .picture = std::move(picture),
              .picture_id = std::string(kPictureId),
              .picture_name = "proof-of-payment-" + number + ".png"};
}

std::unique_ptr<Carrier> make_receipt_mail(Sender sender, MailServer& server, storage::Store& store,
                                           const base::Clock& clock) {
  return std::make_unique<ReceiptMail>(std::move(sender), server, store, clock);
}

}  // namespace quittance::notify
