// Every handler, by noun; routes.cpp says who may call which.
#pragma once

#include "http/visit.hpp"

namespace quittance::http {

// api_orders.cpp
Answered list_products(Services& services, Visit& visit);
Answered place_order(Services& services, Visit& visit);
Answered list_orders(Services& services, Visit& visit);
Answered show_order(Services& services, Visit& visit);
Answered show_order_status(Services& services, Visit& visit);
Answered stream_order_status(Services& services, Visit& visit);
Answered cancel_order(Services& services, Visit& visit);

// api_manual.cpp
Answered mark_order_paid(Services& services, Visit& visit);
Answered confirm_payment(Services& services, Visit& visit);
Answered reject_payment(Services& services, Visit& visit);
Answered refund_order(Services& services, Visit& visit);
Answered void_payment(Services& services, Visit& visit);

// api_deliveries.cpp
Answered resend_receipt(Services& services, Visit& visit);

// api_sessions.cpp
Answered create_session(Services& services, Visit& visit);
Answered list_sessions(Services& services, Visit& visit);
Answered draw_session_svg(Services& services, Visit& visit);
Answered draw_session_png(Services& services, Visit& visit);
Answered draw_session_keepsake(Services& services, Visit& visit);
Answered make_deep_link(Services& services, Visit& visit);
Answered verify_instantly(Services& services, Visit& visit);
Answered clean_up_sessions(Services& services, Visit& visit);

// api_notices.cpp
Answered take_stripe_notice(Services& services, Visit& visit);
Answered take_razorpay_notice(Services& services, Visit& visit);
Answered take_qpay_notice(Services& services, Visit& visit);
Answered take_mvola_notice(Services& services, Visit& visit);
Answered take_provider_notice(Services& services, Visit& visit);

// api_payments.cpp
Answered sync_payments(Services& services, Visit& visit);
Answered list_payments(Services& services, Visit& visit);
Answered show_payment(Services& services, Visit& visit);
Answered show_razorpay_status(Services& services, Visit& visit);
Answered list_sync_runs(Services& services, Visit& visit);

/// A payment as a list shows it, with whoever registered for an event by it.
base::Result<base::Json> payment_with_place(storage::Books& books,
                                            const storage::ProviderPayment& payment,
                                            const std::string& public_url);

// api_events.cpp
Answered list_events(Services& services, Visit& visit);
Answered create_event(Services& services, Visit& visit);
Answered change_event(Services& services, Visit& visit);

// api_attendees.cpp
Answered list_event_payments(Services& services, Visit& visit);
Answered list_attendees(Services& services, Visit& visit);
Answered admit_payment(Services& services, Visit& visit);
/// With their pass, and how far their mail is.
base::Result<base::Json> attendee_json(storage::Books& books, const storage::Attendee& attendee,
                                       const std::string& public_url);

// api_activity.cpp
Answered list_activity(Services& services, Visit& visit);

// api_reconciliation.cpp
Answered show_reconciliation(Services& services, Visit& visit);

// api_qpay.cpp
Answered create_qpay_invoice(Services& services, Visit& visit);
Answered check_qpay_invoice(Services& services, Visit& visit);
Answered cancel_qpay_invoice(Services& services, Visit& visit);
Answered create_qpay_test_invoice(Services& services, Visit& visit);

// api_invoices.cpp
Answered settle_invoice(Services& services, Visit& visit);
Answered list_payment_settings(Services& services, Visit& visit);

// api_recovery.cpp
Answered verify_qr(Services& services, Visit& visit);
Answered recover_from_qr(Services& services, Visit& visit);
Answered recover_page_post(Services& services, Visit& visit);

// api_passes.cpp
Answered show_verification_page(Services& services, Visit& visit);
Answered verify_pass(Services& services, Visit& visit);
Answered draw_pass_svg(Services& services, Visit& visit);

// api_auth.cpp
Answered log_in(Services& services, Visit& visit);
Answered log_out(Services& services, Visit& visit);
Answered show_me(Services& services, Visit& visit);

// api_users.cpp
Answered save_user(Services& services, Visit& visit);

// api_keys.cpp
Answered create_api_key(Services& services, Visit& visit);
Answered revoke_api_key(Services& services, Visit& visit);

// api_operations.cpp
Answered show_health(Services& services, Visit& visit);
Answered show_readiness(Services& services, Visit& visit);
Answered list_providers(Services& services, Visit& visit);

// api_log.cpp
Answered show_checkpoint(Services& services, Visit& visit);
Answered sign_checkpoint(Services& services, Visit& visit);
Answered show_log_key(Services& services, Visit& visit);
Answered show_log_proof(Services& services, Visit& visit);
Answered show_log_growth(Services& services, Visit& visit);
Answered show_order_proof(Services& services, Visit& visit);
Answered show_order_history(Services& services, Visit& visit);

/// Why the settlement of an order is in the log; the entry itself only when it names nobody of the
/// staff, or for staff.
struct SettlementProof {
  std::int64_t seq = 0;
  std::string note;  ///< the checkpoint
  base::Json file;   ///< what `quittance verify-proof` reads
};
base::Task<base::Result<SettlementProof>> prove_settlement(Services& services, core::OrderId id,
                                                           bool staff);

// pages.cpp
Answered show_static_page(Services& services, Visit& visit);
Answered show_asset(Services& services, Visit& visit);
Answered show_receipt(Services& services, Visit& visit);
Answered show_save_qr(Services& services, Visit& visit);
Answered show_recover(Services& services, Visit& visit);

// page_checkout.cpp
Answered show_checkout(Services& services, Visit& visit);

// page_ways.cpp
Answered list_ways(Services& services, Visit& visit);
Answered show_ways(Services& services, Visit& visit);
Answered choose_way(Services& services, Visit& visit);

/// An order that this visit may see: staff, its owner, or whoever shows its secret (header
/// X-Order-Secret or query `secret`). not_found otherwise: never a hint that it exists.
base::Task<base::Result<core::Order>> order_for(Services& services, const Visit& visit,
                                                core::OrderId id);

}  // namespace quittance::http
