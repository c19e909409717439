// The door of base: what every room stands on. It knows nothing of orders or payments.
#pragma once

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/embedded.hpp"
#include "base/http.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/merkle.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/text.hpp"
#include "base/worker.hpp"
