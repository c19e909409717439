// `quittance qr encode` and `quittance qr decode`: the codecs as filters, one answer per line.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace quittance::qr {

/// A longer line is answered with an error.
inline constexpr std::size_t kMaxCommandLineBytes = 65536;

/// Runs `args` = {"encode"} or {"decode"} over the lines of `in` until it ends.
///
/// encode: each line is a JSON object with `kind` ("individual", "merchant"), `account`,
/// `name`, `city`, the optional keys of the bank's SDK (`currency`, `amount`, `merchantID`,
/// `billNumber`, …) and `now_ms`; answers `{"qr":…,"md5":…}` or
/// `{"error_code":n,"message":…}` with the SDK's numbers. What is not a usable line has 8.
/// As in the SDK, null, "" and 0 mean "not given".
///
/// decode: each line is any text; answers `{"format":…,"fields":{…},"valid":…,"errors":[…]}` and,
/// for an EMV payload of a known scheme, `scheme`. An error is `{"code":…,"message":…}` with
/// `error_code` when the SDK has a number for it.
///
/// Returns the exit status: 0, or 2 for wrong arguments. A bad line never ends the stream.
int run_qr_command(std::span<const std::string> args, std::istream& in, std::ostream& out,
                   std::ostream& err);

}  // namespace quittance::qr
