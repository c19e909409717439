// The bank app's pages for the other rails: what waits, and what a payer can do about it.
#pragma once

#include <map>
#include <string>

#include "sandbox/desk.hpp"

namespace quittance::sandbox {

/// Rows of what waits at all rails; empty when nothing does.
std::string rail_rows(Desk& desk, const base::HttpRequest& request);
/// Where a scanned or pasted code leads, when it is one of a rail's: `/rails/stripe/pi_…`.
std::optional<std::string> rail_path(Desk& desk, const base::HttpRequest& request,
                                     std::string_view code);
/// `/rails/<rail>/<ref>`: the choices (GET) and doing one of them (POST).
base::HttpResponse rail_page(Desk& desk, const base::HttpRequest& request,
                             const std::map<std::string, std::string, std::less<>>& form);

}  // namespace quittance::sandbox
