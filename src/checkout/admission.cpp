#include "checkout/admission.hpp"

#include <algorithm>
#include <charconv>

#include "checkout/audit_details.hpp"

namespace quittance::checkout {
namespace {

using base::Json;
using base::Result;
using core::Money;
using core::Order;
using core::Session;
using providers::ListedPayment;
using providers::PaymentState;
using providers::Registration;
using storage::Attendee;
using storage::Books;
using storage::Event;
using storage::Product;
using storage::WritableBooks;

/// A roll number is the same in small letters and with blanks in it.
std::string roll_of(std::string_view text) {
  std::string roll;
  for (const char c : text) {
    if (c == ' ' || c == '\t') continue;
    roll += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return roll;
}

Result<std::optional<Event>> event_of(Books& books, const Registration& answers) {
  if (answers.event_id.empty()) return books.event_of_unnamed();
  std::int64_t id = 0;
  const char* end = answers.event_id.data() + answers.event_id.size();
  const auto [at, error] = std::from_chars(answers.event_id.data(), end, id);
  if (error != std::errc() || at != end) return std::optional<Event>();
  return books.event(id);
}

/// Whoever pays at the door names no event; the next day, nobody can mean this one.
constexpr base::Duration kAtTheDoor = std::chrono::hours(12);

/// What is left of the money against the price of a place. nullopt: enough.
std::optional<AdmissionOutcome> short_of(const ListedPayment& payment, Money price) {
  if (payment.state == PaymentState::authorized) return AdmissionOutcome::not_captured;
  if (payment.state != PaymentState::paid) return AdmissionOutcome::refunded;
  if (payment.amount.currency() != price.currency()) return AdmissionOutcome::other_currency;
  if (!payment.amount.minus(price)) return AdmissionOutcome::below_price;
  const auto left = payment.amount.minus(payment.refunded);
  if (!left || !left->minus(price)) return AdmissionOutcome::refunded;
  return std::nullopt;
}

/// Whether an attendee holds the place. One whose money went back does not.
Result<bool> holds_place(Books& books, const std::optional<Attendee>& attendee) {
  if (!attendee) return false;
  TRY(const auto order, books.order(attendee->order_id));
  return order && order->status != core::OrderStatus::refunded &&
         order->status != core::OrderStatus::canceled;
}

/// One admission on its way into the books.
class Place {
 public:
  Place(WritableBooks& books, const CheckoutPolicy& policy, base::Random& random, base::Time now,
        const Admitting& admitting)
      : books_(books), policy_(policy), random_(random), now_(now), admitting_(admitting) {}

  /// `before` had the roll number until the money went back.
  Result<Session> take(const Event& event, const Product& product, const std::string& roll,
                       const std::optional<Attendee>& before) {
    const Registration& answers = *admitting_.payment.registration;
    TRY(const core::CustomerId customer,
        books_.insert_customer({.name = answers.name, .email = answers.email}, now_));
    Order order = order_for(product, customer);
    Session session = session_for(product, customer);
    TRY(order.id, books_.insert_order(order));
    const core::OrderItem item{
        .product_id = product.id, .name = product.name, .quantity = 1, .price = product.price};
    TRY(const std::int64_t row, books_.insert_order_item(order.id, item));
    session.order_id = order.id;
    TRY(session.id, books_.insert_session(session));
    TRY_VOID(books_.set_order_session(order.id, session.session_id));
    Json opened = session_details(session);
    opened.set("created_at", base::to_ms(session.created_at));
    Json details = order_details(order, {{.row = row, .item = item}}, session);
    details.set("session", std::move(opened));
    TRY_VOID(log("order.placed", "order", order.id.value(), "customer", std::move(details)));
    Attendee attendee = attendee_for(event, order.id, roll);
    const auto replaces = before ? std::optional(before->order_id) : std::nullopt;
    TRY(attendee.id, books_.save_attendee(attendee, replaces));
    TRY_VOID(log("attendee.registered", "attendee", attendee.id, admitting_.actor,
                 Json::object({{"event_id", event.id},
                               {"order_id", order.id.value()},
                               {"roll_number", roll},
                               {"provider", admitting_.provider},
                               {"payment_ref", admitting_.payment.payment_ref}})));
    return session;
  }

 private:
  Order order_for(const Product& product, core::CustomerId customer) {
    const Money none = Money::zero(product.price.currency());
    return {.transaction_id = random_.hex(16),
            .order_secret = random_.hex(16),
            .customer_id = customer,
            .total = product.price,
            .paid = none,
            .refunded = none,
            .payment_method = admitting_.provider,
            .created_at = now_,
            .reserved_until = now_ + policy_.stock_hold};
  }

  /// It began when the payment did, on a page that we did not make; nobody asks about it, because
  /// what is to be known of it is here already.
  Session session_for(const Product& product, core::CustomerId customer) {
    const base::Time began = std::min(admitting_.payment.created_at, now_);
    return {.session_id = random_.uuid(),
            .payment_id = random_.uuid(),
            .customer_id = customer,
            .provider = admitting_.provider,
            .environment = admitting_.environment,
            .receiver = "",
            .amount = product.price,
            .qr_data = "",
            .md5_hash = "",
            .bill_number = admitting_.payment.payment_ref,
            .created_at = began,
            .expires_at = began + policy_.payload_valid_for};
  }

  Attendee attendee_for(const Event& event, core::OrderId order, const std::string& roll) const {
    const Registration& answers = *admitting_.payment.registration;
    return {.event_id = event.id,
            .order_id = order,
            .roll_number = roll,
            .name = answers.name,
            .email = answers.email,
            .phone = answers.phone,
            .college_name = answers.college_name,
            .department = answers.department,
            .year = answers.year,
            .section = answers.section,
            .emergency_contact_number = answers.emergency_contact_number,
            .registered_at = now_};
  }

  Result<storage::Rows> log(std::string action, std::string subject, std::int64_t id,
                            std::string actor, Json details) {
    return books_.insert_audit({.created_at = now_,
                                .actor = std::move(actor),
                                .action = std::move(action),
                                .subject_type = std::move(subject),
                                .subject_id = id,
                                .details = details.dump()});
  }

  WritableBooks& books_;
  const CheckoutPolicy& policy_;
  base::Random& random_;
  base::Time now_;
  const Admitting& admitting_;
};

}  // namespace

std::string_view to_text(AdmissionOutcome outcome) {
  switch (outcome) {
    case AdmissionOutcome::admitted:
      return "admitted";
    case AdmissionOutcome::not_captured:
      return "not_captured";
    case AdmissionOutcome::refunded:
      return "refunded";
    case AdmissionOutcome::details_missing:
      return "details_missing";
    case AdmissionOutcome::event_over:
      return "event_over";
    case AdmissionOutcome::no_event:
      return "no_event";
    case AdmissionOutcome::other_currency:
      return "other_currency";
    case AdmissionOutcome::below_price:
      return "below_price";
    case AdmissionOutcome::registered_before:
      return "registered_before";
    case AdmissionOutcome::event_full:
      return "event_full";
  }
  return "";
}

Result<Admission> admit(WritableBooks& books, const CheckoutPolicy& policy, base::Random& random,
                        base::Time now, const Admitting& admitting) {
  const Registration answers = admitting.payment.registration.value_or(Registration{});
  const std::string roll = roll_of(answers.roll_number);
  if (answers.name.empty() || roll.empty()) {
    return Admission{.outcome = AdmissionOutcome::details_missing};
  }
  TRY(const auto event, event_of(books, answers));
  if (!event) return Admission{.outcome = AdmissionOutcome::no_event};
  if (answers.event_id.empty() && admitting.payment.created_at > event->starts_at + kAtTheDoor) {
    return Admission{.outcome = AdmissionOutcome::event_over};
  }
  TRY(const auto product, books.product(event->product_id));
  if (!product) return Admission{.outcome = AdmissionOutcome::no_event};
  if (const auto why_not = short_of(admitting.payment, product->price)) {
    return Admission{.outcome = *why_not};
  }
  TRY(const auto before, books.attendee(event->id, roll));
  TRY(const bool taken, holds_place(books, before));
  if (taken) return Admission{.outcome = AdmissionOutcome::registered_before};
  TRY(const bool reserved, books.reserve(product->id, 1));
  if (!reserved) return Admission{.outcome = AdmissionOutcome::event_full};
  Place place(books, policy, random, now, admitting);
  TRY(Session session, place.take(*event, *product, roll, before));
  return Admission{.session = std::move(session)};
}

}  // namespace quittance::checkout
