// The bank app: choose or paste a code, choose an account, pay, see the receipt.
#include "sandbox/desk.hpp"
#include "sandbox/html.hpp"
#include "sandbox/page_faults.hpp"
#include "sandbox/page_rails.hpp"

namespace quittance::sandbox {
namespace {

using base::ErrorCode;
using base::HttpRequest;
using base::HttpResponse;
using Form = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kWaitingShown = 12;
constexpr std::size_t kHomeTransfersShown = 6;
constexpr std::size_t kTransfersShown = 100;

std::string field(const Form& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

/// `2026-11-21 09:00:00 UTC`.
std::string moment(base::Time time) {
  std::string text = base::to_iso8601(time).substr(0, 19);
  text[10] = ' ';
  return text + " UTC";
}

std::string sum_of(const Payable& payable) {
  if (payable.amount) return amount_for_people(*payable.amount);
  return std::string(currency_code(payable.currency)) + " …";
}

/// An account id that a narrow screen breaks before its `@`.
std::string account_html(std::string_view id) {
  std::string html = escaped(id);
  if (const std::size_t at = html.find('@'); at != std::string::npos) html.insert(at, "<wbr>");
  return html;
}

HttpResponse error_page(const base::Error& error) {
  const std::string content =
      "<section class=\"card narrow center\"><div class=\"tick bad\" aria-hidden=\"true\">!</div>"
      "<h1>That did not work</h1><p>" +
      escaped(error.message) + "</p><a class=\"button\" href=\"/\">Back</a></section>";
  return html_response(base::error_row(error.code).http_status, Tab::home, "That did not work",
                       content);
}

std::string account_cards(const Bank& bank) {
  std::string html = "<section class=\"accounts\" aria-label=\"Accounts\">";
  for (const DemoAccount& account : demo_accounts()) {
    const auto balance = [&](Currency currency) {
      return amount_for_people({bank.balance_minor(account.id, currency), currency});
    };
    html += "<div class=\"account\"><small><b>" + escaped(account.holder) + "</b>" +
            account_html(account.id) + "</small><b>" + balance(Currency::usd) + "</b><span>" +
            balance(Currency::khr) + "</span></div>";
  }
  return html + "</section>";
}

std::string waiting_list(Desk& desk, const HttpRequest& request) {
  const std::string others = rail_rows(desk, request);
  std::string html = "<ul class=\"rows\">" + others;
  std::size_t shown = others.empty() ? 0 : 1;
  for (const KnownQr* known : desk.bank.waiting(kWaitingShown)) {
    const auto payable = read_payable(known->qr);
    if (!payable) continue;
    ++shown;
    html += "<li><a class=\"row\" href=\"/pay?qr=" + known->md5 + "\"><span><b>" +
            escaped(payable->merchant_name) + "</b><small>" + account_html(payable->account) +
            (payable->bill_number.empty() ? "" : " · " + escaped(payable->bill_number)) +
            "</small></span><span class=\"sum\">" + sum_of(*payable) + "</span></a></li>";
  }
  html += "</ul>";
  if (shown > 0) return html;
  return "<p class=\"soft\">No code waits to be paid. A shop that asks this bank for a payment "
         "link puts its code here.</p>";
}

std::string transfer_rows(const Desk& desk, std::size_t limit) {
  const auto transfers = desk.bank.recent(limit);
  if (transfers.empty()) return "<p class=\"soft\">Nothing has been paid yet.</p>";
  std::string html = "<ul class=\"rows\">";
  for (const Transfer* transfer : transfers) {
    const std::string word(transfer_status_word(transfer->status));
    html += "<li><a class=\"row\" href=\"/transfers/" + transfer->hash + "\"><span><b>" +
            account_html(transfer->receiver) + "</b><small>from " + account_html(transfer->payer) +
            " · " + moment(transfer->created_at) + "</small></span><span class=\"sum\">" +
            amount_for_people(transfer->amount);
    if (transfer->status != TransferStatus::succeeded) {
      html += " <span class=\"tag " + word + "\">" + word + "</span>";
    }
    html += "</span></a></li>";
  }
  return html + "</ul>";
}

HttpResponse home(Desk& desk, const HttpRequest& request) {
  const std::string content =
      "<h1>Good to see you</h1>" + account_cards(desk.bank) +
      "<div class=\"columns\"><section class=\"card\"><h2>Waiting to be paid</h2>"
      "<div id=\"waiting\">" +
      waiting_list(desk, request) +
      "</div></section>"
      "<section class=\"card\"><h2>Pay a code</h2>" +
      std::string(scan_part()) +
      "<form action=\"/pay\" method=\"get\" id=\"pay-code\">"
      "<label for=\"payload\">Text of a QR</label>"
      "<textarea id=\"payload\" name=\"payload\" required spellcheck=\"false\" "
      "autocomplete=\"off\" placeholder=\"000201010212…\" aria-describedby=\"takes\">"
      "</textarea><p class=\"soft\" id=\"takes\">KHQR; QPay, also the link of a banking app; the "
      "code or page of Stripe and Razorpay; a UPI link; or the phone number that MVola asks.</p>"
      "<button class=\"wide\">Continue</button></form></section></div>"
      "<section class=\"card after\"><h2>Recent transfers</h2>" +
      transfer_rows(desk, kHomeTransfersShown) + "</section>";
  return html_response(200, Tab::home, "Pay", content);
}

std::string payer_options(const Bank& bank, const std::string& chosen, Currency currency) {
  std::string html;
  for (const DemoAccount& account : demo_accounts()) {
    const Amount balance{bank.balance_minor(account.id, currency), currency};
    html += "<option value=\"" + escaped(account.id) + "\"" +
            (chosen == account.id ? " selected" : "") + ">" + escaped(account.holder) + " — " +
            amount_for_people(balance) + "</option>";
  }
  return html + "<option value=\"" + std::string(kWalkInPayer) + "\"" +
         (chosen == kWalkInPayer ? " selected" : "") + ">Somebody at another bank</option>";
}

std::string pay_notes(const Desk& desk, const Payable& payable, std::string_view problem) {
  std::string html;
  if (!problem.empty()) {
    html += "<p class=\"note bad\" role=\"alert\">" + escaped(problem) + "</p>";
  }
  if (payable.expires_at && *payable.expires_at < desk.clock.now()) {
    html += "<p class=\"note warn\">This code expired on " + moment(*payable.expires_at) +
            (desk.faults.honour_expired ? ". This bank still pays it." : ".") + "</p>";
  }
  const Transfer* before = desk.bank.by_md5(payable.md5, desk.clock.now());
  if (payable.dynamic && before != nullptr && before->status != TransferStatus::failed) {
    html +=
        "<p class=\"note warn\">This code has been paid already. You can pay it again: "
        "real banks let that happen.</p>";
  }
  return html;
}

/// The form that pays one code; `form` holds what was typed before a refusal.
HttpResponse pay_form(const Desk& desk, int status, const Payable& payable, const Form& form,
                      std::string_view problem) {
  std::string amount = field(form, "amount");
  if (amount.empty() && payable.amount) {
    amount = amount_text(*payable.amount, currency_exponent(payable.currency) == 0
                                              ? AmountStyle::shortest
                                              : AmountStyle::two_decimals);
  }
  const std::string currency(currency_code(payable.currency));
  std::string attempt = field(form, "attempt");
  if (attempt.empty()) attempt = desk.random.hex(16);
  const std::string content =
      "<section class=\"card narrow\"><h1 class=\"center\">Pay " + escaped(payable.merchant_name) +
      "</h1><p class=\"price center\">" + sum_of(payable) + "</p>" +
      pay_notes(desk, payable, problem) +
      "<form action=\"/pay\" method=\"post\" data-once>"
      "<input type=\"hidden\" name=\"payload\" value=\"" +
      escaped(payable.qr) +
      "\">"
      "<input type=\"hidden\" name=\"attempt\" value=\"" +
      escaped(attempt) +
      "\">"
      "<label for=\"payer\">From account</label><select id=\"payer\" name=\"payer\">" +
      payer_options(desk.bank, field(form, "payer"), payable.currency) +
      "</select><label for=\"amount\">Amount in " + currency +
      "</label>"
      "<input id=\"amount\" name=\"amount\" inputmode=\"decimal\" autocomplete=\"off\" required "
      "value=\"" +
      escaped(amount) +
      "\">"
      "<button class=\"wide\">Pay</button></form><dl><dt>To account</dt><dd>" +
      account_html(payable.account) + "</dd>" +
      (payable.bill_number.empty() ? std::string()
                                   : "<dt>Bill</dt><dd>" + escaped(payable.bill_number) + "</dd>") +
      "<dt>MD5 of the code</dt><dd class=\"mono\">" + payable.md5 + "</dd></dl></section>";
  return html_response(status, Tab::home, "Pay " + payable.merchant_name, content);
}

HttpResponse get_pay(Desk& desk, const HttpRequest& request, const Form& query) {
  const std::string md5 = field(query, "qr");
  if (const auto path = rail_path(desk, request, field(query, "payload"))) return see_other(*path);
  const auto payable = find_payable(desk, md5.empty() ? field(query, "payload") : md5);
  if (!payable) return error_page(payable.error());
  return pay_form(desk, 200, *payable, {}, "");
}

HttpResponse post_pay(Desk& desk, const Form& form) {
  const auto payable = read_payable(field(form, "payload"));
  if (!payable) return error_page(payable.error());
  Payment payment{payable->qr};
  payment.terms.payer = field(form, "payer");
  payment.terms.amount = field(form, "amount");
  payment.terms.attempt = field(form, "attempt");
  const auto transfer = pay_at(desk, payment);
  if (transfer) return see_other("/transfers/" + transfer->hash);
  const int status = base::error_row(transfer.error().code).http_status;
  return pay_form(desk, status, *payable, form, transfer.error().message);
}

HttpResponse receipt(const Desk& desk, std::string_view hash) {
  // Payers see their transfer at once, whenever the Open API shows it.
  const Transfer* transfer = desk.bank.by_hash(hash, base::Time::max());
  if (transfer == nullptr) {
    return error_page({ErrorCode::not_found, "There is no transfer with this number."});
  }
  const KnownQr* known = desk.bank.known_qr(transfer->md5);
  const bool failed = transfer->status == TransferStatus::failed;
  std::string_view headline = failed ? "Transfer failed" : "Paid";
  if (transfer->status == TransferStatus::refunded) headline = "Sent back";
  if (transfer->created_at > desk.clock.now()) headline = "Scheduled";
  std::string content = "<section class=\"card narrow\"><div class=\"tick";
  content += failed ? " bad\" aria-hidden=\"true\">×</div>" : "\" aria-hidden=\"true\">✓</div>";
  content += "<h1 class=\"center\">" + std::string(headline) + "</h1><p class=\"price center\">" +
             amount_for_people(transfer->amount) + "</p><dl><dt>To</dt><dd>" +
             account_html(transfer->receiver) + "</dd><dt>From</dt><dd>" +
             account_html(transfer->payer) + "</dd><dt>When</dt><dd>" +
             moment(transfer->created_at) + "</dd><dt>Transaction hash</dt><dd class=\"mono\">" +
             transfer->hash + "</dd><dt>Reference</dt><dd class=\"mono\">" +
             escaped(transfer->external_ref) + "</dd></dl>";
  if (known != nullptr && !known->callback_url.empty()) {
    content += "<a class=\"button wide\" rel=\"noreferrer\" href=\"" +
               escaped(known->callback_url) + "\">Back to " + escaped(known->app_name) + "</a>";
  }
  content += "<a class=\"button quiet wide\" href=\"/\">Done</a></section>";
  return html_response(200, Tab::transfers, headline, content);
}

HttpResponse transfers_page(const Desk& desk) {
  return html_response(200, Tab::transfers, "Transfers",
                       "<h1>Transfers</h1><section class=\"card\">" +
                           transfer_rows(desk, kTransfersShown) + "</section>");
}

HttpResponse asset(std::string_view type, std::string_view bytes) {
  HttpResponse response;
  response.headers.add("Content-Type", std::string(type));
  response.headers.add("Cache-Control", "no-cache");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body = bytes;
  return response;
}

HttpResponse get_page(Desk& desk, const HttpRequest& request) {
  constexpr std::string_view kReceipts = "/transfers/";
  const std::string& path = request.path;
  if (path == "/") return home(desk, request);
  if (path == "/transfers") return transfers_page(desk);
  if (path.starts_with(kReceipts)) return receipt(desk, path.substr(kReceipts.size()));
  if (path.starts_with("/rails/")) return rail_page(desk, request, {});
  if (path == "/faults") return faults_page(desk, 200, "");
  if (path == "/bank.css") return asset("text/css; charset=utf-8", bank_css());
  if (path == "/bank.js") return asset("text/javascript; charset=utf-8", bank_js());
  if (path == "/bank.svg") return asset("image/svg+xml", bank_icon());
  if (path == "/pay") {
    const auto query = base::parse_form(request.query);
    if (!query) return error_page({ErrorCode::invalid_request, "This link is damaged."});
    return get_pay(desk, request, *query);
  }
  return error_page({ErrorCode::not_found, "There is no such page."});
}

}  // namespace

HttpResponse answer_page(Desk& desk, const HttpRequest& request) {
  if (request.method == "GET" || request.method == "HEAD") return get_page(desk, request);
  if (request.method != "POST") {
    return error_page({ErrorCode::method_not_allowed, "Pages are read or posted to."});
  }
  const auto form = base::parse_form(request.body);
  if (!form) return error_page({ErrorCode::invalid_request, "This form is damaged."});
  if (request.path == "/pay") return post_pay(desk, *form);
  if (request.path.starts_with("/rails/")) return rail_page(desk, request, *form);
  if (request.path == "/faults") return change_faults(desk, *form);
  if (request.path == "/reset") return reset_page(desk);
  return error_page({ErrorCode::not_found, "There is no such page."});
}

}  // namespace quittance::sandbox
