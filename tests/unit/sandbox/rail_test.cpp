// What the sandbox does for every rail, shown with one that is made up here.
#include "sandbox/rail.hpp"

#include "support/temp_folder.hpp"
#include "unit/sandbox/bank_fixture.hpp"

namespace quittance::sandbox {
namespace {

using base::ErrorCode;
using base::HttpRequest;
using base::HttpResponse;
using base::Json;

bool claims_shells(const HttpRequest& request) { return request.path.starts_with("/shells/"); }

HttpResponse answer_shells(RailDesk& desk, const HttpRequest& request) {
  HttpResponse response;
  const Json object = Json::object({{"id", request.body}, {"state", "open"}});
  if (!desk.shelf.put("bill", request.body, object)) response.status = 503;
  response.body = object.dump();
  return response;
}

HttpResponse shell_trouble(RailDesk&, int status) {
  HttpResponse response;
  response.status = status;
  response.body = "the sea is rough";
  return response;
}

void seal_shell(RailDesk& desk, Delivery& delivery) {
  const base::Secret wrong("wrong");
  const base::Secret& key = delivery.forged ? wrong : desk.settings.notice_secrets.front();
  delivery.headers.add("X-Seal", base::hmac_sha256_hex(key, delivery.body));
}

std::vector<Waiting> waiting_shells(RailDesk& desk) {
  std::vector<Waiting> found;
  for (const Json* bill : desk.shelf.newest("bill")) {
    if ((*bill)["state"].text_or_empty() != "open") continue;
    const std::string id = (*bill)["id"].text_or_empty();
    found.push_back({.ref = id, .title = "Shell <" + id + ">", .sum = "SHL 1"});
  }
  return found;
}

std::optional<std::string> find_shell(RailDesk&, std::string_view code) {
  if (!code.starts_with("SHELL:")) return std::nullopt;
  return std::string(code.substr(6));
}

base::Result<Json> act_on_shell(RailDesk& desk, const std::string& ref, const Act& act) {
  const Json* bill = desk.shelf.find("bill", ref);
  if (bill == nullptr) return base::fail(ErrorCode::not_found, "No such shell.", "ref");
  Json paid = *bill;
  paid.set("state", act.choice);
  TRY_VOID(desk.shelf.put("bill", ref, paid));
  desk.notify({.notice_id = "n-" + ref, .body = ref});
  return paid;
}

constexpr Choice kChoices[] = {{"paid", "Pay it"}, {"refused", "Refuse"}};
constexpr Quirk kQuirks[] = {{"tide", "Height of the tide", 3, 9}};
constexpr Rail kShells{.name = "shells",
                       .title = "Shell money",
                       .claims = claims_shells,
                       .answer = answer_shells,
                       .trouble = shell_trouble,
                       .seal = seal_shell,
                       .waiting = waiting_shells,
                       .find = find_shell,
                       .choices = kChoices,
                       .act = act_on_shell,
                       .quirks = kQuirks};

/// A shop's door: takes notices, or does not.
class Door final : public base::HttpClient {
 public:
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override {
    calls.push_back(std::move(call));
    if (closed) co_return base::fail(ErrorCode::timeout, "Nobody there.");
    co_return base::HttpReply{.status = status};
  }
  bool closed = false;
  int status = 200;
  std::vector<base::HttpCall> calls;
};

struct Shore : BankFixture {
  explicit Shore(std::string data_file = {}) : BankFixture(shore_options(std::move(data_file))) {}
  static SandboxOptions shore_options(std::string data_file) {
    SandboxOptions options = usual_options();
    options.data_file = std::move(data_file);
    options.rails = {&kShells};
    options.accounts["shells"] = {.notice_secrets = {base::Secret("true")},
                                  .notice_url = "http://shop.test/shells"};
    return options;
  }
  void faults(std::initializer_list<std::pair<std::string, Json>> changes) {
    ASSERT_TRUE(bank().change_rail_faults("shells", Json::object(changes)).has_value());
  }
  /// Ways of virtual seconds until the postman has nothing due.
  std::int64_t deliver() {
    std::optional<std::int64_t> made;
    base::VirtualExecutor executor(clock());
    base::spawn(executor, keep(bank().deliver_due(door), made));
    while (!made && executor.run_one()) {
    }
    return made.value_or(-1);
  }
  static base::Task<void> keep(base::Task<std::int64_t> task, std::optional<std::int64_t>& made) {
    base::Task<std::int64_t> running = std::move(task);
    made = co_await running;
  }
  Json pay(const std::string& ref) {
    auto done = bank().act("shells", ref, {.choice = "paid"});
    EXPECT_TRUE(done.has_value());
    return done.value_or(Json());
  }

