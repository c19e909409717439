// Replies of providers that say in their own dialect what is wrong with a request (4xx): what is
// wrong below the dialect.
#pragma once

#include "providers/reply.hpp"

namespace quittance::providers {

/// Why this reply says nothing: no connection, 401, 403, 429, 5xx, or a sandbox that answers a live
/// engine. nullopt: it is to be read in the provider's dialect.
std::optional<Unknown> trouble_in(const base::Result<base::HttpReply>& reply,
                                  std::string_view environment);

/// What a person must do about it (N11); empty: nothing. `credentials` names the settings.
std::string alarm_of(std::string_view title, std::string_view credentials, UnknownReason reason);

/// The same as an error for whoever waits: nothing changed, it can be tried again.
std::unexpected<base::Error> not_heard(std::string_view title, const Unknown& unknown);

}  // namespace quittance::providers
