// The door of core: the words of the trade and the rules of settling, as pure values and functions.
// No I/O, no clock, no SQL, no JSON, no log in here.
#pragma once

#include "core/attention.hpp"
#include "core/evidence.hpp"
#include "core/ids.hpp"
#include "core/ladder.hpp"
#include "core/money.hpp"
#include "core/order.hpp"
#include "core/pass.hpp"
#include "core/policy.hpp"
#include "core/ranking.hpp"
#include "core/refund.hpp"
#include "core/session.hpp"
#include "core/settlement.hpp"