  Door door;
};

TEST(Rail, ARequestGoesToTheRailThatClaimsIt) {
  Shore shore;
  EXPECT_EQ(shore.json_of(shore.post("/shells/new", "a"))["id"].text_or_empty(), "a");
  EXPECT_EQ(shore.bank().objects("shells", "bill").size(), 1U);
  EXPECT_EQ(shore.post("/shells/new", "a").headers.find(kSandboxHeader), kSandboxHeaderValue);
  EXPECT_EQ(shore.bank().objects("pearls", "bill").size(), 0U);
}

TEST(Rail, ALiveEnvironmentIsRefusedHereToo) {
  Shore shore;
  HttpRequest request{.method = "POST", .path = "/shells/new"};
  request.headers.add("X-Quittance-Environment", "live");
  EXPECT_EQ(shore.send(std::move(request)).status, 403);
  EXPECT_EQ(shore.bank().objects("shells", "bill").size(), 0U);
}

TEST(Rail, ItsWordsAreUsedForTroubleAndLostAnswersLeaveTheWorkDone) {
  Shore shore;
  shore.faults({{"too_many_requests_percent", 100}, {"retry_after_s", 7}});
  const HttpResponse busy = shore.post("/shells/new", "a");
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.body, "the sea is rough");
  EXPECT_EQ(busy.headers.find("Retry-After"), "7");
  EXPECT_EQ(shore.bank().objects("shells", "bill").size(), 0U);
  shore.faults({{"too_many_requests_percent", 0}, {"server_error_percent", 100}});
  EXPECT_EQ(shore.post("/shells/new", "b").status, 500);
  shore.faults({{"server_error_percent", 0}, {"timeout_percent", 100}, {"timeout_ms", 9'000}});
  const base::Time before = shore.clock().now();
  EXPECT_EQ(shore.post("/shells/new", "c").status, 504);
  EXPECT_EQ(shore.clock().now() - before, base::Duration{9'000});
  EXPECT_EQ(shore.bank().objects("shells", "bill").size(), 2U);
}

TEST(Rail, KnobsAreCheckedAndQuirksAreKnobs) {
  Shore shore;
  const auto change = [&](const char* name, Json value) {
    return shore.bank().change_rail_faults("shells", Json::object({{name, std::move(value)}}));
  };
  EXPECT_TRUE(change("tide", 9).has_value());
  EXPECT_EQ(change("tide", 10).error().param, "tide");
  EXPECT_EQ(change("moon", 1).error().param, "moon");
  EXPECT_EQ(change("unauthorized", 1).error().param, "unauthorized");
  EXPECT_EQ(change("latency_ms", -1).error().param, "latency_ms");
  EXPECT_EQ(shore.bank().change_rail_faults("pearls", Json()).error().code, ErrorCode::not_found);
}

TEST(Rail, N12_ANoticeIsSealedForEachAttemptAndRepeatedUntilItIsTaken) {
  Shore shore;
  shore.post("/shells/new", "a");
  shore.pay("a");
  shore.door.closed = true;
  EXPECT_EQ(shore.deliver(), 1);
  EXPECT_EQ(shore.deliver(), 0) << "not before its time";
  shore.door.closed = false;
  shore.door.status = 500;
  shore.advance(5'000);
  EXPECT_EQ(shore.deliver(), 1);
  shore.door.status = 200;
  shore.advance(9'999);
  EXPECT_EQ(shore.deliver(), 0) << "the pauses grow";
  shore.advance(1);
  EXPECT_EQ(shore.deliver(), 1);
  ASSERT_EQ(shore.door.calls.size(), 3U);
  EXPECT_EQ(shore.door.calls[2].headers.find("X-Seal"),
            base::hmac_sha256_hex(base::Secret("true"), "a"));
  EXPECT_EQ(shore.door.calls[2].url, "http://shop.test/shells");
  const auto notices = shore.bank().notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].state, "taken");
  EXPECT_EQ(notices[0].attempts, 3);
}

TEST(Rail, N12_PatienceEndsInTheEnd) {
  Shore shore;
  shore.post("/shells/new", "a");
  shore.pay("a");
  shore.door.status = 503;
  for (int i = 0; i < 60 && shore.bank().notices().front().state == "waiting"; ++i) {
    shore.deliver();
    shore.advance(3'600'000);
  }
  EXPECT_EQ(shore.bank().notices().front().state, "given_up");
}

TEST(Rail, N12_NoticesAreLostDoubledAndForged) {
  Shore shore;
  for (const char* id : {"a", "b", "c"})
    shore.post("/shells/new", id);
  shore.faults({{"notice_lost_percent", 100}});
  shore.pay("a");
  EXPECT_EQ(shore.deliver(), 0);
  EXPECT_EQ(shore.bank().notices().back().state, "lost");
  shore.faults({{"notice_lost_percent", 0}, {"notice_twice_percent", 100}});
  shore.pay("b");
  EXPECT_EQ(shore.deliver(), 2);
  EXPECT_EQ(shore.bank().notices()[1].notice_id, shore.bank().notices()[2].notice_id);
  shore.faults({{"notice_twice_percent", 0}, {"notice_forged_percent", 100}});
  shore.pay("c");
  EXPECT_EQ(shore.deliver(), 2);
  const auto seal = base::hmac_sha256_hex(base::Secret("true"), "c");
  EXPECT_NE(shore.door.calls[2].headers.find("X-Seal"), seal);
  EXPECT_EQ(shore.door.calls[3].headers.find("X-Seal"), seal);
}

TEST(Rail, WhatItKeepsOutlivesARestart) {
  testing::TempFolder folder;
  const std::string file = folder.file("bank.jsonl");
  {
    Shore shore(file);
    shore.post("/shells/new", "a");
    shore.post("/shells/new", "b");
    shore.pay("a");
  }
  Shore shore(file);
  const auto bills = shore.bank().objects("shells", "bill");
  ASSERT_EQ(bills.size(), 2U);
  EXPECT_EQ(bills[0]["id"].text_or_empty(), "b") << "the newest first";
  EXPECT_EQ(bills[1]["state"].text_or_empty(), "paid");
  ASSERT_TRUE(shore.bank().reset().has_value());
  EXPECT_EQ(shore.bank().objects("shells", "bill").size(), 0U);
}

TEST(Rail, ThePayersPageShowsWhatWaitsAndDoesOneThing) {
  Shore shore;
  shore.post("/shells/new", "a");
  EXPECT_NE(shore.get("/").body.find("Shell &lt;a&gt;"), std::string::npos);
  const HttpResponse scanned = shore.get("/pay", "payload=SHELL%3Aa");
  EXPECT_EQ(scanned.status, 303);
  EXPECT_EQ(scanned.headers.find("Location"), "/rails/shells/a");
  EXPECT_NE(shore.get("/rails/shells/a").body.find("Pay it"), std::string::npos);
  EXPECT_EQ(shore.post("/rails/shells/a", "choice=paid").status, 200);
  EXPECT_EQ(shore.bank().objects("shells", "bill")[0]["state"].text_or_empty(), "paid");
  EXPECT_EQ(shore.get("/rails/shells/a").status, 404) << "nothing waits any more";
  EXPECT_EQ(shore.get("/rails/pearls/a").status, 404);
}

TEST(Rail, ControlSpeaksJson) {
  Shore shore;
  shore.post("/shells/new", "a");
  const auto control = [&](const char* what) {
    return shore.json_of(shore.get("/control/rails/shells/" + std::string(what)));
  };
  EXPECT_EQ(control("waiting")["waiting"].array().at(0)["ref"].text_or_empty(), "a");
  const Json paid =
      shore.ask("/control/rails/shells/act", Json::object({{"ref", "a"}, {"choice", "paid"}}));
  EXPECT_EQ(paid["state"].text_or_empty(), "paid");
  EXPECT_EQ(control("notices")["notices"].array().size(), 1U);
  EXPECT_EQ(control("calls")["calls"]["POST /shells/new"].integer(), 1);
  EXPECT_EQ(shore.json_of(shore.get("/control/rails/shells/objects", "kind=bill"))["objects"]
                .array()
                .size(),
            1U);
  EXPECT_EQ(shore.post("/control/rails/pearls/act", "{}").status, 404);
  EXPECT_EQ(shore.post("/control/rails/shells/faults", R"({"moon":1})").status, 400);
}

}  // namespace
}  // namespace quittance::sandbox
