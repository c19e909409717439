// The edge over a shop, without a network and in virtual time: what a request meets.
#pragma once

#include "http/http.hpp"
#include "support/shop.hpp"

namespace quittance::testing {

inline constexpr const char* kShopUrl = "http://shop.test";
inline const base::Secret kJwtKey("only for tests");
inline const base::Secret kCallbackKey("made for callbacks in tests");

/// A POST of JSON from this address.
base::HttpRequest json_post(std::string path, const base::Json& body,
                            std::string from = "10.0.0.1");

class Edge : public Shop {
 public:
  Edge();
  ~Edge();
  /// What the edge stands on, for a test to change; its limits are those that nobody meets.
  http::ApiParts parts();
  /// Opens it, when the shop has all its rails: one that is added later gets a new detector.
  void open(http::ApiParts parts);
  base::HttpResponse answer(base::HttpRequest request);

  void add_user(const std::string& name, storage::Role role = storage::Role::staff);
  /// The request comes from this user, who logged in just now.
  void log_in(base::HttpRequest& request, const std::string& name,
              storage::Role role = storage::Role::staff);
  /// What such a login is known by, for an hour.
  std::string token_of(const std::string& name, storage::Role role);

  checkout::CheckoutPolicy policy;
  base::Worker worker{1};
  audit::Notary notary{*store, key, audit::origin_of(kShopUrl), clock, log};
  notify::Outbox outbox{{.store = *store, .clock = clock, .random = random, .log = log}, {}};
  std::unique_ptr<http::Api> api;
};

/// Carries notices to the edge, and keeps them with the status that each was answered with.
class ToTheEdge final : public base::HttpClient {
 public:
  explicit ToTheEdge(Edge& edge);
  ~ToTheEdge() override;
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override;
  /// A notice as the edge gets it, from its sender's address.
  static base::HttpRequest request_of(const base::HttpCall& call);

  std::vector<base::HttpCall> calls;
  std::vector<int> statuses;

 private:
  Edge& edge_;
};

}  // namespace quittance::testing
