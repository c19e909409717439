// A product that everybody buys is no queue: whatever a group of settlements takes of it, its row
// is written once (issue 3, Stock; docs/performance.md).
#include <gtest/gtest.h>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using base::Result;
using storage::Connection;
using storage::Rows;
using testing::Placed;
using testing::Shop;

/// What was written to products.
struct Written {
  std::int64_t statements = 0;
  std::int64_t rows = 0;
};

/// A connection that counts.
class CountingConnection final : public Connection {
 public:
  CountingConnection(std::unique_ptr<Connection> real, Written& written)
      : real_(std::move(real)), written_(written) {}

  Result<Rows> run(const storage::Sql& sql, std::initializer_list<storage::Param> params) override {
    if (is_ours(sql.text)) count(1);
    return real_->run(sql, params);
  }
  Result<Rows> run_batch(const storage::BatchSql& sql, const storage::Batch& batch) override {
    if (is_ours(sql.text)) count(static_cast<std::int64_t>(batch.size(sql.columns.size())));
    return real_->run_batch(sql, batch);
  }
  Result<Rows> run_script(std::string_view script) override { return real_->run_script(script); }
  Result<Rows> begin_read() override { return real_->begin_read(); }
  Result<Rows> begin_write() override { return real_->begin_write(); }
  Result<Rows> commit() override { return real_->commit(); }
  void rollback() override { real_->rollback(); }
  bool worth_redoing() const override { return real_->worth_redoing(); }
  std::vector<std::pair<std::string, std::string>> schema_tokens() const override {
    return real_->schema_tokens();
  }

 private:
  static bool is_ours(std::string_view text) { return text.starts_with("UPDATE products"); }
  void count(std::int64_t rows) {
    ++written_.statements;
    written_.rows += rows;
  }

  std::unique_ptr<Connection> real_;
  Written& written_;
};

/// The shop's books, opened once more by somebody who counts what is written.
struct CountedShop : Shop {
  CountedShop() {
    storage::StoreOptions options{.path = path(), .inline_executor = &executor};
    options.connect = [this](bool read_only) -> Result<std::unique_ptr<Connection>> {
      TRY(std::unique_ptr<Connection> real, storage::open_database(path(), read_only));
      return std::make_unique<CountingConnection>(std::move(real), written);
    };
    counted = storage::Store::open(std::move(options), clock, log).value();
  }

  Claim claim_of(const Placed& placed) {
    core::Evidence evidence = money(placed.session, "pay-" + std::to_string(placed.order.value()));
    return make_claim(context, std::move(evidence), placed.order);
  }
  /// All that waits at once: one group.
  void settle_together(const std::vector<Placed>& paid) {
    std::vector<std::optional<Result<Settled>>> answers(paid.size());
    for (std::size_t i = 0; i < paid.size(); ++i)
      start(counted->write_together(together, claim_of(paid[i])), answers[i]);
    settle_down();
    for (const auto& answer : answers) {
      ASSERT_TRUE(answer && answer->has_value());
      EXPECT_EQ((*answer)->order_status, core::OrderStatus::completed);
    }
  }

  Written written;
  std::unique_ptr<storage::Store> counted;
  storage::Together<Claim, Settled> together{
      [this](storage::WritableBooks& books, std::span<const Claim* const> claims) {
        return detect::settle(books, context, claims);
      }};
};

TEST(HotProduct, Issue3_AGroupOfSettlementsWritesItsRowOnce) {
  CountedShop shop;
  const auto hot = shop.add_product(500);
  const auto other = shop.add_product(10);
  std::vector<Placed> paid;
  for (int i = 0; i < 100; ++i)
    paid.push_back(shop.place(hot, 2));
  paid.push_back(shop.place(other, 3));
  shop.settle_together(paid);
  EXPECT_EQ(shop.written.statements, 1);
  EXPECT_EQ(shop.written.rows, 2) << "one for each product";
  EXPECT_EQ(shop.product(hot).stock, 300);
  EXPECT_EQ(shop.product(hot).reserved, 0);
  EXPECT_EQ(shop.product(other).stock, 7);
  EXPECT_EQ(shop.product(other).reserved, 0);
}

TEST(HotProduct, Issue3_EachGroupWritesForItself) {
  CountedShop shop;
  const auto hot = shop.add_product(10);
  for (int i = 0; i < 3; ++i)
    shop.settle_together({shop.place(hot), shop.place(hot)});
  EXPECT_EQ(shop.written.statements, 3);
  EXPECT_EQ(shop.written.rows, 3);
  EXPECT_EQ(shop.product(hot).stock, 4);
}

}  // namespace
}  // namespace quittance::detect
