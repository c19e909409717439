// What the pages of one order have in common: its facts, and the slots they fill.
#pragma once

#include "http/page.hpp"

namespace quittance::http {

/// Everything that the order pages show.
struct OrderFacts {
  core::Order order;
  std::optional<core::Session> session;  ///< the one to show; see `shown_session`
  std::vector<core::OrderItem> items;
  std::optional<storage::Pass> pass;
  std::vector<storage::Settlement> settlements;
  std::vector<storage::Refund> refunds;
};

/// Of an order named by `order_id` in the query; `session` there chooses one of its sessions.
base::Task<base::Result<OrderFacts>> facts_of(Services& services, const Visit& visit);

/// The session that a page shows, of those of an order, the newest first: the wanted one, else the
/// newest that a payer can still do something with, else the newest.
std::optional<core::Session> shown_session(const std::vector<core::Session>& sessions,
                                           std::string_view wanted);

/// A link of this order, with the secret when it is the secret that opened the page.
std::string linked(const Visit& visit, std::string url);
/// The same of a link that has no query yet.
std::string linked_path(const Visit& visit, std::string url);

/// A page with the slots of every order page filled.
Page order_page(Services& services, const Visit& visit, const OrderFacts& facts,
                std::string_view file);

}  // namespace quittance::http
