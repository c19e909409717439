// The parts of the bench: figures that are measured together, each in a file of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "bench/figures.hpp"
#include "bench/shop.hpp"

namespace quittance::bench {

/// Where things are.
struct Places {
  std::filesystem::path program;  ///< quittance itself
  std::filesystem::path folder;   ///< of the bench, on the disk that is measured
  std::string postgres;           ///< address of an empty server's database; empty: there is none
  std::string books() const { return (folder / "run.db").string(); }
};

/// What every part needs.
struct Bench {
  Figures& figures;
  Tools& tools;
  const Shop& shop;
  const Places& places;
  /// Only that everything can be measured.
  bool quick = false;
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

/// The ceiling of all ways to settle that are not of another database.
inline constexpr std::string_view kRawSqlite = "raw SQLite, 1024 at a time";
/// The program over the same statements.
inline constexpr std::string_view kSettle = "settle in process, 1024 at a time";

std::unique_ptr<Part> make_sqlite_settles(const Bench& bench);
std::unique_ptr<Part> make_postgres_settles(const Bench& bench);
std::unique_ptr<Part> make_openings(const Bench& bench);
std::unique_ptr<Part> make_http_settles(const Bench& bench);
std::unique_ptr<Part> make_http_reads(const Bench& bench);
std::unique_ptr<Part> make_http_notices(const Bench& bench);
std::unique_ptr<Part> make_large_books(const Bench& bench);
std::unique_ptr<Part> make_start_up(const Bench& bench);

}  // namespace quittance::bench
