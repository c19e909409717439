#include "sandbox/html.hpp"

namespace quittance::sandbox {
namespace {

std::string tab_link(std::string_view path, std::string_view label, bool here) {
  std::string link = "<a href=\"" + std::string(path) + "\"";
  if (here) link += " aria-current=\"page\"";
  return link + ">" + std::string(label) + "</a>";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

base::HttpResponse html_response(int status, Tab tab, std::string_view title,
                                 std::string_view content) {
  base::HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; script-src 'self'; "
                       "connect-src 'self'; img-src 'self'; form-action 'self'; "
                       "base-uri 'none'; frame-ancestors 'none'");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      escaped(title) +
      " · Quitbank</title>\n<link rel=\"icon\" type=\"image/svg+xml\" href=\"/bank.svg\">\n"
      "<link rel=\"stylesheet\" href=\"/bank.css\">\n"
      "<script src=\"/bank.js\" defer></script>\n</head>\n<body>\n"
      "<p class=\"banner\"><strong>Sandbox bank</strong> — no real money</p>\n"
      "<header class=\"top\"><a class=\"brand\" href=\"/\"><span class=\"mark\" "
      "aria-hidden=\"true\">Q</span>Quitbank</a>\n<nav aria-label=\"Main\">" +
      tab_link("/", "Pay", tab == Tab::home) +
      tab_link("/transfers", "Transfers", tab == Tab::transfers) +
      tab_link("/faults", "Faults", tab == Tab::faults) + "</nav></header>\n<main>\n" +
      std::string(content) + "\n</main>\n</body>\n</html>\n";
  return response;
}

std::string_view scan_part() {
  return "<div id=\"scan\" hidden><video id=\"camera\" muted playsinline hidden "
         "aria-label=\"What the camera sees\"></video><div class=\"pair\">"
         "<button type=\"button\" class=\"quiet\" id=\"scan-camera\">Scan by camera</button>"
         "<label class=\"button quiet\" for=\"scan-file\">Scan a picture</label>"
         "<input type=\"file\" id=\"scan-file\" accept=\"image/*\"></div></div>"
         "<p class=\"soft\" id=\"scan-said\" role=\"status\"></p>";
}

base::HttpResponse see_other(std::string path) {
  base::HttpResponse response;
  response.status = 303;
  response.headers.add("Location", std::move(path));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

}  // namespace quittance::sandbox
