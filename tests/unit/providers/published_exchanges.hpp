// Exchanges that others have published, read from beside the project when they are there: both our
// adapters and our simulators must keep to them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "base/base.hpp"

namespace quittance::providers {

/// Null when the file is not there.
base::Json published(std::string_view name);

/// Whether `actual` has every member of `wanted`, and of the same kind. Texts in `<…>` and `…`
/// stand for anything; an empty list says nothing of its items.
void expect_shape(const base::Json& wanted, const base::Json& actual, std::string where);

/// Calls `with` for each exchange of `file`, by its name; one without a row is a failure, and so is
/// a row without an exchange.
using Exchanges = std::map<std::string, std::function<void(const base::Json& exchange)>>;
void for_each_exchange(const base::Json& file, const Exchanges& rows);

/// `text` with every `from` replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace quittance::providers
