#include "sandbox/rail_hall.hpp"

#include <algorithm>
#include <cctype>

namespace quittance::sandbox {
namespace {

using base::HttpRequest;
using base::HttpResponse;

/// `data/sandbox.jsonl` and `stripe` make `data/sandbox-stripe.jsonl`.
std::string file_of(const std::string& data_file, std::string_view rail) {
  if (data_file.empty()) return {};
  constexpr std::string_view kEnding = ".jsonl";
  std::string stem = data_file;
  if (stem.ends_with(kEnding)) stem.resize(stem.size() - kEnding.size());
  return stem + "-" + std::string(rail) + std::string(kEnding);
}

/// `GET /v1/payment_intents/{id}`: a part that holds a digit or an underscore with a capital is an
/// id, but for the version and words such as `qr_codes`.
std::string call_name(const HttpRequest& request) {
  std::string name = request.method + " ";
  std::string_view rest = request.path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/', 1), rest.size());
    const std::string_view part = rest.substr(0, end);
    const bool id = part.size() > 4 && std::ranges::any_of(part, [](unsigned char c) {
                      return std::isdigit(c) != 0 || std::isupper(c) != 0;
                    });
    name += id ? std::string_view("/{id}") : part;
    rest.remove_prefix(end);
  }
  return name;
}

}  // namespace

base::Result<std::unique_ptr<RailHall>> RailHall::open(
    const std::vector<const Rail*>& rails, const std::string& data_file,
    const std::map<std::string, RailSettings>& settings, base::Log& log) {
  auto hall = std::make_unique<RailHall>();
  for (const Rail* rail : rails) {
    TRY(auto shelf, Shelf::open(file_of(data_file, rail->name), log));
    RailRoom room{.rail = *rail, .shelf = std::move(shelf)};
    const auto given = settings.find(std::string(rail->name));
    if (given != settings.end()) room.settings = given->second;
    hall->rooms_.push_back(std::move(room));
  }
  return hall;
}

RailRoom* RailHall::find(std::string_view name) {
  const auto found =
      std::ranges::find_if(rooms_, [name](const RailRoom& room) { return room.rail.name == name; });
  return found == rooms_.end() ? nullptr : &*found;
}

RailRoom* RailHall::claimed(const HttpRequest& request) {
  const auto found = std::ranges::find_if(
      rooms_, [&request](const RailRoom& room) { return room.rail.claims(request); });
  return found == rooms_.end() ? nullptr : &*found;
}

RailDesk RailHall::desk(RailRoom& room, base::Time now, base::Random& random, std::string origin) {
  return {.rail = room.rail.name,
          .now = now + base::Duration{room.faults.clock_skew_ms},
          .random = random,
          .shelf = *room.shelf,
          .faults = room.faults,
          .settings = room.settings,
          .postman = postman_,
          .quirks = room.rail.quirks,
          .origin = std::move(origin)};
}

base::Result<void> RailHall::reset() {
  for (RailRoom& room : rooms_) {
    TRY_VOID(room.shelf->clear());
    room.faults = {};
    room.calls.clear();
  }
  postman_.clear();
  population_.clear();
  return {};
}

RailFate draw_fate(RailRoom& room, const HttpRequest& request, base::Random& random) {
  constexpr std::size_t kCallNamesLimit = 200;
  std::string name = call_name(request);
  if (room.calls.size() >= kCallNamesLimit && !room.calls.contains(name)) name = "other";
  ++room.calls[name];
  const Faults faults = wire_faults(room.faults);
  const base::Duration latency = draw_latency(faults, random);
  return {.disturbance = draw_disturbance(faults, request.path, random),
          .before = latency / 2,
          .after = latency - latency / 2};
}

HttpResponse answer_rail(RailRoom& room, RailDesk& desk, const RailFate& fate,
                         const HttpRequest& request) {
  const Faults faults = wire_faults(room.faults);
  switch (fate.disturbance) {
    case Disturbance::forbidden:
    case Disturbance::gateway_error:
      return disturbed(fate.disturbance, faults, {}, desk.random);
    case Disturbance::too_many_requests: {
      HttpResponse response = room.rail.trouble(desk, 429);
      if (room.faults.retry_after_s > 0) {
        response.headers.add("Retry-After", std::to_string(room.faults.retry_after_s));
      }
      return response;
    }
    case Disturbance::server_error: {
      desk.broken = true;
      HttpResponse response = room.rail.answer(desk, request);
      return response.status >= 500 ? std::move(response) : room.rail.trouble(desk, 500);
    }
    case Disturbance::none:
    case Disturbance::timeout:
    case Disturbance::garbage:
    case Disturbance::truncated:
      return disturbed(fate.disturbance, faults, room.rail.answer(desk, request), desk.random);
  }
  return room.rail.answer(desk, request);
}

}  // namespace quittance::sandbox
