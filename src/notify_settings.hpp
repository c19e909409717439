// Whom we tell: the merchant's webhook endpoints, and the mail server.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "notify/notify.hpp"
#include "providers/providers.hpp"

namespace quittance {

/// Nothing is set up by default: nobody is told.
struct NotifyConfig {
  std::vector<notify::WebhookEndpoint> endpoints;
  std::optional<notify::SmtpOptions> smtp;
  std::string mail_from;  ///< a mailbox; set together with `smtp`
};

/// QUITTANCE_WEBHOOK_* and QUITTANCE_SMTP_*, QUITTANCE_MAIL_FROM (.env.example).
base::Result<NotifyConfig> notify_from(const providers::Settings& settings);

}  // namespace quittance
