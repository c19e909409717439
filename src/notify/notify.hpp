// The door of notify: others are told what happened, from the rows that settling wrote. Only here
// does anything of ours leave the process unasked.
#pragma once

#include "notify/carrier.hpp"
#include "notify/lane.hpp"
#include "notify/mail.hpp"
#include "notify/merchant_webhook.hpp"
#include "notify/outbox.hpp"
#include "notify/receipt_mail.hpp"
#include "notify/smtp.hpp"
#include "notify/url.hpp"
