// The door of the sandbox: the other side of the wire. A bank with accounts of its own, the Bakong
// Open API in front of it, a bank app for people, and knobs for what goes wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.hpp"
#include "sandbox/bank.hpp"
#include "sandbox/chaos.hpp"
#include "sandbox/faults.hpp"
#include "sandbox/payers.hpp"
#include "sandbox/rail.hpp"
#include "sandbox/transfer.hpp"

namespace quittance::sandbox {

/// On every reply; an engine that runs live refuses to talk to a server that sends it.
inline constexpr std::string_view kSandboxHeader = "X-Sandbox";
inline constexpr std::string_view kSandboxHeaderValue = "quittance";
/// A request that says `live` here is answered 403.
inline constexpr std::string_view kEnvironmentHeader = "X-Quittance-Environment";

/// Limits of the wire (law 9).
inline constexpr std::size_t kBodyLimitBytes = 64 * 1024;  ///< then 413
inline constexpr std::size_t kListLimit = 50;              ///< of md5_list and hash_list, then 400
inline constexpr std::size_t kDeliveriesAtOnce = 64;
inline constexpr std::size_t kShownLimit = 1'000;  ///< of GET /control/transactions

struct SandboxOptions {
  std::string data_file{};  ///< empty: memory only
  base::Secret token_key{};
  std::string merchant_account = "quittance_shop@quitbank";
  std::string registered_email = "demo@quittance.example";  ///< may renew its token
  /// Scheme and host of short links, no slash at the end; empty: `http://` and the Host header.
  std::string public_url{};
  /// Anything but `sandbox` is refused: this bank has no business in a live installation.
  std::string environment = "sandbox";
  /// The shop's accounts at the other providers, by the name of the rail.
  std::map<std::string, RailSettings> accounts{};
  /// The simulators beside Bakong's (src/rails.hpp lists them).
  std::vector<const Rail*> rails{};
  /// Simulated payers at the start, that many times faster than life; 0: none.
  std::int64_t population_speed = 0;
  /// Trouble on every rail by this seed, from the start on.
  std::optional<std::uint64_t> chaos_seed{};
};

/// Who pays what, and how. `qr` is a KHQR payload, or the md5 of one the bank has heard of.
struct Payment {
  std::string qr;
  PaymentTerms terms{};
};

/// The sandbox bank. Every method may be called from any thread.
class Sandbox {
 public:
  /// Errors: invalid_request (no token key), forbidden (environment), storage_failure (data file).
  static base::Result<std::unique_ptr<Sandbox>> open(SandboxOptions options,
                                                     const base::Clock& clock, base::Random& random,
                                                     base::Log& log);
  ~Sandbox();

  /// Answers one HTTP request: `/v1/…` the Open API, `/control/…` the knobs in JSON, the rest is
  /// the bank app. Waits (faults) on the executor that awaits it. The sandbox must outlive it.
  base::Task<base::HttpResponse> handle(base::HttpRequest request);

  /// Pays now, or `terms.delay` later. Errors as Bank::pay, and invalid_request for the QR.
  base::Result<Transfer> pay(const Payment& payment);
  /// Schedules one simulated payer, `speed` (at least 1) times faster than the curve of C3. Absent
  /// when this one never pays.
  base::Result<std::optional<Transfer>> pay_by_curve(Payment payment, std::int64_t speed);
  /// Makes the QR one of those that wait on the bank page, and payable by md5.
  base::Result<void> remember_qr(std::string_view qr);

  /// What a payer does at a rail: `choice` of its choices with the request `ref`. not_found for no
  /// such rail, else as Rail::act.
  base::Result<base::Json> act(std::string_view rail, const std::string& ref, const Act& act);
  /// Changes fault knobs of one rail; not_found for no such rail.
  base::Result<void> change_rail_faults(std::string_view rail, const base::Json& changes);
  base::Result<void> set_rail(std::string_view rail, RailSettings settings);
  /// Copies of a rail's objects of one kind, the newest first.
  std::vector<base::Json> objects(std::string_view rail, std::string_view kind) const;
  std::vector<Delivery> notices() const;
  /// Delivers what is due, at most `kDeliveriesAtOnce`; returns how many attempts were made.
  base::Task<std::int64_t> deliver_due(base::HttpClient& client);
  /// Delivers, and sends simulated payers, until `stop_postman`.
  base::Task<void> run_postman(base::HttpClient& client);
  void stop_postman();
  /// Lets the simulated payers at the rails pay whose time has come; returns how many did.
  std::int64_t send_payers();
  /// What `chaos_seed` leads to; empty without one.
  std::vector<Spell> chaos_plan() const;

  void set_faults(const Faults& faults);
  Faults faults() const;
  /// In the order of booking, without the first `skip`.
  std::vector<Transfer> transactions(std::size_t skip = 0) const;
  /// Calls of the Open API by path since the start or the last reset; unknown paths as `other`.
  std::map<std::string, std::int64_t> calls() const;
  /// A token for the Open API; a lifetime below zero makes one that has expired.
  std::string issue_token(std::int64_t lifetime_s) const;
  /// Forgets transfers, QR codes, counts and faults, on disk too.
  base::Result<void> reset();

 private:
  struct Room;
  explicit Sandbox(std::unique_ptr<Room> room);
  std::unique_ptr<Room> room_;
};

}  // namespace quittance::sandbox
