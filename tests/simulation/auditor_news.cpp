// The auditor looks at who was told what: what arrived at merchants and in mailboxes, as they
// witnessed it, against the model; and what the books say of deliveries against what arrived.
#include <algorithm>

#include "simulation/auditor.hpp"
#include "simulation/post.hpp"

namespace quittance::simulation {

namespace {

constexpr storage::Sql kDelivery{
    "SELECT d.destination, d.kind, COALESCE(d.order_id, 0) AS order_id, d.state, d.last_error, "
    "d.created_at, o.topic, o.dedupe_key FROM deliveries d JOIN outbox o ON o.id = d.outbox_id "
    "WHERE d.id = $1"};
constexpr storage::Sql kDestinations{"SELECT destination FROM deliveries WHERE outbox_id = $1"};
constexpr storage::Sql kEnded{"SELECT destination FROM ended_endpoints WHERE rowid = $1"};
constexpr storage::Sql kWaits{
    "SELECT (SELECT COUNT(*) FROM outbox WHERE distributed_at IS NULL) AS news, "
    "(SELECT COUNT(*) FROM deliveries WHERE state = 'pending') AS deliveries"};
constexpr storage::Sql kGivenUp{
    "SELECT d.destination, COALESCE(d.order_id, 0) AS order_id, o.dedupe_key FROM deliveries d "
    "JOIN outbox o ON o.id = d.outbox_id WHERE d.state = 'dead'"};

/// What fails is tried again for longer than this; the pauses add up to some three days, and a
/// clock that jumps may cut each of them short.
constexpr base::Duration kTriedFor = std::chrono::hours(24);

std::string number(std::int64_t value) { return std::to_string(value); }

/// The name under which a piece of news goes there, whenever it goes.
std::string message_id(const std::string& destination, const std::string& key) {
  const std::string event = "evt_" + base::sha256_hex(key).substr(0, 32);
  return destination == kMail ? event + "@shop.test" : event;
}

/// As a price tag has it.
std::string price_tag(std::int64_t minor, const std::string& currency) {
  if (currency != "USD") return number(minor) + " " + currency;
  const std::string cents = number(minor % 100);
  return number(minor / 100) + (cents.size() == 1 ? ".0" : ".") + cents + " " + currency;
}

}  // namespace

bool Auditor::check_letters() {
  const std::vector<Brought>& brought = parts_.facts.letters.brought;
  for (; letters_read_ < brought.size(); ++letters_read_)
    if (!check_letter(brought[letters_read_])) return false;
  return true;
}

/// What holds for every message that arrives anywhere.
bool Auditor::check_letter(const Brought& one) {
  if (letters_.try_emplace(one.id, one.content).first->second != one.content) {
    return broken("under one id always the same is told", letters_.at(one.id), one.content);
  }
  if (one.for_nothing) {
    return broken("what was taken, and known to be, is not brought again", "no more of " + one.id,
                  one.destination + " got it again");
  }
  const auto ended = ended_.find(one.destination);
  if (ended != ended_.end() && letters_read_ >= ended->second) {
    return broken("an endpoint that is gone gets nothing more", "nothing", one.id);
  }
  std::set<std::string>& ids = told_[one.destination][one.news];
  ids.insert(one.id);
  const auto distinct = static_cast<std::int64_t>(ids.size());
  if (one.destination == kMail) return check_mail(one, distinct);
  const auto known = model_.news().find(one.news);
  const std::int64_t most = known == model_.news().end() ? 0 : known->second;
  if (distinct > most) {
    return broken("merchants are told what the books say, each piece under one id",
                  number(most) + " times: " + one.news, number(distinct) + " ids");
  }
  return true;
}

/// A receipt goes to the customer who asked for it, of an order that is paid.
bool Auditor::check_mail(const Brought& one, std::int64_t distinct) {
  const std::string name = "the receipt of order " + number(one.order_id);
  if (!model_.knows(one.order_id)) return broken("only orders have receipts", "no mail", name);
  const ModelOrder& order = model_.orders().at(one.order_id);
  if (distinct > order.mails()) {
    return broken(
        "a mail goes out once by its id, for each completion and each time that staff "
        "ask for it",
        number(order.mails()), number(distinct) + " ids for " + name);
  }
  const std::string news = receipt_news(one.order_id, price_tag(order.total, order.currency));
  if (one.to != order.email || one.news != news) {
    return broken("a receipt tells its customer what was paid", news + " to " + order.email,
                  one.news + " to " + one.to);
  }
  // Where every row is followed, the model is as the books were when the mail went out.
  if (parts_.machine.loses() && !order.pass) {
    return broken("nobody gets a receipt for what went back before it was sent", "no mail", name);
  }
  return true;
}

/// What is done with is with everybody who is to be told.
bool Auditor::check_distributed(std::int64_t outbox_id, const std::string& topic,
                                std::int64_t order_id) {
  std::set<std::string> found;
  const Rows rows = read(kDestinations, {outbox_id});
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.insert(rows[i].text("destination"));
  std::set<std::string> expected;
  for (const std::string& endpoint : parts_.endpoints)
    if (topic.starts_with("order.")) expected.insert(endpoint);
  const bool mailed = topic == "order.completed" || topic == "receipt.requested";
  if (mailed && !model_.orders().at(order_id).email.empty()) expected.insert(std::string(kMail));
  for (const std::string& one : found) {
    if (!expected.contains(one)) {
      return broken("news goes only to those who want it", topic + " not to " + one, "a delivery");
    }
  }
  for (const std::string& one : expected) {
    if (!found.contains(one) && !parts_.facts.letters.gone.contains(one)) {
      return broken("news goes to everybody who wants it",
                    topic + " of order " + number(order_id) + " to " + one, "no delivery");
    }
  }
  return true;
}

bool Auditor::check_delivery(std::int64_t row_id) {
  const Rows rows = read(kDelivery, {row_id});
  if (rows.empty()) return check_gone("delivery", row_id);
  const Rows::Row row = rows.front();
  const std::string& state = row.text("state");
  if (state == "pending") {
    return !delivered_rows_.contains(row_id) ||
           broken("what was delivered stays delivered", "delivery " + number(row_id), state);
  }
  seen_rows_.insert({"delivery", row_id});
  const std::string& destination = row.text("destination");
  const std::string id = message_id(destination, row.text("dedupe_key"));
  const Tried tried = tried_at(destination, id);
  if (state == "dead") return check_given_up(row, tried);
  delivered_rows_.insert(row_id);
  if (tried.acknowledged_at) return true;
  return broken("delivered is what somebody took and said so", id + " at " + destination,
                tried.taken > 0 ? "taken, and nobody heard of it" : "never taken");
}

/// Nothing is given up without a good reason.
bool Auditor::check_given_up(Rows::Row row, const Tried& tried) {
  const std::string& error = row.text("last_error");
  const std::string& destination = row.text("destination");
  const bool mail = destination == kMail;
  const std::int64_t id = row.integer("order_id");
  const auto order = model_.orders().find(id);
  const auto say = [&](const std::string& expected) {
    return broken(
        "nothing is given up without a good reason",
        expected + ", for " + row.text("topic") + " of order " + number(id) + " to " + destination,
        error);
  };
  if (tried.acknowledged_at == parts_.facts.letters.doubts) return say("delivered");
  if (error == "endpoint_gone") {
    return parts_.facts.letters.gone.contains(destination) || say("an endpoint that is gone");
  }
  if (mail && order == model_.orders().end()) return say("an order");
  if (error == "no_receipt") {
    return (mail && order->second.revocations > 0) || say("an order that was given back");
  }
  if (error == "invalid_address") {
    const std::string& email = mail ? order->second.email : destination;
    return email.find('@') == std::string::npos || say("a mailbox that is none");
  }
  if (error == "smtp_550") return tried.refused || say("a mailbox that the server knows");
  const base::Duration age = tried.last_at - row.time("created_at");
  return age >= kTriedFor || say("tried for a day and more");
}

/// An endpoint said that it is gone, and we know.
bool Auditor::check_ended(std::int64_t row_id) {
  const Rows rows = read(kEnded, {row_id});
  if (rows.empty()) return true;
  const std::string& destination = rows.front().text("destination");
  if (!parts_.facts.letters.gone.contains(destination)) {
    return broken("only an endpoint that says so is gone", destination + " is there", "ended");
  }
  // What has arrived until now may have been on its way.
  ended_.try_emplace(destination, parts_.facts.letters.brought.size());
  return true;
}

/// After the healing: everybody knows all that they were to be told.
bool Auditor::check_told() {
  const Rows waits = read(kWaits);
  if (waits.empty()) return false;
  if (waits.front().integer("news") != 0 || waits.front().integer("deliveries") != 0) {
    return broken("in the end nothing waits to be told", "none",
                  number(waits.front().integer("news")) + " news, " +
                      number(waits.front().integer("deliveries")) + " deliveries");
  }
  std::map<std::string, std::int64_t> given_up;
  std::map<std::int64_t, std::int64_t> mails_given_up;
  const Rows dead = read(kGivenUp);
  for (std::size_t i = 0; i < dead.size(); ++i) {
    const std::string& destination = dead[i].text("destination");
    const Tried tried = tried_at(destination, message_id(destination, dead[i].text("dedupe_key")));
    const bool mail = destination == kMail;
    // Somebody may know although we died before we could write it down.
    if (mail ? tried.taken > 0 : tried.acknowledged_at.has_value()) continue;
    ++given_up[destination];
    if (mail) ++mails_given_up[dead[i].integer("order_id")];
  }
  std::int64_t news = 0;
  for (const auto& [text, times] : model_.news())
    news += times;
  for (const std::string& endpoint : parts_.endpoints) {
    if (parts_.facts.letters.gone.contains(endpoint)) continue;
    const std::int64_t told = acknowledged_by(endpoint);
    if (told + given_up[endpoint] != news) {
      return broken("in the end every merchant was told everything",
                    number(news) + " pieces of news to " + endpoint,
                    number(told) + " told, " + number(given_up[endpoint]) + " given up");
    }
  }
  for (const auto& [id, order] : model_.orders()) {
    const std::int64_t told = mails_taken(id);
    if (told + mails_given_up[id] != order.mails()) {
      return broken("in the end every customer has the receipt",
                    number(order.mails()) + " for order " + number(id),
                    number(told) + " taken, " + number(mails_given_up[id]) + " given up");
    }
  }
  return true;
}

Tried Auditor::tried_at(const std::string& destination, const std::string& id) const {
  const auto found = parts_.facts.letters.tried.find({destination, id});
  return found == parts_.facts.letters.tried.end() ? Tried{} : found->second;
}

/// Pieces of news that this endpoint took and said so.
std::int64_t Auditor::acknowledged_by(const std::string& endpoint) const {
  std::int64_t count = 0;
  for (const auto& [where, tried] : parts_.facts.letters.tried)
    if (where.first == endpoint && tried.acknowledged_at) ++count;
  return count;
}

/// Mails of an order that the server took, by their ids.
std::int64_t Auditor::mails_taken(std::int64_t order_id) const {
  const auto told = told_.find(std::string(kMail));
  if (told == told_.end()) return 0;
  const ModelOrder& order = model_.orders().at(order_id);
  const auto ids =
      told->second.find(receipt_news(order_id, price_tag(order.total, order.currency)));
  if (ids == told->second.end()) return 0;
  return std::ranges::count_if(ids->second, [this](const std::string& id) {
    return tried_at(std::string(kMail), id).taken > 0;
  });
}

}  // namespace quittance::simulation
