#include "unit/providers/rail_street.hpp"

namespace quittance::providers {

WireToSandbox::WireToSandbox(sandbox::Sandbox& bank) : bank_(bank) {}
WireToSandbox::~WireToSandbox() = default;

base::Task<base::Result<base::HttpReply>> WireToSandbox::send(base::HttpCall call) {
  calls.push_back(call);
  base::HttpRequest request;
  request.method = call.method;
  request.path = call.url.substr(kOrigin.size());
  request.headers = call.headers;
  request.headers.add("Host", "bank.test");
  request.body = call.body;
  const base::Time sent_at = clock ? clock->now() : base::Time{};
  base::HttpResponse response = co_await bank_.handle(std::move(request));
  if (clock && clock->now() - sent_at > call.timeout) {
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
RawNotice Door::notice() const {
  const std::string& url = calls.back().url;
  const std::size_t mark = url.find('?');
  return {.headers = calls.back().headers,
          .query = mark == std::string::npos ? "" : url.substr(mark + 1),
          .body = calls.back().body};
}

RailStreet::RailStreet(std::string rail_name, std::vector<const sandbox::Rail*> rails)
    : rail(std::move(rail_name)) {
  sandbox::SandboxOptions options;
  options.token_key = base::Secret("a key for tests only");
  options.rails = std::move(rails);
  options.public_url = std::string(WireToSandbox::kOrigin);
  bank = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
  wire = std::make_unique<WireToSandbox>(*bank);
  wire->clock = &clock;
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

}  // namespace quittance::providers
