// How soon the program listens, and how much memory it takes to do so.
#include "bench/parts.hpp"
#include "bench/server_process.hpp"

namespace quittance::bench {
namespace {

class StartUp final : public Part {
 public:
  explicit StartUp(const Bench& bench)
      : places_(bench.places),
        start_up_(bench.figures.add("start-up, empty folder", " ms")),
        resident_(bench.figures.add("memory when idle", " MiB")) {}

  void repeat(bool) override {
    const std::filesystem::path folder = places_.folder / "empty";
    {
      const ServerProcess server(places_.program, folder, (folder / "quittance.db").string());
      start_up_.values.push_back(server.start_up_ms());
      resident_.values.push_back(server.resident_mib());
    }
    std::filesystem::remove_all(folder);
  }

 private:
  const Places& places_;
  Figure& start_up_;
  Figure& resident_;
};

}  // namespace

std::unique_ptr<Part> make_start_up(const Bench& bench) { return std::make_unique<StartUp>(bench); }

}  // namespace quittance::bench
