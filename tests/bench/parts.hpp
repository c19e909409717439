// The parts of the bench: figures that are measured together, each in a file of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "bench/engine.hpp"
#include "bench/figures.hpp"
#include "bench/shop.hpp"

namespace quittance::bench {

/// Where things are.
struct Places {
  std::filesystem::path program;  ///< quittance itself
  std::filesystem::path folder;   ///< of the bench, on the disk that is measured
  std::string postgres;           ///< address of an empty server's database; empty: there is none
  /// Data of a server that runs for a part: its keys and its log.
  std::filesystem::path server() const { return folder / "server"; }
};

/// What every part needs to measure on one database.
struct Bench {
  Figures& figures;  ///< of this database
  Tools& tools;
  Engine& engine;
  const Shop& shop;  ///< its books are in this database
  const Places& places;
  /// Only that everything can be measured.
  bool quick = false;
  /// A copy of the shop's books, for one run.
  std::string fresh_books() const { return engine.copy(shop.books, "run"); }
};

/// Names its figures when it is made.
class Part {
 public:
  virtual ~Part() = default;
  /// Measures each of its figures once. Ceilings and product take turns in going first, so that
  /// neither always finds the machine as the other left it.
  virtual void repeat(bool product_first) = 0;
  /// What else is to be said of it, as lines of text.
  virtual std::string remarks() const { return ""; }
};

/// The ceiling of all ways to settle: the largest groups.
inline constexpr std::string_view kRaw = "raw, settle, 1024 at a time";
/// The ceiling of all other requests.
inline constexpr std::string_view kBareReply = "HTTP, bare reply (/health), 64 conns";

std::unique_ptr<Part> make_settles(const Bench& bench);
std::unique_ptr<Part> make_openings(const Bench& bench);
std::unique_ptr<Part> make_http_settles(const Bench& bench);
std::unique_ptr<Part> make_http_reads(const Bench& bench);
std::unique_ptr<Part> make_http_notices(const Bench& bench);
std::unique_ptr<Part> make_large_books(const Bench& bench);
std::unique_ptr<Part> make_start_up(const Bench& bench);

}  // namespace quittance::bench
