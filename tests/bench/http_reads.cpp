// What people look at while others pay: an order's status, and the page that verifies a proof.
#include "bench/http_requests.hpp"
#include "bench/parts.hpp"
#include "bench/server_process.hpp"

namespace quittance::bench {
namespace {

/// Looks to one write, where both go on.
constexpr std::size_t kLooksPerWrite = 4;

/// Open checkout pages and proofs: what it takes to look at them.
struct Looks {
  std::vector<std::string> statuses;
  std::vector<std::string> proofs;
};

class HttpReads final : public Part {
 public:
  explicit HttpReads(const Bench& bench)
      : bench_(bench),
        status_(add("HTTP, read an order's status, 64 conns", bench.figures.find(kBareReply))),
        status_beside_(add("… one write to four reads", &status_)),
        proof_(add("HTTP, verification page, 64 conns", bench.figures.find(kBareReply))),
        proof_beside_(add("… one write to four reads of it", &proof_)) {}

  void repeat(bool) override {
    const std::string address = bench_.fresh_books();
    const ServerProcess server(bench_.places.program, bench_.places.server(), address);
    const std::uint16_t port = server.port();
    const std::string authorization = bearer(port);
    const std::size_t share = bench_.shop.orders.size() / 4;
    const std::span all(bench_.shop.orders);
    load(port, {.connections = 64}, marking_paid(all.first(share), authorization), 200);
    const Looks looks = looks_at(address, all.first(share));
    note(status_, load(port, {.connections = 64}, repeated(looks.statuses, share * 2), 200));
    note(proof_, load(port, {.connections = 64}, repeated(looks.proofs, share * 2), 200));
    beside(status_beside_, port, looks.statuses,
           marking_paid(all.subspan(share, share), authorization));
    beside(proof_beside_, port, looks.proofs,
           marking_paid(all.subspan(share * 2, share), authorization));
  }

 private:
  Figure& add(std::string name, const Figure* ceiling) {
    return bench_.figures.add(std::move(name), "/s", ceiling);
  }

  /// The secrets and proofs of orders that were paid, from the books.
  static Looks looks_at(const std::string& address, std::span<const core::OrderId> orders) {
    const auto connection = open_to_look(address);
    storage::Books books(*connection);
    Looks looks;
    for (const core::OrderId id : orders) {
      const auto order = books.order(id);
      const auto pass = books.pass_of_order(id);
      if (!order || !*order || !pass || !*pass) give_up("an order has no pass");
      looks.statuses.push_back(reading_status(id, (*order)->order_secret));
      looks.proofs.push_back(
          render_request("GET", "/app/qr-verification?code=" + base::url_encode((*pass)->token)));
    }
    return looks;
  }

  static std::vector<std::string> repeated(const std::vector<std::string>& looks,
                                           std::size_t count) {
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < count; ++i)
      requests.push_back(looks[i % looks.size()]);
    return requests;
  }

  /// Writes and looks on the same connections; only the looks count.
  static void beside(Figure& figure, std::uint16_t port, const std::vector<std::string>& looks,
                     const std::vector<std::string>& writes) {
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < writes.size() * (kLooksPerWrite + 1); ++i) {
      const bool write = i % (kLooksPerWrite + 1) == 0;
      requests.push_back(write ? writes[i / (kLooksPerWrite + 1)] : looks[i % looks.size()]);
    }
    const LoadResult result = load(port, {.connections = 64}, requests, 200);
    figure.values.push_back(result.per_second * kLooksPerWrite / (kLooksPerWrite + 1));
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (i % (kLooksPerWrite + 1) != 0) figure.latencies_ms.push_back(result.latencies_ms[i]);
    }
  }

  Bench bench_;
  Figure& status_;
  Figure& status_beside_;
  Figure& proof_;
  Figure& proof_beside_;
};

}  // namespace

std::unique_ptr<Part> make_http_reads(const Bench& bench) {
  return std::make_unique<HttpReads>(bench);
}

}  // namespace quittance::bench
