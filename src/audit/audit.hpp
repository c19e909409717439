// The door of audit: the log made provable, read a second time, and put into words.
#pragma once

#include "audit/checkpoint.hpp"
#include "audit/history.hpp"
#include "audit/notary.hpp"
#include "audit/proof.hpp"
#include "audit/verify_log.hpp"
