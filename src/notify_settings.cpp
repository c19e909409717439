#include "notify_settings.hpp"

namespace quittance {

using base::Result;
using providers::wrong;

Result<NotifyConfig> notify_from(const providers::Settings& settings) {
  NotifyConfig config;
  base::Secret secrets;
  settings.read_secret("QUITTANCE_WEBHOOK_SECRET", secrets);
  auto endpoints =
      notify::read_webhook_endpoints(settings.find("QUITTANCE_WEBHOOK_URL").value_or(""), secrets);
  if (!endpoints) {
    const bool of_url = endpoints.error().param == "url";
    return wrong(of_url ? "QUITTANCE_WEBHOOK_URL" : "QUITTANCE_WEBHOOK_SECRET",
                 endpoints.error().message);
  }
  config.endpoints = std::move(*endpoints);
  settings.read_text("QUITTANCE_MAIL_FROM", config.mail_from);
  const auto url = settings.find("QUITTANCE_SMTP_URL");
  if (url.has_value() != !config.mail_from.empty()) {
    return wrong(url ? "QUITTANCE_MAIL_FROM" : "QUITTANCE_SMTP_URL",
                 "is missing: mail needs both QUITTANCE_SMTP_URL and QUITTANCE_MAIL_FROM.");
  }
  if (!url) return config;
  if (!notify::is_mailbox(config.mail_from)) {
    return wrong("QUITTANCE_MAIL_FROM", "must be a plain address, like shop@example.com.");
  }
  base::Secret password;
  settings.read_secret("QUITTANCE_SMTP_PASSWORD", password);
  auto smtp =
      notify::read_smtp(*url, settings.find("QUITTANCE_SMTP_USERNAME").value_or(""), password);
  if (!smtp) {
    const std::string& param = smtp.error().param;
    return wrong(param == "url"        ? "QUITTANCE_SMTP_URL"
                 : param == "username" ? "QUITTANCE_SMTP_USERNAME"
                                       : "QUITTANCE_SMTP_PASSWORD",
                 smtp.error().message);
  }
  config.smtp = std::move(*smtp);
  return config;
}

}  // namespace quittance
