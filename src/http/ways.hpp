// The ways of paying that the shop's pages offer: which provider stands behind each, and for which
// orders.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/visit.hpp"

namespace quittance::http {

/// `method` is the word in the API and in the books: `khqr` for Bakong, else the provider's name.
struct Way {
  std::string method;
  providers::Provider* provider = nullptr;
  providers::Capabilities can;
};

/// Longest telephone number taken (E.164 has 15 digits), with blanks.
inline constexpr std::size_t kPhoneMost = 20;

/// The word for a provider.
std::string way_of_provider(std::string_view provider);
/// How English pages speak of a way. Views of what is given or lives for ever.
struct WayWords {
  std::string_view method;
  std::string_view title;  ///< a proper name: the same in every language
  std::string_view text;   ///< to choose by; may be empty
  std::string_view how;    ///< what to do with its code
  bool keeps = false;      ///< its code can be kept and paid days later
};
WayWords words_of_way(std::string_view method);
/// Those that are set up, in the registry's order. A branch's own account is for its billing page.
std::vector<Way> all_ways(const Services& services);
/// Those of them that take this currency.
std::vector<Way> ways_for(const Services& services, core::Currency currency);
/// The provider of a chosen way. invalid_request on `payment_method` when it is not set up, on
/// `payer_phone` when it rings a phone and there is no number that could be one.
base::Result<providers::Provider*> chosen_way(const Services& services, std::string_view method,
                                              std::string_view payer_phone);

}  // namespace quittance::http
