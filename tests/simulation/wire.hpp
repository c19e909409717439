// The wire between the engine and the bank: the real sandbox in process, behind a transport that
// loses, delays and repeats what it carries.
#pragma once

#include "sandbox/sandbox.hpp"
#include "simulation/facts.hpp"
#include "simulation/trace.hpp"

namespace quittance::simulation {

/// Chances in percent of what the wire does to a call; the bank's own faults come on top.
struct WireFaults {
  std::uint64_t lose_request = 0;
  std::uint64_t lose_reply = 0;
  std::uint64_t hang = 0;
  std::uint64_t repeat = 0;
  std::uint64_t delay = 0;  ///< up to five seconds
};

class BankWire final : public base::HttpClient {
 public:
  BankWire(sandbox::Sandbox& bank, const base::Clock& engine_clock, base::Random& random,
           Facts& facts, Trace& trace)
      : bank_(bank), engine_clock_(engine_clock), random_(random), facts_(facts), trace_(trace) {}
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override;
  void set_faults(WireFaults faults) { faults_ = faults; }
  std::int64_t calls() const { return calls_; }

 private:
  bool hits(std::uint64_t percent) { return percent > 0 && random_.below(100) < percent; }
  void witness(const std::string& request, const base::HttpResponse& response);
  void heard(const std::string& md5);

  sandbox::Sandbox& bank_;
  const base::Clock& engine_clock_;
  base::Random& random_;
  Facts& facts_;
  Trace& trace_;
  WireFaults faults_;
  std::int64_t calls_ = 0;
};

}  // namespace quittance::simulation
