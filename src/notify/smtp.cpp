#include "notify/smtp.hpp"

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <stdexcept>

#include "notify/url.hpp"

namespace quittance::notify {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;

constexpr long kConnectTimeoutMs = 10'000;

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeMime {
  void operator()(curl_mime* mime) const { curl_mime_free(mime); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;
using Lines = std::unique_ptr<curl_slist, FreeList>;
using Mime = std::unique_ptr<curl_mime, FreeMime>;

bool add_line(Lines& lines, const std::string& line) {
  curl_slist* longer = curl_slist_append(lines.get(), line.c_str());
  if (longer == nullptr) return false;
  static_cast<void>(lines.release());
  lines.reset(longer);
  return true;
}

template <class Value>
bool set(CURL* handle, CURLoption option, Value value) {
  return curl_easy_setopt(handle, option, value) == CURLE_OK;
}

/// One part with its bytes; nullptr when there is no memory.
curl_mimepart* add_part(curl_mime* mime, const std::string& bytes, const char* type,
                        const char* encoder) {
  curl_mimepart* part = curl_mime_addpart(mime);
  const bool filled =
      part != nullptr && curl_mime_data(part, bytes.data(), bytes.size()) == CURLE_OK &&
      curl_mime_type(part, type) == CURLE_OK && curl_mime_encoder(part, encoder) == CURLE_OK;
  return filled ? part : nullptr;
}

/// Puts `inner` into `outer` as one part, which then owns it.
bool nest(curl_mime* outer, Mime inner, const char* type) {
  curl_mimepart* part = curl_mime_addpart(outer);
  if (part == nullptr || curl_mime_subparts(part, inner.get()) != CURLE_OK) return false;
  static_cast<void>(inner.release());
  return curl_mime_type(part, type) == CURLE_OK;
}

bool add_headers(curl_mimepart* part, std::initializer_list<std::string> headers) {
  Lines lines;
  for (const std::string& header : headers) {
    if (!add_line(lines, header)) return false;
  }
  return curl_mime_headers(part, lines.release(), 1) == CURLE_OK;
}

/// mixed(related(alternative(text, html), picture), picture).
Mime mime_of(CURL* handle, const Mail& mail) {
  Mime mixed(curl_mime_init(handle));
  Mime related(curl_mime_init(handle));
  Mime alternative(curl_mime_init(handle));
  if (!mixed || !related || !alternative) return nullptr;
  const char* kQuoted = "quoted-printable";
  if (!add_part(alternative.get(), mail.text, "text/plain; charset=utf-8", kQuoted) ||
      !add_part(alternative.get(), mail.html, "text/html; charset=utf-8", kQuoted) ||
      !nest(related.get(), std::move(alternative), "multipart/alternative")) {
    return nullptr;
  }
  curl_mimepart* shown = add_part(related.get(), mail.picture, "image/png", "base64");
  if (!shown || !add_headers(shown, {"Content-Disposition: inline",
                                     "Content-ID: <" + mail.picture_id + ">"})) {
    return nullptr;
  }
  if (!nest(mixed.get(), std::move(related), "multipart/related")) return nullptr;
  curl_mimepart* attached = add_part(mixed.get(), mail.picture, "image/png", "base64");
  if (!attached || curl_mime_filename(attached, mail.picture_name.c_str()) != CURLE_OK) {
    return nullptr;
  }
  return mixed;
}

Lines headers_of(const Mail& mail) {
  Lines lines;
  const bool all =
      add_line(lines, "Date: " + header_date(mail.sent_at)) &&
      add_line(lines, "From: " + header_text(mail.from_name) + " <" + mail.from + ">") &&
      add_line(lines, "To: <" + mail.to + ">") &&
      add_line(lines, "Subject: " + header_text(mail.subject)) &&
      add_line(lines, "Message-ID: <" + mail.message_id + ">") &&
      // No answering machine shall answer.
      add_line(lines, "Auto-Submitted: auto-generated");
  return all ? std::move(lines) : Lines();
}

std::string word_of(CURLcode outcome, long status) {
  if (outcome == CURLE_OPERATION_TIMEDOUT) return "timeout";
  if (outcome == CURLE_LOGIN_DENIED) return "login_refused";
  if (outcome == CURLE_USE_SSL_FAILED || outcome == CURLE_SSL_CONNECT_ERROR ||
      outcome == CURLE_PEER_FAILED_VERIFICATION) {
    return "tls_failed";
  }
  return status >= 400 ? "smtp_" + std::to_string(status) : "unreachable";
}

class Smtp final : public MailServer {
 public:
  Smtp(SmtpOptions options, base::Log& log)
      : options_(std::move(options)), log_(log), worker_(static_cast<std::size_t>(kMailsAtOnce)) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK) throw std::runtime_error("libcurl cannot start");
  }
  ~Smtp() override { closing_ = true; }
  Smtp(const Smtp&) = delete;
  Smtp& operator=(const Smtp&) = delete;

  Task<Posted> post(Mail mail) override {
    std::move_only_function<Posted()> work = [this, mail = std::move(mail)] { return send(mail); };
    co_return co_await worker_.run(std::move(work));
  }

 private:
  /// Called about once a second, also while nothing comes.
  static int is_closing(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const Smtp*>(self)->closing_ ? 1 : 0;
  }

  bool prepare(CURL* handle, const Mail& mail, curl_slist* recipients, curl_slist* headers,
               curl_mime* mime) const {
    const std::string from = "<" + mail.from + ">";
    // The path is the name that we greet with.
    const std::string url = options_.url + "/" + mail.from.substr(mail.from.find('@') + 1);
    return set(handle, CURLOPT_URL, url.c_str()) &&
           set(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps") &&
           set(handle, CURLOPT_USE_SSL,
               static_cast<long>(options_.tls ? CURLUSESSL_ALL : CURLUSESSL_NONE)) &&
           set(handle, CURLOPT_SSL_VERIFYPEER, 1L) && set(handle, CURLOPT_SSL_VERIFYHOST, 2L) &&
           set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
           (options_.username.empty() ||
            (set(handle, CURLOPT_USERNAME, options_.username.c_str()) &&
             set(handle, CURLOPT_PASSWORD, options_.password.reveal().c_str()))) &&
           set(handle, CURLOPT_MAIL_FROM, from.c_str()) &&
           set(handle, CURLOPT_MAIL_RCPT, recipients) && set(handle, CURLOPT_HTTPHEADER, headers) &&
           set(handle, CURLOPT_MIMEPOST, mime) && set(handle, CURLOPT_NOSIGNAL, 1L) &&
           set(handle, CURLOPT_PROXY, "") &&
           set(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs) &&
           set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(kMailTimeout.count())) &&
           set(handle, CURLOPT_NOPROGRESS, 0L) &&
           set(handle, CURLOPT_XFERINFOFUNCTION, &is_closing) &&
           set(handle, CURLOPT_XFERINFODATA, const_cast<Smtp*>(this));
  }

  Posted send(const Mail& mail) const {
    const Handle handle(curl_easy_init());
    Lines recipients;
    const bool addressed = add_line(recipients, "<" + mail.to + ">");
    const Lines headers = headers_of(mail);
    const Mime mime = handle ? mime_of(handle.get(), mail) : nullptr;
    std::array<char, CURL_ERROR_SIZE> explanation{};
    if (!addressed || !headers || !mime ||
        !prepare(handle.get(), mail, recipients.get(), headers.get(), mime.get()) ||
        !set(handle.get(), CURLOPT_ERRORBUFFER, explanation.data())) {
      return {.taken = false, .status = 0, .error = "out_of_memory"};
    }
    const CURLcode outcome = curl_easy_perform(handle.get());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    if (outcome == CURLE_OK) return {.taken = true, .status = static_cast<int>(status)};
    log_.warning(
        "mail.not_taken",
        {{"message_id", mail.message_id}, {"status", status}, {"detail", explanation.data()}});
    return {.taken = false, .status = static_cast<int>(status), .error = word_of(outcome, status)};
  }

  SmtpOptions options_;
  base::Log& log_;
  std::atomic<bool> closing_ = false;
  base::Worker worker_;  ///< last: its jobs use the others
};

}  // namespace

Result<SmtpOptions> read_smtp(const std::string& url, const std::string& username,
                              const base::Secret& password) {
  const auto parsed = parse_url(url);
  const bool known = parsed && (parsed->scheme == "smtp" || parsed->scheme == "smtps");
  if (!known || parsed->has_login || parsed->has_fragment || parsed->path != "/" ||
      url.find('?') != std::string::npos) {
    return fail(ErrorCode::invalid_request,
                "must be smtp://host:port or smtps://host:port and nothing else.", "url");
  }
  if (username.empty() != password.empty()) {
    return fail(ErrorCode::invalid_request, "is missing: a login is a name and a password.",
                username.empty() ? "username" : "password");
  }
  SmtpOptions options{.url = url, .username = username, .password = password};
  while (options.url.ends_with('/'))
    options.url.pop_back();
  options.tls = parsed->scheme == "smtps" || !base::is_loopback(parsed->host);
  return options;
}

std::unique_ptr<MailServer> make_smtp(SmtpOptions options, base::Log& log) {
  return std::make_unique<Smtp>(std::move(options), log);
}

}  // namespace quittance::notify
