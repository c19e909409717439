#include "checkout/catalog.hpp"

namespace quittance::checkout {

using base::Json;

base::Result<core::ProductId> add_product(storage::WritableBooks& books,
                                          const storage::Product& product, std::string actor,
                                          base::Time now) {
  TRY(const core::ProductId id, books.insert_product(product));
  const Json details = Json::object({{"name", product.name},
                                     {"description", product.description},
                                     {"picture", product.picture},
                                     {"price_minor", product.price.minor()},
                                     {"currency", product.price.currency().code()},
                                     {"stock", product.stock}});
  TRY_VOID(books.insert_audit({.created_at = now,
                               .actor = std::move(actor),
                               .action = "product.added",
                               .subject_type = "product",
                               .subject_id = id.value(),
                               .details = details.dump()}));
  return id;
}

}  // namespace quittance::checkout
