// Which national scheme an EMV payload belongs to: by tag and globally unique id.
#pragma once

#include <span>
#include <string_view>

#include "qr/emv.hpp"

namespace quittance::qr {

/// The schemes we can name.
enum class Scheme {
  unknown,
  promptpay,       ///< Thailand, transfer
  promptpay_bill,  ///< Thailand, bill payment
  vietqr,
  paynow,    ///< Singapore
  sgqr,      ///< Singapore, several schemes in one code
  qris,      ///< Indonesia
  duitnow,   ///< Malaysia
  pix,       ///< Brazil
  mongolia,  ///< QPay and the bank switch
  bharat_qr  ///< India, card networks
};

/// Stable snake_case name.
std::string_view scheme_name(Scheme scheme);

/// Told by the globally unique ids in the account templates, by the country where there is none.
Scheme find_scheme(std::span<const DataObject> objects);

}  // namespace quittance::qr
