// Where an order stands, as a reply and as server-sent events.
#pragma once

#include "http/visit.hpp"

namespace quittance::http {

/// The status object (docs/api.md), no-store. Asking makes the order's session hot.
Answered answer_status(Services& services, core::OrderId id);

/// Somebody looks at the order's page: a session that waits is asked about at the hot cadence.
base::Task<void> keep_order_hot(Services& services, core::OrderId id);

/// One `status` event now, one at each change, a comment line while nothing happens; ends once the
/// order can change no more, or after a quarter of an hour (the page opens another). Holds `place`
/// as long as it lasts.
std::shared_ptr<base::HttpStream> make_status_stream(Services& services, core::OrderId id,
                                                     std::shared_ptr<void> place);

}  // namespace quittance::http
