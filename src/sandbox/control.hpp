// What the control desks share: reading JSON and saying what is wrong with it.
#pragma once

#include "base/base.hpp"

namespace quittance::sandbox {

struct Desk;

base::HttpResponse error_response(const base::Error& error);
/// A JSON object; no body at all is an empty one.
base::Result<base::Json> object_body(const base::HttpRequest& request);
/// An amount may come as number or text; both are read as decimal text.
base::Result<std::optional<std::string>> amount_member(const base::Json& body);
base::Result<std::optional<std::string>> text_member(const base::Json& body, std::string_view name);

bool is_rail_control(std::string_view path);
base::HttpResponse answer_rail_control(Desk& desk, const base::HttpRequest& request);

}  // namespace quittance::sandbox
