#include "simulation/post.hpp"

#include <algorithm>
#include <charconv>

namespace quittance::simulation {
namespace {

using base::Duration;
using base::ErrorCode;
using base::Json;
using base::Result;
using base::Task;

/// Whether `header` is `t=<seconds>,v1=<hex>` and right for this body.
bool is_signed(std::string_view header, const std::string& body) {
  const std::size_t comma = header.find(',');
  if (!header.starts_with("t=") || comma == std::string_view::npos) return false;
  const std::string seconds(header.substr(2, comma - 2));
  const base::Secret secret{std::string(kWebhookSecret)};
  return header.substr(comma) == ",v1=" + base::hmac_sha256_hex(secret, seconds + "." + body);
}

/// An event as the merchant's program reads it.
Brought event_of(const base::HttpCall& call) {
  Brought event{.destination = call.url,
                .id = std::string(call.headers.find("Quittance-Event-Id").value_or("")),
                .content = call.body};
  const auto body = Json::parse(call.body);
  const auto signature = call.headers.find("Quittance-Signature");
  if (!body || !signature || !is_signed(*signature, call.body)) return event;
  if ((*body)["id"].text_or_empty() != event.id || event.id.empty()) return event;
  const Json& data = (*body)["data"];
  event.order_id = data["order_id"].integer().value_or(0);
  event.happened_at = base::from_ms((*body)["created_at"].integer().value_or(0));
  const std::int64_t amount = data["amount_minor"].integer().value_or(-1);
  const std::string currency = data["currency"].text_or_empty();
  const std::string type = (*body)["type"].text_or_empty();
  if (type == "order.completed") event.news = completed_news(event.order_id, amount, currency);
  if (type == "order.refunded") {
    event.news = returned_news(event.order_id, data["kind"].text_or_empty(), amount, currency,
                               data["status"].text_or_empty());
  }
  return event;
}

/// What stands between two words; empty when they are not both there.
std::string_view between(std::string_view text, std::string_view before, std::string_view behind) {
  const std::size_t begin = text.find(before);
  if (begin == std::string_view::npos) return "";
  const std::size_t from = begin + before.size();
  const std::size_t end = text.find(behind, from);
  return end == std::string_view::npos ? "" : text.substr(from, end - from);
}

/// A mail as its reader reads it.
Brought letter_of(const notify::Mail& mail) {
  Brought letter{.destination = std::string(kMail),
                 .id = mail.message_id,
                 .content = mail.to + "\n" + mail.subject,
                 .to = mail.to};
  const std::string_view number = between(mail.subject, "Receipt for order ", ",");
  std::from_chars(number.data(), number.data() + number.size(), letter.order_id);
  const std::string_view paid = between(mail.text, "\r\nPaid: ", "\r\n");
  // The picture is what the letter is for.
  if (letter.order_id > 0 && !paid.empty() && mail.picture.starts_with("\x89PNG")) {
    letter.news = receipt_news(letter.order_id, std::string(paid));
  }
  return letter;
}

}  // namespace

void Post::forget_open() {
  line_taken_ = false;
  ++lives_;
  ++facts_.letters.doubts;
}

Post::Fate Post::draw(const PostFaults& faults) {
  const std::pair<std::uint64_t, Fate> chances[] = {
      {faults.away, Fate::away},       {faults.silent, Fate::silent},
      {faults.unable, Fate::unable},   {faults.too_many, Fate::too_many},
      {faults.unknown, Fate::unknown}, {faults.unheard, Fate::unheard}};
  std::uint64_t drawn = random_.below(100);
  for (const auto& [percent, fate] : chances) {
    if (drawn < percent) return fate;
    drawn -= percent;
  }
  return Fate::taken;
}

Post::Fate Post::fate_of(const std::string& destination, const std::string& id) {
  Tried& tried = facts_.letters.tried[{destination, id}];
  tried.last_at = time_.now();
  const auto known = faults_.find(destination);
  const Fate fate = known == faults_.end() ? Fate::taken : draw(known->second);
  const bool answers = fate != Fate::away && fate != Fate::silent;
  return answers && facts_.letters.gone.contains(destination) ? Fate::gone : fate;
}

void Post::witness(Brought brought, Fate fate) {
  if (fate == Fate::away || fate == Fate::silent) return;
  Letters& letters = facts_.letters;
  Tried& tried = letters.tried[{brought.destination, brought.id}];
  brought.at = time_.now();
  brought.for_nothing = tried.acknowledged_at == letters.doubts;
  if (fate == Fate::taken || fate == Fate::unheard) ++tried.taken;
  if (fate == Fate::no_such_mailbox) tried.refused = true;
  letters.brought.push_back(std::move(brought));
}

void Post::acknowledge(const std::string& destination, const std::string& id) {
  facts_.letters.tried[{destination, id}].acknowledged_at = facts_.letters.doubts;
}

Duration Post::duration(Fate fate, const std::string& destination, Duration timeout) {
  if (fate == Fate::away) return Duration{0};
  if (fate == Fate::silent || fate == Fate::unheard) return timeout;
  const auto known = faults_.find(destination);
  const std::uint64_t most = known == faults_.end() ? 0 : known->second.slow_ms;
  return most == 0 ? Duration{0} : Duration{static_cast<std::int64_t>(random_.below(most + 1))};
}

Task<Result<base::HttpReply>> Post::send(base::HttpCall call) {
  const Duration timeout = call.timeout;
  const bool one_line = plant_ == Plant::one_line_for_all;
  while (one_line && line_taken_)
    co_await base::Sleep{Duration{10}};
  line_taken_ = one_line;
  Brought event = event_of(call);
  const std::string url = event.destination;
  const std::string id = event.id;
  const Fate fate = fate_of(url, id);
  trace_.line("  post: " + id.substr(0, 12) + " to " + url + ", " +
              std::to_string(static_cast<int>(fate)));
  witness(std::move(event), fate);
  co_await base::Sleep{duration(fate, url, timeout)};
  line_taken_ = false;
  if (fate == Fate::away) co_return base::fail(ErrorCode::provider_unavailable, "Nobody listens.");
  if (fate == Fate::silent || fate == Fate::unheard) {
    co_return base::fail(ErrorCode::timeout, "No answer came.");
  }
  if (fate == Fate::taken) acknowledge(url, id);
  base::HttpReply reply{.status = 200, .headers = {}, .body = ""};
  if (fate == Fate::unable) reply.status = 503;
  if (fate == Fate::too_many) reply.status = 429;
  if (fate == Fate::unknown) reply.status = 404;
  if (fate == Fate::gone) reply.status = 410;
  co_return reply;
}

Task<notify::Posted> Post::post(notify::Mail mail) {
  if (plant_ == Plant::mail_renamed && lives_ > 1) {
    mail.message_id = std::to_string(lives_) + "." + mail.message_id;
  }
  Brought letter = letter_of(mail);
  const std::string name(kMail);
  const std::string id = letter.id;
  Fate fate = fate_of(name, id);
  const bool nobody =
      (fate == Fate::taken || fate == Fate::unheard) && mail.to.ends_with(kUnknownDomain);
  if (nobody) fate = Fate::no_such_mailbox;
  trace_.line("  post: mail " + id.substr(0, 12) + ", " + std::to_string(static_cast<int>(fate)));
  witness(std::move(letter), fate);
  mail_arrived();
  co_await base::Sleep{duration(fate, name, notify::kMailTimeout)};
  const auto refusal = [](int status) {
    return notify::Posted{
        .taken = false, .status = status, .error = "smtp_" + std::to_string(status)};
  };
  switch (fate) {
    case Fate::away:
      co_return notify::Posted{.taken = false, .status = 0, .error = "unreachable"};
    case Fate::silent:
    case Fate::unheard:
      co_return notify::Posted{.taken = false, .status = 0, .error = "timeout"};
    case Fate::unable:
      co_return refusal(451);
    case Fate::too_many:
      co_return refusal(421);
    case Fate::unknown:
    case Fate::gone:
      co_return refusal(452);
    case Fate::no_such_mailbox:
      co_return refusal(550);
    case Fate::taken:
      break;
  }
  acknowledge(name, id);
  co_return notify::Posted{.taken = true, .status = 250, .error = ""};
}

}  // namespace quittance::simulation
