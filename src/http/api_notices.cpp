// Providers' notices: verified and stored before they are answered, processed later
// (detect/notices).
#include "http/handlers.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Task;

/// Whether it is on disk, be it now or since before.
Task<Result<bool>> receive(Services& services, Visit& visit, std::string provider_name) {
  const providers::Provider* provider = services.registry.find(provider_name);
  if (!provider) co_return fail(ErrorCode::not_found, "There is no such address.");
  providers::RawNotice raw;
  raw.headers = visit.request.headers;
  raw.query = visit.request.query;
  raw.body = visit.request.body;
  co_return co_await services.notices.receive(*provider, std::move(raw));
}

/// A signature that is wrong is a wrong request, whoever sent it.
Answered signed_notice(Services& services, Visit& visit, std::string provider_name) {
  const auto received = co_await receive(services, visit, std::move(provider_name));
  if (!received && received.error().code == ErrorCode::forbidden) {
    co_return fail(ErrorCode::invalid_request, received.error().message);
  }
  if (!received) co_return std::unexpected(received.error());
  co_return json_response(Json::object({{"received", true}}));
}

/// Of notices that nobody signs, the sender hears only that they could not be kept, or that there
/// is no such provider here. Whether we believed them is nobody's business.
bool is_told(const Result<bool>& received) {
  if (received) return false;
  const ErrorCode code = received.error().code;
  return code == ErrorCode::storage_failure || code == ErrorCode::overloaded ||
         code == ErrorCode::not_found;
}

/// A branch's invoices are asked about by the branch's own login: the session says whose it is.
base::Task<std::string> qpay_branch(Services& services, const Visit& visit) {
  std::string session_id = visit.body["session"].text_or_empty();
  const auto in_query = visit.query.find("session");
  if (in_query != visit.query.end()) session_id = in_query->second;
  storage::Reading<std::optional<core::Session>> find = [&session_id](storage::Books& books) {
    return books.session_by_public_id(session_id);
  };
  const auto session = co_await services.store.read(std::move(find));
  if (session && *session && (*session)->provider.starts_with("qpay")) {
    co_return (*session)->provider;
  }
  co_return std::string("qpay");
}

}  // namespace

Answered take_stripe_notice(Services& services, Visit& visit) {
  return signed_notice(services, visit, "stripe");
}

Answered take_razorpay_notice(Services& services, Visit& visit) {
  return signed_notice(services, visit, "razorpay");
}

Answered take_provider_notice(Services& services, Visit& visit) {
  std::string name = visit.params["provider"];
  const providers::Provider* provider = services.registry.find(name);
  if (!provider || !provider->capabilities().notifies) {
    co_return fail(ErrorCode::not_found, "There is no such address.");
  }
  co_return co_await signed_notice(services, visit, std::move(name));
}

Answered take_qpay_notice(Services& services, Visit& visit) {
  std::string branch = co_await qpay_branch(services, visit);
  const auto received = co_await receive(services, visit, std::move(branch));
  if (is_told(received)) co_return std::unexpected(received.error());
  if (visit.request.method == "POST") {
    co_return json_response(Json::object({{"success", true}}));
  }
  // This word, to the letter, or it is sent again and again.
  co_return text_response("SUCCESS", "text/plain; charset=utf-8");
}

Answered take_mvola_notice(Services& services, Visit& visit) {
  const auto received = co_await receive(services, visit, "mvola");
  if (is_told(received)) co_return std::unexpected(received.error());
  co_return json_response(Json::object({{"status", "received"}}));
}

}  // namespace quittance::http
