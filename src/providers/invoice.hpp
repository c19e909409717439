// What an invoice can say beyond its amount, for providers that print lines and register taxes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/core.hpp"

namespace quittance::providers {

/// Something added to or taken from one line; amounts are positive.
struct LineChange {
  std::string code;  ///< the provider's word: `VAT`, `CITY_TAX`, a discount code
  std::string description;
  core::Money amount;
};

struct InvoiceLine {
  std::string description;
  std::int64_t quantity = 1;
  core::Money unit_price;
  std::string tax_product_code{};
  std::string classification_code{};  ///< of the goods, for tax receipts
  std::string barcode{};
  std::string note{};
  std::vector<LineChange> discounts{};
  std::vector<LineChange> surcharges{};
  std::vector<LineChange> taxes{};
};

/// A person or company that an invoice names; every part may be empty.
struct InvoiceParty {
  std::string register_number;
  std::string name;
  std::string email;
  std::string phone;
};

/// How the amount is taxed.
enum class TaxType { taxed, untaxed, exempt };

struct InvoiceDetail {
  std::optional<InvoiceParty> receiver{};
  std::optional<InvoiceParty> branch{};  ///< details of the branch that asks
  std::string staff_code{};
  std::string terminal_code{};
  std::string district_code{};  ///< where it is sold, for tax receipts
  std::string note{};
  std::optional<TaxType> tax_type{};
  bool provider_adds_tax = false;       ///< the provider works out the tax of the lines
  std::optional<base::Time> due_at{};   ///< printed on it; no effect
  std::optional<base::Time> ends_at{};  ///< from then on the provider takes no money for it
  std::vector<InvoiceLine> lines{};
};

}  // namespace quittance::providers
