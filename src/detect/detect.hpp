// The door of detect: how we learn that money came, and the one funnel (`settle`) that all six ways
// end in.
#pragma once

#include "detect/asker.hpp"
#include "detect/bulletin.hpp"
#include "detect/cancel.hpp"
#include "detect/cleanup.hpp"
#include "detect/closing.hpp"
#include "detect/listed.hpp"
#include "detect/manual.hpp"
#include "detect/notices.hpp"
#include "detect/pace.hpp"
#include "detect/poller.hpp"
#include "detect/receipts.hpp"
#include "detect/reconciliation.hpp"
#include "detect/recovery.hpp"
#include "detect/refunds.hpp"
#include "detect/returned.hpp"
#include "detect/settle.hpp"
#include "detect/sync.hpp"
#include "detect/token_bucket.hpp"
