#include "sandbox/sandbox.hpp"

#include <atomic>
#include <mutex>

#include "sandbox/desk.hpp"
#include "sandbox/token.hpp"

namespace quittance::sandbox {
namespace {

using base::ErrorCode;
using base::HttpRequest;
using base::HttpResponse;
using base::Json;

constexpr base::Duration kNoticeTimeout{5'000};  ///< Razorpay's; the others wait longer
constexpr base::Duration kPostmanRests{50};

bool is_known_md5(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// A page of another origin may not press our buttons (browsers say where a request comes from).
bool is_cross_site_write(const HttpRequest& request) {
  return request.method != "GET" && request.headers.find("Sec-Fetch-Site") == "cross-site";
}

}  // namespace

base::Result<Payable> find_payable(const Desk& desk, std::string_view qr_or_md5) {
  if (!is_known_md5(qr_or_md5)) return read_payable(qr_or_md5);
  const KnownQr* known = desk.bank.known_qr(qr_or_md5);
  if (known == nullptr) {
    return base::fail(ErrorCode::not_found, "The bank has not heard of a QR with this md5.", "qr");
  }
  return read_payable(known->qr);
}

base::Result<void> remember_at(Desk& desk, KnownQr known) {
  const std::string md5 = known.md5;
  known.added_at = desk.clock.now();
  TRY(const bool is_new, desk.bank.remember(std::move(known)));
  if (!is_new || desk.faults.population_speed == 0) return {};
  auto paid = pay_by_curve_at(desk, Payment{md5}, desk.faults.population_speed);
  // A static QR without an amount has no price that a simulated payer would know.
  if (!paid && paid.error().code != ErrorCode::invalid_request) {
    return std::unexpected(paid.error());
  }
  return {};
}

base::Result<Transfer> pay_at(Desk& desk, const Payment& payment) {
  TRY(const Payable payable, find_payable(desk, payment.qr));
  TRY(Transfer transfer,
      desk.bank.pay(payable, payment.terms, desk.faults, desk.clock.now(), desk.random));
  KnownQr known;
  known.md5 = payable.md5;
  known.qr = payable.qr;
  known.static_qr = !payable.dynamic;
  known.added_at = desk.clock.now();
  // Only so that it can be paid again by md5; the payment stands whether this line is kept or not.
  if (auto kept = desk.bank.remember(std::move(known)); !kept) return transfer;
  return transfer;
}

base::Result<std::optional<Transfer>> pay_by_curve_at(Desk& desk, Payment payment,
                                                      std::int64_t speed) {
  if (speed < 1) {
    return base::fail(ErrorCode::invalid_request, "Speed is a whole number from 1 on.", "speed");
  }
  const auto delay = draw_pay_delay(desk.random);
  if (!delay) return std::optional<Transfer>();
  payment.terms.delay = *delay / speed;
  TRY(Transfer transfer, pay_at(desk, payment));
  return std::optional<Transfer>(std::move(transfer));
}

std::string origin_of(const Desk& desk, const HttpRequest& request) {
  if (!desk.options.public_url.empty()) return desk.options.public_url;
  return "http://" + std::string(request.headers.find("Host").value_or("localhost"));
}

base::Result<void> reset_at(Desk& desk) {
  TRY_VOID(desk.bank.reset());
  TRY_VOID(desk.hall.reset());
  desk.faults = Faults{.population_speed = desk.options.population_speed};
  desk.calls.clear();
  return {};
}

std::string token_at(const Desk& desk, std::int64_t lifetime_s) {
  const std::int64_t now_s = base::to_ms(desk.clock.now()) / 1000;
  return sign_token(desk.options.token_key, "quittance-demo", now_s, lifetime_s);
}

HttpResponse json_response(int status, const Json& body) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "application/json; charset=utf-8");
  response.headers.add("Cache-Control", "no-store");
  response.body = body.dump();
  return response;
}

/// All that the mutex guards, and the mutex.
struct Sandbox::Room {
  SandboxOptions options;
  const base::Clock& clock;
  base::Random& random;
  std::unique_ptr<Bank> bank;
  std::unique_ptr<RailHall> hall;
  std::atomic<bool> postman_stops = false;
  mutable std::mutex mutex{};
  Faults faults{};
  std::map<std::string, std::int64_t> calls{};
  std::optional<Chaos> chaos{};

