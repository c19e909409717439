// The door of checkout: from a cart to an order with a QR, in one write transaction.
#pragma once

#include "checkout/admission.hpp"
#include "checkout/catalog.hpp"
#include "checkout/phone.hpp"
#include "checkout/place_order.hpp"
#include "checkout/session_opening.hpp"
