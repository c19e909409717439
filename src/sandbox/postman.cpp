#include "sandbox/postman.hpp"

#include <algorithm>

namespace quittance::sandbox {
namespace {

bool was_taken(Delivery& delivery, const base::HttpReply& reply) {
  if (reply.status < 200 || reply.status > 299) return false;
  if (delivery.wanted_answer.empty() || reply.body == delivery.wanted_answer) return true;
  ++delivery.wrong_answers;
  return false;
}

}  // namespace

void Postman::post(Delivery delivery) {
  if (waiting_.size() >= kWaitingLimit) return lose(std::move(delivery));
  delivery.state = "waiting";
  waiting_.push_back(std::move(delivery));
}

void Postman::lose(Delivery delivery) {
  delivery.state = "lost";
  keep(std::move(delivery));
}

std::vector<Delivery> Postman::take_due(base::Time now, std::size_t limit) {
  std::vector<Delivery> taken;
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [](const Delivery& a, const Delivery& b) { return a.due < b.due; });
  while (!waiting_.empty() && taken.size() < limit && waiting_.front().due <= now) {
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return taken;
}

void Postman::returned(Delivery delivery, const base::Result<base::HttpReply>& reply,
                       base::Time now) {
  ++delivery.attempts;
  if (!delivery.first_tried_at) delivery.first_tried_at = now;
  delivery.last_status = reply ? reply->status : 0;
  if (reply && was_taken(delivery, *reply)) {
    delivery.state = "taken";
    return keep(std::move(delivery));
  }
  // Nobody tries a forgery twice.
  if (delivery.forged || now - *delivery.first_tried_at >= delivery.patience) {
    delivery.state = "given_up";
    return keep(std::move(delivery));
  }
  const auto doublings = std::min<std::int64_t>(delivery.attempts - 1, 20);
  delivery.due =
      now + std::min(kRetryLimit, base::Duration{delivery.first_retry.count() << doublings});
  post(std::move(delivery));
}

std::vector<Delivery> Postman::all() const {
  std::vector<Delivery> every(done_.begin(), done_.end());
  every.insert(every.end(), waiting_.begin(), waiting_.end());
  return every;
}

void Postman::clear() {
  waiting_.clear();
  done_.clear();
}

void Postman::keep(Delivery delivery) {
  if (done_.size() >= kKeptLimit) done_.pop_front();
  done_.push_back(std::move(delivery));
}

}  // namespace quittance::sandbox
