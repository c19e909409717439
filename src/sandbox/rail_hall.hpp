// Where the rails' simulators stand: a room for each, and one postman for all.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sandbox/population.hpp"

namespace quittance::sandbox {

/// One rail with all that is its own.
struct RailRoom {
  const Rail& rail;
  std::unique_ptr<Shelf> shelf;
  RailSettings settings{};
  RailFaults faults{};
  std::map<std::string, std::int64_t> calls{};  ///< by method and path, ids left out
};

/// All rooms. Not for use by two threads at once: Sandbox guards it.
class RailHall {
 public:
  /// `data_file` of the bank names the rails' files too; empty: memory only.
  static base::Result<std::unique_ptr<RailHall>> open(
      const std::vector<const Rail*>& rails, const std::string& data_file,
      const std::map<std::string, RailSettings>& settings, base::Log& log);

  std::deque<RailRoom>& rooms() { return rooms_; }
  RailRoom* find(std::string_view name);
  /// The room whose provider this request is for; null: none.
  RailRoom* claimed(const base::HttpRequest& request);
  RailDesk desk(RailRoom& room, base::Time now, base::Random& random, std::string origin);
  Postman& postman() { return postman_; }
  Population& population() { return population_; }
  base::Result<void> reset();

 private:
  std::deque<RailRoom> rooms_;
  Postman postman_;
  Population population_;
};

/// What is decided about one call before its answer is made.
struct RailFate {
  Disturbance disturbance = Disturbance::none;
  base::Duration before{0};
  base::Duration after{0};
};
/// Counts the call and draws its fate.
RailFate draw_fate(RailRoom& room, const base::HttpRequest& request, base::Random& random);
/// The answer, honest or spoilt.
base::HttpResponse answer_rail(RailRoom& room, RailDesk& desk, const RailFate& fate,
                               const base::HttpRequest& request);

}  // namespace quittance::sandbox
