// A mail as a value, and the rules that keep it one mail: nothing that anybody typed can start
// another header or reach another mailbox.
#pragma once

#include <string>
#include <string_view>

#include "base/base.hpp"

namespace quittance::notify {

/// Limits of mail (law 9): side by side, and the time for one.
inline constexpr std::int64_t kMailsAtOnce = 4;
inline constexpr base::Duration kMailTimeout{60'000};

/// One mail to one person, with one picture: shown in the text, and attached.
struct Mail {
  std::string from;        ///< a mailbox, `is_mailbox`
  std::string from_name;   ///< any text
  std::string to;          ///< a mailbox
  std::string subject;     ///< any text
  std::string message_id;  ///< without angle brackets
  base::Time sent_at;
  std::string text;
  std::string html;          ///< shows the picture as `cid:` + `picture_id`
  std::string picture;       ///< PNG
  std::string picture_id;    ///< a Content-ID without angle brackets
  std::string picture_name;  ///< of the file: letters, digits, `-` and `.`
};

/// Whether this can be a mailbox `local@domain` of RFC 5321 in plain ASCII: no quotes, comments,
/// blanks or brackets, at most 64 and 190 bytes. What is left out is not in use.
bool is_mailbox(std::string_view text);

/// `text` as a header may hold it: as it is when it is harmless ASCII, else as encoded words
/// (RFC 2047), folded so that no line is over 76 bytes.
std::string header_text(std::string_view text);

/// `Thu, 26 Nov 2026 10:08:33 +0000` (RFC 5322).
std::string header_date(base::Time moment);

/// What a server made of a mail.
struct Posted {
  bool taken = false;
  int status = 0;       ///< its last reply code; 0: none came
  std::string error{};  ///< a stable word when it was not taken
};

/// Hands mails to a server.
class MailServer {
 public:
  virtual ~MailServer() = default;
  virtual base::Task<Posted> post(Mail mail) = 0;
};

}  // namespace quittance::notify
