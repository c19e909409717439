#include "audit/sentences.hpp"

#include <algorithm>

namespace quittance::audit {
namespace {

constexpr Sentence kSentences[] = {
    {"order.placed", "{actor} ordered {items}: {total} to pay, goods set aside until {until}."},
    {"session.opened", "A QR for {amount} was made at {provider}."},
    {"session.elsewhere", "{amount} was asked for on a page of {provider} itself."},
    {"query.paid", "{provider} was asked ({source}) and said: paid."},
    {"query.not_yet", "{provider} was asked ({source}) and said: not yet."},
    {"query.not_yet_again",
     "{provider} was asked {times} times since {since} ({source}) and said: not yet."},
    {"query.final_no", "{provider} was asked ({source}) and said: it will not be paid."},
    {"query.unknown", "{provider} was asked ({source}) and could not say: {reason}."},
    {"settlement.settled", "{amount} came by {provider} ({ref}), learnt from {source}: counted."},
    {"settlement.underpaid",
     "{amount} came by {provider} ({ref}), learnt from {source}: less than was owed; counted."},
    {"settlement.overpaid",
     "{amount} came by {provider} ({ref}), learnt from {source}: {counted} counted, {excess} too "
     "much, to be given back."},
    {"settlement.excess",
     "{amount} came by {provider} ({ref}), learnt from {source}, though nothing was owed: all of "
     "it is to be given back."},
    {"settlement.refunded_before",
     "{amount} came by {provider} ({ref}), learnt from {source}, after the order was refunded: all "
     "of it is to be given back."},
    {"settlement.paid_late_accepted",
     "{amount} came late by {provider} ({ref}), learnt from {source}; the goods were still there: "
     "counted."},
    {"settlement.paid_late_needs_staff",
     "{amount} came late by {provider} ({ref}), learnt from {source}: counted, and a person "
     "decides about the goods."},
    {"settlement.by_hand", "{actor} stated that {amount} came: {reason}."},
    {"settlement.by_two",
     "{actor} stated that {amount} came ({reason}), and {approver} confirmed."},
    {"evidence.currency_mismatch",
     "{amount} came by {provider} ({ref}): another currency than was asked for; not counted."},
    {"evidence.receiver_mismatch",
     "{amount} by {provider} ({ref}) reached another account than ours; not counted."},
    {"evidence.older_than_session",
     "{amount} by {provider} ({ref}) is from before it was asked for; not counted."},
    {"evidence.evidence_reused",
     "{amount} by {provider} ({ref}) is counted for another order already; not counted again."},
    {"evidence.no_amount", "{provider} reported a payment of nothing ({ref}); not counted."},
    {"evidence.already_settled", "{source} showed the same money again ({ref}): counted already."},
    {"evidence.already_refunded", "{source} showed the same refund again ({ref}): known already."},
    {"evidence.unknown_original",
     "{amount} went back by {provider} ({ref}) of money that was never counted; not booked."},
    {"evidence.more_than_held",
     "{amount} went back by {provider} ({ref}), more than is held of that money; not booked."},
    {"evidence.void_refused", "{actor} wanted to take a statement back; it was too late for that."},
    {"evidence.awaiting_approval",
     "{actor} stated that {amount} came ({reason}); a second person must confirm."},
    {"refund.refunded", "{amount} was given back by {provider} ({ref}): all of what was counted."},
    {"refund.refunded_partly", "{amount} of what was counted went back by {provider} ({ref})."},
    {"refund.excess_returned", "{amount} that was too much went back by {provider} ({ref})."},
    {"refund.voided", "{actor} took back the statement that {amount} came: {reason}."},
    {"refund.asked", "{actor} asked for {amount} to be sent back by {provider}: {reason}."},
    {"refund.confirmed", "{actor} confirmed that it is to be sent back: {reason}."},
    {"refund.accepted", "{provider} took it on to send the money back."},
    {"refund.seen", "{provider} showed that this money had gone back."},
    {"refund.refused", "{provider} refused to send the money back: {reason}"},
    {"order.hold_ended", "The time to pay was over and {provider} had said no."},
    {"order.lapsed", "Nobody paid, and no QR of the order is asked about any more."},
    {"order.canceled", "{actor} canceled the order, after the provider was asked."},
    {"order.handed_over", "{actor} handed the goods over: {reason}."},
    {"receipt.requested", "{actor} had the receipt sent by mail once more."},
    {"tax_receipt.issued", "Its tax receipt is registered with the state."},
    {"tax_receipt.voided", "Its tax receipt was taken back."},
    {"tax_receipt.refused", "No tax receipt could be registered for it: a person must look."},
    {"effect.completed", "The order is completed."},
    {"effect.pending", "The order waits for money again."},
    {"effect.canceled", "The order is canceled; its QRs are still honoured."},
    {"effect.refunded", "The order is refunded."},
    {"effect.owed", "{due} is still owed."},
    {"effect.goods_taken", "Its goods left the stock."},
    {"effect.goods_short", "Less was in stock than was sold: a person must look."},
    {"effect.goods_released", "Its goods went back on sale."},
    {"effect.goods_returned", "Its goods are back in stock and set aside."},
    {"effect.pass_issued", "Its receipt pass is valid."},
    {"effect.pass_revoked", "Its receipt pass is revoked."},
};

}  // namespace

std::span<const Sentence> sentences() { return kSentences; }

std::string say(std::string_view key, const base::Json& params) {
  const auto found = std::ranges::find(kSentences, key, &Sentence::key);
  if (found == std::end(kSentences)) return std::string(key);
  std::string text;
  std::string_view rest = found->text;
  for (std::size_t open = rest.find('{'); open != rest.npos; open = rest.find('{')) {
    const std::size_t close = rest.find('}', open);
    text += rest.substr(0, open);
    text += params[rest.substr(open + 1, close - open - 1)].text_or_empty();
    rest.remove_prefix(close + 1);
  }
  return text.append(rest);
}

}  // namespace quittance::audit
