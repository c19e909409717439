// Mail by SMTP, through libcurl. It blocks, so it has threads of its own.
#pragma once

#include <memory>

#include "notify/mail.hpp"

namespace quittance::notify {

/// A mail server and our login there.
struct SmtpOptions {
  std::string url;       ///< smtp://host:587 (TLS by STARTTLS) or smtps://host:465
  std::string username;  ///< empty: no login
  base::Secret password;
  bool tls = true;  ///< false only on this very machine: a local relay seldom has it
};

/// Checks an address and a login. The error's `param` is `url`, `username` or `password`.
base::Result<SmtpOptions> read_smtp(const std::string& url, const std::string& username,
                                    const base::Secret& password);

/// Peer and host are verified whenever there is TLS; a server that has none is not given anything.
/// The destructor breaks off what is under way.
std::unique_ptr<MailServer> make_smtp(SmtpOptions options, base::Log& log);

}  // namespace quittance::notify
