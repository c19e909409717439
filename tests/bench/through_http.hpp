// The whole path: the real program, asked over HTTP.
#pragma once

#include "bench/figures.hpp"
#include "bench/server_process.hpp"
#include "bench/shop.hpp"

namespace quittance::bench {

/// Where the figures of the HTTP runs go.
struct HttpFigures {
  Figure& bare_reply;
  Figure& settle_64;
  Figure& settle_256;
  Figure& place_order;
  Figure& read_status;
  Figure& resident_after_load;
};

/// One repetition: a server on a copy of the shop's books, all loads one after the other. Each half
/// of the orders is settled once, by `POST /api/orders/{id}/mark-paid`.
void run_through_http(const std::filesystem::path& program, const std::filesystem::path& data_dir,
                      const Shop& shop, HttpFigures figures);

}  // namespace quittance::bench
