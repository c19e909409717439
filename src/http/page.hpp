// One server-made page: a built HTML file and what fills it.
#pragma once

#include "http/template.hpp"
#include "http/visit.hpp"

namespace quittance::http {

class Page {
 public:
  Page(std::string_view html, Filling filling) : html_(html), filling_(std::move(filling)) {}
  void set(std::string_view slot, std::string_view value) {
    filling_.slots.insert_or_assign(std::string(slot), std::string(value));
  }
  void show(std::string_view section) { filling_.sections.emplace(section); }
  void add_row(std::string_view list, Slots row) {
    filling_.rows[std::string(list)].push_back(std::move(row));
  }
  base::HttpResponse render(int status) const;

 private:
  std::string_view html_;
  Filling filling_;
};

/// The built file `name` with what every page gets: merchant, CSRF token, sandbox banner.
Page page_for(Services& services, const Visit& visit, std::string_view name);

/// The page that says what went wrong.
base::HttpResponse error_page(Services& services, const Visit& visit, const base::Error& error);

/// An embedded file of the built pages; empty when there is none.
std::optional<std::string_view> page_file(std::string_view path);

}  // namespace quittance::http
