// What every desk of the bank (Open API, control, pages) works with, and how they answer.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/base.hpp"
#include "sandbox/bank.hpp"
#include "sandbox/faults.hpp"
#include "sandbox/rail_hall.hpp"
#include "sandbox/sandbox.hpp"

namespace quittance::sandbox {

/// The bank behind its counter. Whoever holds one holds Sandbox's mutex.
struct Desk {
  const SandboxOptions& options;
  const base::Clock& clock;
  base::Random& random;
  Bank& bank;
  Faults& faults;
  std::map<std::string, std::int64_t>& calls;
  RailHall& hall;
};

/// Scheme and host under which whoever asks reaches us.
std::string origin_of(const Desk& desk, const base::HttpRequest& request);

/// The QR itself, or the known one with this md5. Errors: invalid_request, not_found on `qr`.
base::Result<Payable> find_payable(const Desk& desk, std::string_view qr_or_md5);
/// Remembers the QR and pays it.
base::Result<Transfer> pay_at(Desk& desk, const Payment& payment);
base::Result<std::optional<Transfer>> pay_by_curve_at(Desk& desk, Payment payment,
                                                      std::int64_t speed);
/// Remembers a QR; a new one gets its simulated payer when population_speed is set.
base::Result<void> remember_at(Desk& desk, KnownQr known);
base::Result<void> reset_at(Desk& desk);
/// Gives what waits at a rail its simulated payers, when population_speed is set.
void meet_payers_at(Desk& desk, RailRoom& room, RailDesk& rail_desk);
/// Those whose time has come pay; how many did.
std::int64_t send_payers_at(Desk& desk);

/// The access token that `issue_token` hands out.
std::string token_at(const Desk& desk, std::int64_t lifetime_s);

base::HttpResponse json_response(int status, const base::Json& body);

/// Bakong Open API: paths that begin with `/v1/`.
base::HttpResponse answer_bakong(Desk& desk, const base::HttpRequest& request);
/// True for a path that the Open API has.
bool is_bakong_path(std::string_view path);
/// JSON control: paths that begin with `/control/`.
base::HttpResponse answer_control(Desk& desk, const base::HttpRequest& request);
/// The bank app: everything else.
base::HttpResponse answer_page(Desk& desk, const base::HttpRequest& request);

}  // namespace quittance::sandbox
