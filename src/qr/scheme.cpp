#include "qr/scheme.hpp"

#include <algorithm>
#include <array>

#include "qr/link.hpp"

namespace quittance::qr {
namespace {

/// A scheme, the object it uses (empty: any of 26 to 51), and how its unique id begins.
struct SchemeMark {
  Scheme scheme;
  std::string_view id;
  std::string_view unique_id;
};

// In order of precedence: the two national repositories stand beside the issuers' templates.
constexpr std::array kMarks{
    SchemeMark{Scheme::sgqr, "51", "SG.SGQR"},
    SchemeMark{Scheme::qris, "51", "ID.CO.QRIS.WWW"},
    SchemeMark{Scheme::promptpay_bill, "30", "A000000677010112"},
    SchemeMark{Scheme::promptpay, "29", "A0000006770101"},
    SchemeMark{Scheme::vietqr, "38", "A000000727"},
    SchemeMark{Scheme::duitnow, "26", "A0000006150001"},
    SchemeMark{Scheme::paynow, "", "SG.PAYNOW"},
    SchemeMark{Scheme::pix, "", "br.gov.bcb.pix"},
    SchemeMark{Scheme::mongolia, "", "A0000008430001"},
    SchemeMark{Scheme::bharat_qr, "", "A000000524"},
};

bool matches(const SchemeMark& mark, const DataObject& object) {
  if (object.id < "26" || object.id > "51") return false;
  if (!mark.id.empty() && object.id != mark.id) return false;
  const DataObject* unique_id = find_object(object.children, "00");
  return unique_id != nullptr && starts_with_ignoring_case(unique_id->value, mark.unique_id);
}

}  // namespace

std::string_view scheme_name(Scheme scheme) {
  switch (scheme) {
    case Scheme::unknown:
      return "unknown";
    case Scheme::promptpay:
      return "promptpay";
    case Scheme::promptpay_bill:
      return "promptpay_bill";
    case Scheme::vietqr:
      return "vietqr";
    case Scheme::paynow:
      return "paynow";
    case Scheme::sgqr:
      return "sgqr";
    case Scheme::qris:
      return "qris";
    case Scheme::duitnow:
      return "duitnow";
    case Scheme::pix:
      return "pix";
    case Scheme::mongolia:
      return "mongolia";
    case Scheme::bharat_qr:
      return "bharat_qr";
  }
  return "unknown";
}

Scheme find_scheme(std::span<const DataObject> objects) {
  for (const SchemeMark& mark : kMarks) {
    const auto match = [&](const DataObject& object) { return matches(mark, object); };
    if (std::ranges::any_of(objects, match)) return mark.scheme;
  }
  // QPay's own codes carry the account in a UnionPay object, which names no scheme.
  const DataObject* country = find_object(objects, "58");
  const DataObject* currency = find_object(objects, "53");
  const bool mongolian = country != nullptr && country->value == "MN" && currency != nullptr &&
                         currency->value == "496";
  return mongolian ? Scheme::mongolia : Scheme::unknown;
}

}  // namespace quittance::qr
