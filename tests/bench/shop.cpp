#include "bench/shop.hpp"

#include <fcntl.h>
#include <unistd.h>

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
  Shop& shop;
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

Task<bool> place_one(Filling& filling, std::size_t number) {
  const auto product = [](std::size_t n) {
    return core::ProductId(static_cast<std::int64_t>(n % kProducts + 1));
  };
  checkout::OrderDraft draft{.payment_method = "khqr",
                             .customer_id = std::nullopt,
                             .customer_name = "Customer " + std::to_string(number),
                             .customer_email = "customer@example.com"};
  draft.items.push_back({product(number), 1});
  draft.items.push_back({product(number + 7), 2});
  checkout::CheckoutPolicy policy;
  policy.first_check_after = std::chrono::hours(24);
  checkout::AlsoWrite also = [](WritableBooks&, const checkout::PlacedOrder&) {
    return Result<storage::Rows>(storage::Rows());
  };
  const auto placed =
      co_await checkout::place_order(filling.store, filling.provider, policy, filling.tools.clock,
                                     filling.tools.random, std::move(draft), std::move(also));
  if (!placed) co_return false;
  filling.shop.orders[number] = placed->order.id;
  filling.shop.evidence[number] = evidence_of(*placed, filling.tools);
  co_return true;
}

}  // namespace

Tools::Tools() : pass_key(draw_key(random)) {}

std::unique_ptr<storage::Store> open_store(const std::filesystem::path& file, Tools& tools,
                                           bool audit) {
  auto store =
      storage::Store::open({.path = file.string(), .audit = audit}, tools.clock, tools.log);
  if (!store) give_up("cannot open the books: " + store.error().detail);
  return std::move(*store);
}

Shop open_shop(const std::filesystem::path& file, std::size_t orders, Tools& tools) {
  const core::Evidence empty{.amount = core::Money::zero(*core::Currency::from_code("USD"))};
  Shop shop{.file = file,
            .orders = std::vector<core::OrderId>(orders),
            .evidence = std::vector<core::Evidence>(orders, empty)};
  const auto client = base::make_http_client(tools.log);
  const auto provider = providers::make_bakong({.base_url = "http://127.0.0.1:1",
                                                .token = base::Secret("unused"),
                                                .account_id = std::string(kAccount),
                                                .merchant_name = "Quittance Computers"},
                                               *client, tools.clock, tools.log);
  const auto store = open_store(file, tools);
  base::EventLoops loops(2);
  const Elapsed stocked =
      run_operations(loops, 1, 1, [&store](std::size_t) { return stock_shelves(*store); });
  Filling filling{.store = *store, .provider = *provider, .tools = tools, .shop = shop};
  const Elapsed filled = run_operations(
      loops, 256, orders, [&filling](std::size_t number) { return place_one(filling, number); });
  if (stocked.failures + filled.failures > 0) give_up("the shop could not be filled");
  return shop;
}

void copy_books(const Shop& shop, const std::filesystem::path& file) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(file.string() + suffix);
  }
  std::filesystem::copy_file(shop.file, file);
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || ::fsync(descriptor) != 0) give_up("cannot copy the books");
  ::close(descriptor);
}

}  // namespace quittance::bench
