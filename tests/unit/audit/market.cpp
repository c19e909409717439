#include "unit/audit/market.hpp"

#include <gtest/gtest.h>

namespace quittance::testing {

Market::Market() = default;
Market::~Market() = default;

core::ProductId Market::stock(std::int64_t pieces, core::Money price) {
  const base::Time now = clock.now();
  return write<core::ProductId>([=](storage::WritableBooks& books) {
    return checkout::add_product(
        books,
        {.name = "Silk", .description = "", .picture = "silk", .price = price, .stock = pieces},
        "system", now);
  });
}

Placed Market::order(std::vector<checkout::CartItem> items) {
  checkout::OrderDraft draft{.items = std::move(items),
                             .payment_method = "khqr",
                             .customer_name = "Dara",
                             .customer_email = "dara@example.com"};
  checkout::AlsoWrite nothing = [](storage::WritableBooks&,
                                   const checkout::PlacedOrder&) -> base::Result<storage::Rows> {
    return storage::Rows();
  };
  const auto placed = run(checkout::place_order(*store, *bank, policy, clock, random,
                                                std::move(draft), std::move(nothing)));
  EXPECT_TRUE(placed.has_value()) << (placed ? "" : placed.error().message);
  return {.order = placed->order.id, .session = placed->session.id};
}

core::SessionId Market::open(core::OrderId id, core::Money amount) {
  const auto session =
      run(checkout::open_order_session(*store, *bank, policy, clock, random, id, amount, "", {}));
  EXPECT_TRUE(session.has_value()) << (session ? "" : session.error().message);
  return session->id;
}

core::SessionId Market::open(core::Money amount) {
  return run(checkout::open_free_session(*store, *bank, policy, clock, random, amount, "", {}))
      .value()
      .id;
}

core::Evidence Market::money(core::SessionId id, std::string ref, core::Money amount) {
  core::Evidence evidence = Shop::money(id, std::move(ref));
  evidence.amount = amount;
  return evidence;
}

audit::Report Market::verify() {
  const auto connection = storage::open_database(path(), true).value();
  storage::Books books(*connection);
  return verify(books);
}

audit::Report Market::verify(storage::Books& books) {
  auto report = audit::verify_log(books, {.public_key = log_key.public_key()});
  EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().detail);
  return std::move(report.value());
}

storage::StoredCheckpoint Market::checkpoint() { return run(notary.checkpoint()).value(); }

core::OrderId trade(Market& market) {
  const auto silk = market.stock(40);
  const auto rice = market.stock(3, usd(250));
  market.checkpoint();
  // Paid at once, and the same money is seen again from elsewhere.
  const auto plain = market.order({{silk, 2}, {rice, 1}});
  market.settle(market.money(plain.session, "ref-plain"));
  market.settle(market.money(plain.session, "ref-plain", core::EvidenceSource::recovery));
  // Paid in two parts, then too much.
  const auto parts = market.order({{silk, 3}});
  market.settle(market.money(parts.session, "ref-part", usd(1'000)));
  const auto rest = market.open(parts.order, usd(2'000));
  market.settle(market.money(rest, "ref-rest", usd(2'500)));
  market.settle(market.money(parts.session, "ref-again", usd(3'000)));
  // Canceled, and paid all the same.
  const auto canceled = market.order({{rice, 1}});
  EXPECT_TRUE(market.cancel(canceled.order).has_value());
  market.settle(market.money(canceled.session, "ref-canceled"));
  // The hold ends; another one buys the last pieces; the first money comes late.
  const auto late = market.order({{rice, 1}});
  market.advance(std::chrono::hours(25));
  market.ask(late.session);
  const auto quick = market.order({{rice, 1}});
  market.settle(market.money(quick.session, "ref-quick"));
  market.settle(market.money(late.session, "ref-late"));
  EXPECT_TRUE(market.mark_paid(late.order, "found one more").has_value());
  // Money of another currency, and money that belongs to another order.
  const auto odd = market.order({{silk, 1}});
  market.settle(market.money(odd.session, "ref-riel", khr(4'000)));
  market.settle(market.money(odd.session, "ref-plain", usd(1'000)));
  // A person's word, taken back; then given again.
  EXPECT_TRUE(market.mark_paid(odd.order, "cash counted").has_value());
  const auto counted = market.settlements(odd.order);
  EXPECT_EQ(counted.size(), 1U);
  EXPECT_TRUE(market
                  .run(market.manual->take_back(odd.order, counted.front().id,
                                                {.actor = "sokha", .reason = "miscounted"}))
                  .has_value());
  market.advance(std::chrono::minutes(1));
  EXPECT_TRUE(market.mark_paid(odd.order, "counted again").has_value());
  // Part of the excess goes back, then all of an order.
  const auto held = market.settlements(parts.order);
  EXPECT_TRUE(market
                  .run(market.manual->refund(
                      parts.order, {.settlement_id = held.back().id, .amount = usd(3'000)},
                      {.actor = "sokha", .reason = "paid twice"}))
                  .has_value());
  EXPECT_TRUE(
      market
          .run(market.manual->refund(
              plain.order,
              {.settlement_id = market.settlements(plain.order).front().id, .amount = usd(2'250)},
              {.actor = "sokha", .reason = "brought back"}))
          .has_value());
  // A free-standing session, paid and partly given back by the provider.
  const auto free = market.open(usd(700));
  market.settle(market.money(free, "ref-free"));
  core::Evidence reversal = market.money(free, "rev-free", usd(200));
  reversal.kind = core::EvidenceKind::reversal;
  reversal.against = "ref-free";
  market.settle(reversal);
  market.open(usd(900));
  market.order({{silk, 5}});
  market.checkpoint();
  return parts.order;
}

}  // namespace quittance::testing
