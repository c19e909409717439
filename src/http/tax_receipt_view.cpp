#include "http/tax_receipt_view.hpp"

#include <algorithm>

#include "http/views.hpp"
#include "qr/qr.hpp"

namespace quittance::http {
namespace {

using base::Json;
using base::Result;
using core::Money;
using storage::ReceiptState;
using storage::StoredReceipt;

/// Marks a part of the row that holds words only.
constexpr std::string_view kShown = "1";

/// What the books say of an order's receipts.
struct Asked {
  std::optional<storage::ReceiptWish> wish{};
  std::vector<StoredReceipt> receipts{};
};

bool went_back(const OrderFacts& facts, core::SettlementId id) {
  return std::ranges::find(facts.refunds, id, &storage::Refund::settlement_id) !=
         facts.refunds.end();
}

/// Payments whose receipt was asked for and is not in the books yet: they get one within moments,
/// by the rule of `WritableBooks::make_receipts`.
void add_awaited(Asked& asked, const OrderFacts& facts, const providers::Registry& registry) {
  if (!asked.wish || facts.order.status != core::OrderStatus::completed) return;
  for (const storage::Settlement& settlement : facts.settlements) {
    const providers::Provider* provider = registry.find(settlement.provider);
    const bool gets_one = provider != nullptr && provider->capabilities().issues_receipts &&
                          settlement.verification_method == "automatic" &&
                          settlement.counted.minor() > 0 && !went_back(facts, settlement.id);
    if (!gets_one || std::ranges::find(asked.receipts, settlement.id,
                                       &StoredReceipt::settlement_id) != asked.receipts.end()) {
      continue;
    }
    asked.receipts.push_back({.settlement_id = settlement.id,
                              .order_id = facts.order.id,
                              .provider = settlement.provider,
                              .payment_ref = settlement.provider_ref,
                              .receiver_type = asked.wish->receiver_type,
                              .receiver = asked.wish->receiver});
  }
}

std::optional<Money> paid_by(const OrderFacts& facts, core::SettlementId id) {
  const auto found = std::ranges::find(facts.settlements, id, &storage::Settlement::id);
  if (found == facts.settlements.end()) return std::nullopt;
  return found->counted;
}

/// A picture that has no address of its own: what is in it belongs on this page only. Empty when
/// there is nothing to draw; the number beside it says the same to who types it in.
std::string picture_of(const base::Secret& text) {
  const auto matrix = qr::make_qr(text.reveal(), qr::QrLevel::low);
  if (!matrix) return {};
  return "data:image/svg+xml;base64," + base::to_base64(qr::qr_svg(*matrix));
}

/// A sum of the receipt's details, as text; empty when it is not given or nothing.
std::string sum_text(const Json& minor, core::Currency currency) {
  const auto known = minor.integer();
  if (!known || *known == 0) return {};
  const Result<Money> sum = Money::from_minor(*known, currency);
  return sum ? amount_text(*sum) : std::string();
}

}  // namespace

std::string_view to_text(TaxReceiptSight sight) {
  switch (sight) {
    case TaxReceiptSight::waiting:
      return "waiting";
    case TaxReceiptSight::issued:
      return "issued";
    case TaxReceiptSight::leaving:
      return "leaving";
    case TaxReceiptSight::voided:
      return "voided";
    case TaxReceiptSight::refused:
      return "refused";
    case TaxReceiptSight::doubtful:
      return "doubtful";
  }
  return "";
}

TaxReceiptSight sight_of(const StoredReceipt& receipt) {
  const bool tried_again = receipt.next_attempt_at.has_value();
  const auto unless_given_up = [tried_again](TaxReceiptSight sight) {
    return tried_again ? sight : TaxReceiptSight::doubtful;
  };
  switch (receipt.state) {
    case ReceiptState::waiting:
      // Nothing stands at the provider, so when its money is gone nothing has to be taken back.
      return receipt.wanted ? TaxReceiptSight::waiting : TaxReceiptSight::voided;
    case ReceiptState::asked:
      return unless_given_up(receipt.wanted ? TaxReceiptSight::waiting : TaxReceiptSight::leaving);
    case ReceiptState::issued:
      return receipt.wanted ? TaxReceiptSight::issued : unless_given_up(TaxReceiptSight::leaving);
    case ReceiptState::voided:
      return TaxReceiptSight::voided;
    case ReceiptState::refused:
      return receipt.wanted ? TaxReceiptSight::refused : TaxReceiptSight::voided;
  }
  return TaxReceiptSight::doubtful;
}

bool shows_codes(const StoredReceipt& receipt) {
  return sight_of(receipt) == TaxReceiptSight::issued;
}

Slots tax_receipt_row(const StoredReceipt& receipt, const std::optional<Money>& paid) {
  const TaxReceiptSight sight = sight_of(receipt);
  const bool company = receipt.receiver_type == "company";
  const bool made = receipt.state == ReceiptState::issued || receipt.state == ReceiptState::voided;
  Slots row{{"tax_" + std::string(to_text(sight)), std::string(kShown)},
            {company ? "tax_company" : "tax_citizen", std::string(kShown)}};
  if (made) row.emplace("tax_number", receipt.receipt_id);
  if (shows_codes(receipt)) {
    row.emplace("tax_lottery", receipt.lottery.reveal());
    row.emplace("tax_qr", picture_of(receipt.qr_data));
  }
  if (paid) {
    const Json details = Json::parse(receipt.details).value_or(Json());
    const std::string registered = sum_text(details["amount_minor"], paid->currency());
    row.emplace("tax_amount", registered.empty() ? amount_text(*paid) : registered);
    row.emplace("tax_vat", sum_text(details["vat_minor"], paid->currency()));
    row.emplace("tax_city", sum_text(details["city_tax_minor"], paid->currency()));
  }
  if (made && receipt.issued_at) row.emplace("tax_issued_at", moment_text(*receipt.issued_at));
  if (receipt.state == ReceiptState::voided && receipt.voided_at) {
    row.emplace("tax_voided_at", moment_text(*receipt.voided_at));
  }
  return row;
}

base::Task<Result<std::vector<Slots>>> tax_receipt_rows(Services& services,
                                                        const OrderFacts& facts) {
  storage::Reading<Asked> look = [&facts](storage::Books& books) -> Result<Asked> {
    Asked asked;
    TRY(asked.wish, books.receipt_wish(facts.order.id));
    TRY(asked.receipts, books.receipts_of_order(facts.order.id));
    return asked;
  };
  CO_TRY(Asked asked, co_await services.store.read(std::move(look)));
  add_awaited(asked, facts, services.registry);
  std::vector<Slots> rows;
  for (const StoredReceipt& receipt : asked.receipts)
    rows.push_back(tax_receipt_row(receipt, paid_by(facts, receipt.settlement_id)));
  co_return rows;
}

}  // namespace quittance::http
