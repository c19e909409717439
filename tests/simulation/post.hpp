// The wire between the engine and those whom it tells: merchants' programs that listen for its
// webhooks, and a mail server. They may be away, silent, unable or slow, and the answer of one that
// took a message may get lost.
#pragma once

#include <functional>

#include "notify/notify.hpp"
#include "simulation/facts.hpp"
#include "simulation/plants.hpp"
#include "simulation/trace.hpp"

namespace quittance::simulation {

/// What merchants share with us.
inline constexpr std::string_view kWebhookSecret = "a secret for tests only";
/// The mailboxes of customers: the server knows those of the first domain only.
inline constexpr std::string_view kKnownDomain = "@mail.test";
inline constexpr std::string_view kUnknownDomain = "@nowhere.test";

/// Chances in percent of what becomes of a message; 100 together at most, and else it is taken.
struct PostFaults {
  std::uint64_t away = 0;      ///< nobody listens
  std::uint64_t silent = 0;    ///< it does not arrive, and no answer comes
  std::uint64_t unable = 0;    ///< 503; a mail: 451
  std::uint64_t too_many = 0;  ///< 429; a mail: 421
  std::uint64_t unknown = 0;   ///< 404; a mail: 452
  std::uint64_t unheard = 0;   ///< taken, and its answer is lost
  std::uint64_t slow_ms = 0;   ///< an answer takes up to so long
};

class Post final : public base::HttpClient, public notify::MailServer {
 public:
  Post(const base::Clock& time, base::Random& random, Facts& facts, Trace& trace, Plant plant)
      : time_(time), random_(random), facts_(facts), trace_(trace), plant_(plant) {}

  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override;
  base::Task<notify::Posted> post(notify::Mail mail) override;

  void set_faults(const std::string& destination, PostFaults faults) {
    faults_[destination] = faults;
  }
  /// Everybody listens and answers; who is gone stays gone.
  void calm() { faults_.clear(); }
  /// From now on this endpoint wants nothing more.
  void end(const std::string& endpoint) { facts_.letters.gone.insert(endpoint); }
  /// The sender died: what it had open is gone.
  void forget_open();
  /// Called when a mail has arrived, while the books are as its sender has just read them.
  std::function<void()> mail_arrived = [] {};

 private:
  enum class Fate {
    taken,
    unheard,
    away,
    silent,
    unable,
    too_many,
    unknown,
    gone,
    no_such_mailbox
  };

  Fate draw(const PostFaults& faults);
  Fate fate_of(const std::string& destination, const std::string& id);
  /// Notes what arrived, and whether it is taken.
  void witness(Brought brought, Fate fate);
  void acknowledge(const std::string& destination, const std::string& id);
  base::Duration duration(Fate fate, const std::string& destination, base::Duration timeout);

  const base::Clock& time_;
  base::Random& random_;
  Facts& facts_;
  Trace& trace_;
  Plant plant_;
  std::map<std::string, PostFaults> faults_;
  bool line_taken_ = false;  ///< of a planted bug: all share one line
  std::int64_t lives_ = 1;
};

}  // namespace quittance::simulation
