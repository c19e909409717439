#include "sandbox/transfer.hpp"

namespace quittance::sandbox {
namespace {

using base::Json;

/// Set when a line of the data file lacks something.
std::unexpected<base::Error> broken(std::string_view what) {
  return base::fail(base::ErrorCode::storage_failure, "The bank's data file is damaged.", {},
                    "bad or missing field: " + std::string(what));
}

}  // namespace

std::string_view transfer_status_word(TransferStatus status) {
  switch (status) {
    case TransferStatus::succeeded:
      return "succeeded";
    case TransferStatus::failed:
      return "failed";
    case TransferStatus::refunded:
      return "refunded";
  }
  return "";
}

std::optional<TransferStatus> transfer_status_from_word(std::string_view word) {
  for (const TransferStatus status :
       {TransferStatus::succeeded, TransferStatus::failed, TransferStatus::refunded}) {
    if (transfer_status_word(status) == word) return status;
  }
  return std::nullopt;
}

Json to_json(const Transfer& transfer) {
  return Json::object({
      {"sequence", transfer.sequence},
      {"hash", transfer.hash},
      {"md5", transfer.md5},
      {"payer", transfer.payer},
      {"receiver", transfer.receiver},
      {"amount_minor", transfer.amount.minor},
      {"amount", Json::Number{amount_text(transfer.amount, AmountStyle::shortest)}},
      {"currency", currency_code(transfer.amount.currency)},
      {"created_at", base::to_ms(transfer.created_at)},
      {"visible_at", base::to_ms(transfer.visible_at)},
      {"status", transfer_status_word(transfer.status)},
      {"static_qr", transfer.static_qr},
      {"external_ref", transfer.external_ref},
      {"instruction_ref", transfer.instruction_ref},
      {"description", transfer.description},
      {"attempt", transfer.attempt},
  });
}

base::Result<Transfer> transfer_from_json(const Json& json) {
  Transfer transfer;
  const auto sequence = json["sequence"].integer();
  const auto minor = json["amount_minor"].integer();
  const auto currency = currency_from_code(json["currency"].text_or_empty());
  const auto created_at = json["created_at"].integer();
  const auto visible_at = json["visible_at"].integer();
  const auto status = transfer_status_from_word(json["status"].text_or_empty());
  const auto static_qr = json["static_qr"].boolean();
  if (!sequence || *sequence < 1) return broken("sequence");
  if (!minor || *minor < 1 || *minor > kAmountLimitMinor) return broken("amount_minor");
  if (!currency) return broken("currency");
  if (!created_at || !visible_at) return broken("created_at, visible_at");
  if (!status) return broken("status");
  if (!static_qr) return broken("static_qr");
  transfer.sequence = *sequence;
  transfer.amount = Amount{*minor, *currency};
  transfer.created_at = base::from_ms(*created_at);
  transfer.visible_at = base::from_ms(*visible_at);
  transfer.status = *status;
  transfer.static_qr = *static_qr;
  transfer.hash = json["hash"].text_or_empty();
  transfer.md5 = json["md5"].text_or_empty();
  transfer.payer = json["payer"].text_or_empty();
  transfer.receiver = json["receiver"].text_or_empty();
  transfer.external_ref = json["external_ref"].text_or_empty();
  transfer.instruction_ref = json["instruction_ref"].string();
  transfer.description = json["description"].string();
  transfer.attempt = json["attempt"].text_or_empty();
  if (transfer.hash.size() != 64) return broken("hash");
  if (transfer.md5.size() != 32) return broken("md5");
  if (transfer.payer.empty() || transfer.receiver.empty()) return broken("payer, receiver");
  return transfer;
}

Json to_json(const KnownQr& known) {
  return Json::object({
      {"md5", known.md5},
      {"qr", known.qr},
      {"added_at", base::to_ms(known.added_at)},
      {"static_qr", known.static_qr},
      {"app_name", known.app_name},
      {"callback_url", known.callback_url},
  });
}

base::Result<KnownQr> known_qr_from_json(const Json& json) {
  KnownQr known;
  const auto added_at = json["added_at"].integer();
  if (!added_at) return broken("added_at");
  const auto static_qr = json["static_qr"].boolean();
  if (!static_qr) return broken("static_qr");
  known.added_at = base::from_ms(*added_at);
  known.static_qr = *static_qr;
  known.md5 = json["md5"].text_or_empty();
  known.qr = json["qr"].text_or_empty();
  known.app_name = json["app_name"].text_or_empty();
  known.callback_url = json["callback_url"].text_or_empty();
  if (known.md5.size() != 32) return broken("md5");
  if (known.qr.empty()) return broken("qr");
  return known;
}

}  // namespace quittance::sandbox
