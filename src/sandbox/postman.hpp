// Notices on their way from the simulators to a shop: queued, repeated until they are taken, given
// up in the end.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/base.hpp"

namespace quittance::sandbox {

/// One notice. It is sealed (signed) anew for each attempt, as the real ones are.
struct Delivery {
  std::string rail;
  std::string notice_id;  ///< the same for every attempt and every duplicate
  std::string method = "POST";
  std::string url;
  base::HttpHeaders headers{};
  std::string body{};
  std::string wanted_answer{};  ///< empty: any 2xx will do; else the body that counts as taken
  base::Duration first_retry{5'000};
  base::Duration patience{24LL * 3'600'000};  ///< from the first attempt; then it is given up
  bool forged = false;                        ///< sealed with a wrong key
  base::Time due{};
  std::optional<base::Time> first_tried_at{};
  std::int64_t attempts = 0;
  std::int64_t wrong_answers = 0;  ///< a 2xx with another body than the wanted one
  int last_status = 0;
  /// `waiting`, `taken`, `given_up` or `lost`
  std::string state = "waiting";
};

/// The queue. Not for use by two threads at once.
class Postman {
 public:
  static constexpr std::size_t kWaitingLimit = 20'000;  ///< then the newest is lost
  static constexpr std::size_t kKeptLimit = 2'000;      ///< of those that are done
  static constexpr base::Duration kRetryLimit{3'600'000};

  void post(Delivery delivery);
  /// Keeps a notice that nobody will ever get, so that a test can see that it is lost.
  void lose(Delivery delivery);
  /// Takes what is due, at most `limit`; each comes back by `returned`.
  std::vector<Delivery> take_due(base::Time now, std::size_t limit);
  void returned(Delivery delivery, const base::Result<base::HttpReply>& reply, base::Time now);
  /// Done and waiting ones, oldest first.
  std::vector<Delivery> all() const;
  void clear();

 private:
  void keep(Delivery delivery);
  std::deque<Delivery> waiting_;
  std::deque<Delivery> done_;
};

}  // namespace quittance::sandbox
