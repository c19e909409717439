#include "unit/providers/rail_street.hpp"

#include "support/wire.hpp"

namespace quittance::providers {

WireToSandbox::WireToSandbox(sandbox::Sandbox& bank, const base::Clock& clock)
    : bank_(bank), clock_(clock) {}
WireToSandbox::~WireToSandbox() = default;

base::Task<base::Result<base::HttpReply>> WireToSandbox::send(base::HttpCall call) {
  calls.push_back(call);
  const base::Time asked_at = clock_.now();
  base::HttpResponse response = co_await bank_.handle(testing::as_request(call));
  if (clock_.now() - asked_at > call.timeout) {
    co_return base::fail(base::ErrorCode::timeout, "No answer in time.");
  }
  co_return base::HttpReply{.status = response.status,
                            .headers = std::move(response.headers),
                            .body = std::move(response.body)};
}

std::size_t WireToSandbox::count(std::string_view path_end) const {
  std::size_t found = 0;
  for (const base::HttpCall& call : calls)
    found += call.url.ends_with(path_end) ? 1 : 0;
  return found;
}

Door::Door() = default;
Door::~Door() = default;

base::Task<base::Result<base::HttpReply>> Door::send(base::HttpCall call) {
  calls.push_back(std::move(call));
  co_return base::HttpReply{.status = 200, .headers{}, .body = answer};
}
RawNotice Door::notice_of(const base::HttpCall& call) {
  base::HttpRequest request = testing::as_request(call);
  return {.headers = call.headers, .query = std::move(request.query), .body = call.body};
}

RailStreet::RailStreet(std::string rail_name, std::vector<const sandbox::Rail*> rails)
    : rail(std::move(rail_name)) {
  sandbox::SandboxOptions options;
  options.token_key = base::Secret("a key for tests only");
  options.rails = std::move(rails);
  options.public_url = std::string(WireToSandbox::kOrigin);
  bank = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
  wire = std::make_unique<WireToSandbox>(*bank, clock);
}
RailStreet::~RailStreet() = default;

void RailStreet::faults(std::initializer_list<std::pair<std::string, base::Json>> changes) {
  ASSERT_TRUE(bank->change_rail_faults(rail, base::Json::object(changes)).has_value());
}
Answer RailStreet::ask(core::Session session) {
  std::vector<core::Session> one;
  one.push_back(std::move(session));
  return run(provider->query(std::move(one))).at(0);
}
base::Result<base::Json> RailStreet::act(const std::string& ref, sandbox::Act what) {
  return bank->act(rail, ref, what);
}
std::int64_t RailStreet::deliver() { return run(bank->deliver_due(door)); }

OrderStreet::OrderStreet(std::string rail_name, sandbox::RailSettings account,
                         std::vector<const sandbox::Rail*> rails)
    : RailStreet(std::move(rail_name), std::move(rails)) {
  EXPECT_TRUE(bank->set_rail(rail, std::move(account)));
}
OrderStreet::~OrderStreet() = default;

SessionDraft OrderStreet::draft(core::Money amount, std::string reference) {
  return {.amount = amount,
          .bill_number = "BILL_1",
          .merchant_reference = std::move(reference),
          .description = "Order 42",
          .object_type = "order",
          .created_at = clock.now(),
          .expires_at = clock.now() + std::chrono::hours(24)};
}

base::Result<Presentation> OrderStreet::try_show(SessionDraft draft) {
  return run(provider->present(std::move(draft)));
}

core::Session OrderStreet::unshown(core::Money amount, std::string reference) {
  core::Session session{.session_id = std::move(reference), .amount = amount};
  session.created_at = clock.now();
  return session;
}

core::Session OrderStreet::show(core::Money amount, std::string reference) {
  core::Session session = unshown(amount, reference);
  const auto shown = try_show(draft(amount, std::move(reference)));
  EXPECT_TRUE(shown.has_value()) << (shown ? "" : shown.error().detail);
  if (shown) session.provider_ref = shown->provider_ref;
  if (shown) session.qr_data = shown->qr_data;
  return session;
}

std::vector<RawNotice> OrderStreet::notices() {
  while (deliver() > 0) {
  }
  std::vector<RawNotice> came;
  for (const base::HttpCall& call : std::exchange(door.calls, {}))
    came.push_back(Door::notice_of(call));
  return came;
}

}  // namespace quittance::providers
