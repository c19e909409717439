// The customer's mail when an order is paid: what was paid, where the receipt is, and the QR pass.
#pragma once

#include <memory>

#include "notify/carrier.hpp"
#include "notify/mail.hpp"

namespace quittance::notify {

/// Who sends, and what the links in a mail point at.
struct Sender {
  std::string mail_from;  ///< a mailbox
  std::string merchant_name;
  std::string public_url;  ///< without a slash at its end
};

/// What a receipt tells.
struct Receipt {
  core::Order order;  ///< completed
  std::vector<core::OrderItem> items;
  storage::Customer customer;
  storage::Pass pass;
  std::optional<storage::Event> event{};  ///< a place at which was bought
};

/// The mail, without `message_id` and `sent_at`. invalid_request when the pass is too long for a
/// QR.
base::Result<Mail> receipt_mail(const Receipt& receipt, const Sender& sender);

/// Mails to customers who gave an address, by the destination `mail`. Each has the Message-ID of
/// its event, however often it is tried, so that whoever receives it twice can tell.
std::unique_ptr<Carrier> make_receipt_mail(Sender sender, MailServer& server, storage::Store& store,
                                           const base::Clock& clock);

}  // namespace quittance::notify
