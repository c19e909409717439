// What the parts of the MVola simulator share. Sums are whole ariary in int64 here: arithmetic of
// its own, apart from core's.
#pragma once

#include <string>
#include <string_view>

#include "sandbox/rail.hpp"

namespace quittance::sandbox {

/// The two numbers that the real test service knows.
inline constexpr std::string_view kMvolaNumbers[] = {"0343500003", "0343500004"};

/// What the gateway says: `{"fault":{"code":900901,…}}`.
base::HttpResponse mvola_fault(int status, std::int64_t code, std::string_view message);
/// What the business behind it says: `{"errorCategory":…,"errorParameters":[…]}`.
base::HttpResponse mvola_error(RailDesk& desk, int status, std::string_view code,
                               std::string_view number, std::string_view text);

/// The value of `msisdn` in a list of `{"key","value"}`.
std::string mvola_party(const base::Json& list);

base::HttpResponse mvola_initiate(RailDesk& desk, const base::HttpRequest& request);
base::HttpResponse mvola_status(RailDesk& desk, const std::string& id);
base::HttpResponse mvola_details(RailDesk& desk, const std::string& reference);

/// `pending`, `completed`, `failed`; a push that nobody answered fails by itself.
std::string mvola_state(const RailDesk& desk, const base::Json& push);
/// What the payer's phone does; the callback follows.
base::Result<base::Json> mvola_act(RailDesk& desk, const std::string& ref, const Act& act);

}  // namespace quittance::sandbox
