// What the files of the Razorpay simulator share (wire facts: docs/providers/razorpay.md).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/rail.hpp"

namespace quittance::sandbox::razorpay {

/// One request on its way through.
struct Call {
  RailDesk& desk;
  const base::HttpRequest& request;
  base::Json body;   ///< of a POST or PATCH
  base::Json query;  ///< texts
  std::string id{};  ///< in the path
};

base::HttpResponse answer(const base::Json& object, int status = 200);
base::HttpResponse bad_request(std::string_view description, std::string_view field = {},
                               int status = 400);
base::HttpResponse server_error();
/// Their id texts: prefix and 14 letters; else `xyz is not a valid id`.
std::optional<base::HttpResponse> refuse_id(std::string_view id, std::string_view prefix);
base::HttpResponse unknown_id();

/// `{entity:"collection", count, items}` by `from`, `to`, `count` and `skip`, newest first.
base::HttpResponse collection(Call& call, std::string_view kind,
                              const std::function<bool(const base::Json&)>& fits);
/// The same of these, which are in that order already.
base::HttpResponse collection(Call& call, std::string_view kind,
                              const std::vector<const base::Json*>& all);
/// The shelf's kind that holds the ids of a code's payments.
inline std::string payments_of(std::string_view qr_id) {
  return "payments of " + std::string(qr_id);
}

/// An object of notes, or `[]` when there are none.
base::Json notes_of(const base::Json& given);
/// `INR 250.00`.
std::string sum_for_people(std::int64_t paise);
/// Rupees in decimal text to paise.
std::optional<std::int64_t> paise_of(std::string_view rupees);

/// Sends an event about these entities: pairs of name and entity.
void emit(RailDesk& desk, std::string_view event, const base::Json& entities);
void seal(RailDesk& desk, Delivery& delivery);

/// A code as it is now: one whose time is over is closed, and nobody is told.
base::Json current_code(const RailDesk& desk, base::Json code);
base::HttpResponse create_code(Call& call);
base::HttpResponse show_code(Call& call);
base::HttpResponse list_codes(Call& call);
base::HttpResponse close_code(Call& call);
base::HttpResponse update_code(Call& call);
base::HttpResponse list_code_payments(Call& call);

base::HttpResponse show_payment(Call& call);
base::HttpResponse list_payments(Call& call);
base::HttpResponse capture_payment(Call& call);
base::HttpResponse update_payment(Call& call);
base::HttpResponse refund_payment(Call& call);
base::HttpResponse list_payment_refunds(Call& call);
base::HttpResponse list_refunds(Call& call);
base::HttpResponse show_refund(Call& call);

/// How a payer's attempt ends.
enum class Attempt { captured, authorized, failed };
struct Money {
  std::int64_t paise = 0;
  std::string payer{};
  /// `notes`, `email`, `contact`, `method`: what the payer's form held.
  base::Json details{};
};
/// A new payment, for the code `qr_id` or (empty) by a payment page; it is kept and told of.
base::Result<base::Json> new_payment(RailDesk& desk, const std::string& qr_id, const Money& money,
                                     Attempt attempt);
/// Changes a payment's status, as a late authorisation or a capture does.
base::Result<base::Json> move_payment(RailDesk& desk, base::Json payment, Attempt attempt);

std::vector<Waiting> waiting(RailDesk& desk);
std::optional<std::string> find(RailDesk& desk, std::string_view code);
base::Result<base::Json> act(RailDesk& desk, const std::string& ref, const Act& act);

/// What stands for a payment page, which takes payments without a code, as a ref to act on.
inline constexpr std::string_view kPage = "page";

}  // namespace quittance::sandbox::razorpay