  /// Turns the knobs of those rails whose spell began or ended. Their values are the plan's own,
  /// and what stood before: never out of range.
  void turn_knobs() {
    const base::Time now = clock.now();
    if (chaos->turns(kBankRail, now)) {
      if (auto to = changed_faults(faults, chaos->turn(kBankRail, now, to_json(faults)))) {
        faults = *to;
      }
    }
    for (RailRoom& room : hall->rooms()) {
      if (!chaos->turns(room.rail.name, now)) continue;
      const Json changes = chaos->turn(room.rail.name, now, to_json(room.faults));
      if (auto to = changed_faults(room.faults, room.rail.quirks, changes)) room.faults = *to;
    }
  }

  /// Does `work` at the desk, alone.
  template <class Work>
  auto at_desk(Work&& work) {
    const std::lock_guard lock(mutex);
    if (chaos) turn_knobs();
    Desk desk{options, clock, random, *bank, faults, calls, *hall};
    return work(desk);
  }

  /// What is decided about an Open API call before its answer is made.
  struct Fate {
    Disturbance disturbance;
    base::Duration before;
    base::Duration after;
    Faults faults;
  };
  Fate draw_fate(std::string_view path) {
    const std::lock_guard lock(mutex);
    if (chaos) turn_knobs();
    ++calls[is_bakong_path(path) ? std::string(path) : "other"];
    const base::Duration latency = draw_latency(faults, random);
    return {draw_disturbance(faults, path, random), latency / 2, latency - latency / 2, faults};
  }
};

namespace {

/// One call of a rail: its fate, its answer, and the waiting that belongs to both.
base::Task<HttpResponse> handle_rail(auto& house, RailRoom& room, const HttpRequest& request) {
  const RailFate fate =
      house.at_desk([&](Desk& desk) { return draw_fate(room, request, desk.random); });
  if (fate.before.count() > 0) co_await base::Sleep{fate.before};
  base::Duration silence{0};
  HttpResponse response = house.at_desk([&](Desk& desk) {
    if (fate.disturbance == Disturbance::timeout) silence = base::Duration{room.faults.timeout_ms};
    RailDesk rail_desk =
        desk.hall.desk(room, desk.clock.now(), desk.random, origin_of(desk, request));
    rail_desk.answer_leaves_at = rail_desk.now + fate.after + silence;
    HttpResponse made = answer_rail(room, rail_desk, fate, request);
    if (request.method == "POST") meet_payers_at(desk, room, rail_desk);
    return made;
  });
  const base::Duration after = fate.after + silence;
  if (after.count() > 0) co_await base::Sleep{after};
  co_return response;
}

/// Headers and signature of one attempt.
void seal(Desk& desk, Delivery& delivery) {
  RailRoom* room = desk.hall.find(delivery.rail);
  if (room == nullptr || room->rail.seal == nullptr) return;
  RailDesk rail_desk =
      desk.hall.desk(*room, desk.clock.now(), desk.random, desk.options.public_url);
  room->rail.seal(rail_desk, delivery);
}

}  // namespace

Sandbox::Sandbox(std::unique_ptr<Room> room) : room_(std::move(room)) {}
Sandbox::~Sandbox() = default;

base::Result<std::unique_ptr<Sandbox>> Sandbox::open(SandboxOptions options,
                                                     const base::Clock& clock, base::Random& random,
                                                     base::Log& log) {
  if (options.environment != "sandbox") {
    return base::fail(ErrorCode::forbidden, "The sandbox bank does not run in a live environment.",
                      "environment");
  }
  if (options.token_key.empty()) {
    return base::fail(ErrorCode::invalid_request, "The sandbox bank needs a key for its tokens.",
                      "token_key");
  }
  TRY(auto bank, Bank::open(options.data_file, options.merchant_account, log));
  TRY(auto hall, RailHall::open(options.rails, options.data_file, options.accounts, log));
  log.info("sandbox.open", {{"transfers", bank->transfers().size()}});
  std::unique_ptr<Room> room(
      new Room{std::move(options), clock, random, std::move(bank), std::move(hall)});
  room->faults.population_speed = room->options.population_speed;
  if (room->options.chaos_seed) {
    std::vector<std::string> names{std::string(kBankRail)};
    for (const Rail* rail : room->options.rails)
      names.emplace_back(rail->name);
    room->chaos.emplace(plan_chaos(*room->options.chaos_seed, names), clock.now());
  }
  return std::unique_ptr<Sandbox>(new Sandbox(std::move(room)));
}

base::Task<HttpResponse> Sandbox::handle(HttpRequest request) {
  HttpResponse response;
  if (request.headers.find(kEnvironmentHeader) == "live") {
    response =
        json_response(403, Json::object({{"responseCode", 1},
                                         {"responseMessage",
                                          "This is the Quittance sandbox bank: no real money. "
                                          "A live environment must not use it."},
                                         {"errorCode", nullptr},
                                         {"data", nullptr}}));
  } else if (request.body.size() > kBodyLimitBytes) {
    response = json_response(
        413, Json::object({{"error", Json::object({{"code", "payload_too_large"}})}}));
  } else if (RailRoom* room = room_->hall->claimed(request); room != nullptr) {
    response = co_await handle_rail(*room_, *room, request);
  } else if (request.path.starts_with("/v1/")) {
    const Room::Fate fate = room_->draw_fate(request.path);
    if (fate.before.count() > 0) co_await base::Sleep{fate.before};
    if (fate.disturbance == Disturbance::timeout) {
      co_await base::Sleep{base::Duration{fate.faults.timeout_ms}};
    }
    response = room_->at_desk([&](Desk& desk) {
      HttpResponse honest = answer_bakong(desk, request);
      return disturbed(fate.disturbance, fate.faults, std::move(honest), desk.random);
    });
    if (fate.after.count() > 0) co_await base::Sleep{fate.after};
  } else if (is_cross_site_write(request)) {
    response = json_response(403, Json::object({{"error", Json::object({{"code", "forbidden"}})}}));
  } else if (request.path.starts_with("/control/")) {
    response = room_->at_desk([&](Desk& desk) { return answer_control(desk, request); });
  } else {
    response = room_->at_desk([&](Desk& desk) { return answer_page(desk, request); });
  }
  response.headers.add(std::string(kSandboxHeader), std::string(kSandboxHeaderValue));
  co_return response;
}

base::Result<Transfer> Sandbox::pay(const Payment& payment) {
  return room_->at_desk([&](Desk& desk) { return pay_at(desk, payment); });
}

base::Result<std::optional<Transfer>> Sandbox::pay_by_curve(Payment payment, std::int64_t speed) {
  return room_->at_desk(
      [&](Desk& desk) { return pay_by_curve_at(desk, std::move(payment), speed); });
}

base::Result<void> Sandbox::remember_qr(std::string_view qr) {
  return room_->at_desk([&](Desk& desk) -> base::Result<void> {
    TRY(const Payable payable, read_payable(qr));
    return remember_at(desk, KnownQr{payable.md5, payable.qr, {}, !payable.dynamic, {}, {}});
  });
}

base::Result<Json> Sandbox::act(std::string_view rail, const std::string& ref, const Act& act) {
  return room_->at_desk([&](Desk& desk) -> base::Result<Json> {
    RailRoom* room = desk.hall.find(rail);
    if (room == nullptr) return base::fail(ErrorCode::not_found, "No such rail.", "rail");
    RailDesk rail_desk =
        desk.hall.desk(*room, desk.clock.now(), desk.random, desk.options.public_url);
    return room->rail.act(rail_desk, ref, act);
  });
}

base::Result<void> Sandbox::change_rail_faults(std::string_view rail, const Json& changes) {
  return room_->at_desk([&](Desk& desk) -> base::Result<void> {
    RailRoom* room = desk.hall.find(rail);
    if (room == nullptr) return base::fail(ErrorCode::not_found, "No such rail.", "rail");
    TRY(room->faults, changed_faults(room->faults, room->rail.quirks, changes));
    return {};
  });
}

base::Result<void> Sandbox::set_rail(std::string_view rail, RailSettings settings) {
  return room_->at_desk([&](Desk& desk) -> base::Result<void> {
    RailRoom* room = desk.hall.find(rail);
    if (room == nullptr) return base::fail(ErrorCode::not_found, "No such rail.", "rail");
    room->settings = std::move(settings);
    return {};
  });
}

std::vector<Json> Sandbox::objects(std::string_view rail, std::string_view kind) const {
  return room_->at_desk([&](Desk& desk) {
    std::vector<Json> copies;
    RailRoom* room = desk.hall.find(rail);
    if (room == nullptr) return copies;
    for (const Json* object : room->shelf->newest(kind))
      copies.push_back(*object);
    return copies;
  });
}

std::vector<Delivery> Sandbox::notices() const {
  return room_->at_desk([](Desk& desk) { return desk.hall.postman().all(); });
}

base::Task<std::int64_t> Sandbox::deliver_due(base::HttpClient& client) {
  std::vector<Delivery> due = room_->at_desk([](Desk& desk) {
    auto taken = desk.hall.postman().take_due(desk.clock.now(), kDeliveriesAtOnce);
    for (Delivery& delivery : taken)
      seal(desk, delivery);
    return taken;
  });
  for (Delivery& delivery : due) {
    base::HttpCall call{.method = delivery.method,
                        .url = delivery.url,
                        .headers = delivery.headers,
                        .body = delivery.body,
                        .timeout = kNoticeTimeout};
    call.headers.add(std::string(kSandboxHeader), std::string(kSandboxHeaderValue));
    const auto reply = co_await client.send(std::move(call));
    room_->at_desk([&](Desk& desk) {
      desk.hall.postman().returned(std::move(delivery), reply, desk.clock.now());
    });
  }
  co_return static_cast<std::int64_t>(due.size());
}

base::Task<void> Sandbox::run_postman(base::HttpClient& client) {
  while (!room_->postman_stops) {
    send_payers();
    co_await deliver_due(client);
    co_await base::Sleep{kPostmanRests};
  }
}

std::int64_t Sandbox::send_payers() {
  return room_->at_desk([](Desk& desk) { return send_payers_at(desk); });
}

std::vector<Spell> Sandbox::chaos_plan() const {
  return room_->chaos ? room_->chaos->plan() : std::vector<Spell>();
}

void Sandbox::stop_postman() { room_->postman_stops = true; }

void Sandbox::set_faults(const Faults& faults) {
  room_->at_desk([&](Desk& desk) { desk.faults = faults; });
}

Faults Sandbox::faults() const {
  return room_->at_desk([](Desk& desk) { return desk.faults; });
}

std::vector<Transfer> Sandbox::transactions(std::size_t skip) const {
  return room_->at_desk([skip](Desk& desk) {
    const std::deque<Transfer>& all = desk.bank.transfers();
    const auto from = static_cast<std::ptrdiff_t>(std::min(skip, all.size()));
    return std::vector<Transfer>(all.begin() + from, all.end());
  });
}

std::map<std::string, std::int64_t> Sandbox::calls() const {
  return room_->at_desk([](Desk& desk) { return desk.calls; });
}

std::string Sandbox::issue_token(std::int64_t lifetime_s) const {
  return room_->at_desk([&](Desk& desk) { return token_at(desk, lifetime_s); });
}

base::Result<void> Sandbox::reset() {
  return room_->at_desk([](Desk& desk) { return reset_at(desk); });
}

}  // namespace quittance::sandbox
