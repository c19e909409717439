#include "bench/shop.hpp"

namespace quittance::bench {
namespace {

using base::Result;
using base::Task;
using storage::WritableBooks;

constexpr std::string_view kAccount = "quittance_shop@quitbank";

base::SigningKey draw_key(base::Random& random) {
  std::array<std::uint8_t, 32> seed{};
  random.fill(seed);
  auto key = base::SigningKey::from_seed(base::Secret(std::string(seed.begin(), seed.end())));
  if (!key) give_up("no signing key: " + key.error().message);
  return std::move(*key);
}

Result<storage::Rows> write_products(WritableBooks& books) {
  const core::Currency dollars = *core::Currency::from_code("USD");
  for (std::size_t i = 1; i <= kProducts; ++i) {
    TRY(const core::Money price,
        core::Money::from_minor(static_cast<std::int64_t>(100 * i), dollars));
    TRY_VOID(books.insert_product({.name = "Product " + std::to_string(i),
                                   .description = "Something of which there is always enough",
                                   .picture = "laptop",
                                   .price = price,
                                   .stock = 1'000'000'000}));
  }
  return storage::Rows();
}

Task<bool> stock_shelves(storage::Store& store) {
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work = write_products;
  const auto written = co_await store.write<storage::Rows>(std::move(work));
  co_return written.has_value();
}

/// What placing an order needs, and where the results go.
struct Filling {
  storage::Store& store;
  providers::Provider& provider;
  Tools& tools;
  std::size_t products;
  Shop* shop;  ///< nullptr: nobody wants to know
};

core::Evidence evidence_of(const checkout::PlacedOrder& placed, Tools& tools) {
  const base::Time now = tools.clock.now();
  const std::string reference = tools.random.hex(32);
  return {.source = core::EvidenceSource::poll,
          .session_id = placed.session.id,
          .provider = placed.session.provider,
          .provider_ref = reference,
          .amount = placed.order.total,
          .receiver = std::string(kAccount),
          .payer = "payer@quitbank",
          .paid_at = now,
          .seen_at = now,
          .actor = "system",
          .reason = "confirmed by " + placed.session.provider,
          .raw = R"({"hash":")" + reference +
                 R"(","fromAccountId":"payer@quitbank","toAccountId":"quittance_shop@quitbank"})"};
}

checkout::CheckoutPolicy policy() {
  checkout::CheckoutPolicy policy;
  policy.first_check_after = std::chrono::hours(24);
  return policy;
}

Task<bool> place_one(Filling& filling, std::size_t number) {
  const auto product = [&filling](std::size_t n) {
    return core::ProductId(static_cast<std::int64_t>(n % filling.products + 1));
  };
  checkout::OrderDraft draft{.payment_method = "khqr",
                             .customer_id = std::nullopt,
                             .customer_name = "Customer " + std::to_string(number),
                             .customer_email = "customer@example.com"};
  draft.items.push_back({product(number), 1});
  draft.items.push_back({product(number + 7), 2});
  const checkout::CheckoutPolicy terms = policy();
  checkout::AlsoWrite also = [](WritableBooks&, const checkout::PlacedOrder&) {
    return Result<storage::Rows>(storage::Rows());
  };
  const auto placed =
      co_await checkout::place_order(filling.store, filling.provider, terms, filling.tools.clock,
                                     filling.tools.random, std::move(draft), std::move(also));
  if (!placed) co_return false;
  if (!filling.shop) co_return true;
  filling.shop->orders[number] = placed->order.id;
  filling.shop->evidence[number] = evidence_of(*placed, filling.tools);
  co_return true;
}

Task<bool> open_one(Filling& filling, std::size_t number) {
  const auto amount = core::Money::from_minor(static_cast<std::int64_t>(100 + number % 900),
                                              *core::Currency::from_code("USD"));
  const checkout::CheckoutPolicy terms = policy();
  checkout::ShowTo to;
  const auto opened = co_await checkout::open_free_session(
      filling.store, filling.provider, terms, filling.tools.clock, filling.tools.random, *amount,
      "INV-" + std::to_string(number), std::move(to));
  co_return opened.has_value();
}

/// A checkout on books, with a provider that makes its QR without a network.
class Checkout {
 public:
  Checkout(const std::string& database, Tools& tools)
      : tools_(tools),
        client_(base::make_http_client(tools.log)),
        provider_(providers::make_bakong({.base_url = "http://127.0.0.1:1",
                                          .token = base::Secret("unused"),
                                          .account_id = std::string(kAccount),
                                          .merchant_name = "Quittance Computers"},
                                         *client_, tools.clock, tools.log)),
        store_(open_store(database, tools)),
        loops_(2) {}

  storage::Store& store() { return *store_; }
  Filling filling(std::size_t products, Shop* shop) {
    return {*store_, *provider_, tools_, products, shop};
  }
  /// How many a second.
  double run(std::size_t concurrency, std::size_t count, const Operation& operation) {
    const Elapsed elapsed = run_operations(loops_, concurrency, count, operation);
    if (elapsed.failures > 0) give_up("the shop could not be filled");
    return static_cast<double>(count) / elapsed.seconds;
  }

 private:
  Tools& tools_;
  std::unique_ptr<base::HttpClient> client_;
  std::unique_ptr<providers::Provider> provider_;
  std::unique_ptr<storage::Store> store_;
  base::EventLoops loops_;
};

}  // namespace

Tools::Tools() : pass_key(draw_key(random)) {}

std::unique_ptr<storage::Store> open_store(const std::string& database, Tools& tools, bool audit) {
  auto store = storage::Store::open({.path = database, .audit = audit}, tools.clock, tools.log);
  if (!store) give_up("cannot open the books: " + store.error().detail);
  return std::move(*store);
}

Shop open_shop(const std::filesystem::path& file, std::size_t orders, std::size_t products,
               Tools& tools) {
  const core::Evidence empty{.amount = core::Money::zero(*core::Currency::from_code("USD"))};
  Shop shop{.books = file.string(),
            .orders = std::vector<core::OrderId>(orders),
            .evidence = std::vector<core::Evidence>(orders, empty)};
  Checkout checkout(file.string(), tools);
  checkout.run(1, 1, [&](std::size_t) { return stock_shelves(checkout.store()); });
  Filling filling = checkout.filling(products, &shop);
  checkout.run(256, orders, [&](std::size_t number) { return place_one(filling, number); });
  return shop;
}

double place_orders(const std::string& database, std::size_t count, std::size_t concurrency,
                    Tools& tools) {
  Checkout checkout(database, tools);
  Filling filling = checkout.filling(kProducts, nullptr);
  return checkout.run(concurrency, count,
                      [&](std::size_t number) { return place_one(filling, number); });
}

double open_sessions(const std::string& database, std::size_t count, std::size_t concurrency,
                     Tools& tools) {
  Checkout checkout(database, tools);
  Filling filling = checkout.filling(kProducts, nullptr);
  return checkout.run(concurrency, count,
                      [&](std::size_t number) { return open_one(filling, number); });
}

std::unique_ptr<storage::Connection> open_to_look(const std::string& books) {
  auto connection = storage::open_database(books, true);
  if (!connection) give_up("the books cannot be read: " + connection.error().detail);
  return std::move(*connection);
}

}  // namespace quittance::bench
