#include "http/page.hpp"

namespace quittance::http {

base::HttpResponse Page::render(int status) const {
  base::HttpResponse response =
      text_response(fill_template(html_, filling_), "text/html; charset=utf-8", status);
  response.headers.add("Cache-Control", "no-store");
  return response;
}

std::optional<std::string_view> page_file(std::string_view path) {
  for (const base::EmbeddedFile& file : base::embedded_pages()) {
    if (file.path == path) return file.bytes;
  }
  return std::nullopt;
}

Page page_for(Services& services, const Visit& visit, std::string_view name) {
  Filling filling;
  filling.slots["merchant"] = services.merchant_name;
  filling.slots["csrf_token"] = visit.actor.csrf_token;
  filling.slots["sandbox_url"] = services.sandbox_url;
  filling.slots["request_id"] = visit.request_id;
  if (!services.sandbox_url.empty()) filling.sections.emplace("sandbox");
  return {page_file(name).value_or("<!doctype html><title>{{merchant}}</title>{{message}}"),
          std::move(filling)};
}

base::HttpResponse error_page(Services& services, const Visit& visit, const base::Error& error) {
  const int status = base::error_row(error.code).http_status;
  Page page = page_for(services, visit, "error.html");
  page.set("status", std::to_string(status));
  page.set("message", error.message);
  return page.render(status);
}

}  // namespace quittance::http
