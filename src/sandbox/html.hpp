// How the bank app writes its pages.
#pragma once

#include <string>
#include <string_view>

#include "base/base.hpp"

namespace quittance::sandbox {

/// Text made safe for element content and quoted attributes.
std::string escaped(std::string_view text);

/// Which tab of the app a page belongs to.
enum class Tab { home, transfers, faults };

/// A whole page: `title` is plain text, `content` is HTML. With a strict policy: nothing inline,
/// nothing from elsewhere, not to be framed.
base::HttpResponse html_response(int status, Tab tab, std::string_view title,
                                 std::string_view content);
/// Buttons that read a code by camera or from a picture into the form `#pay-code`. They show
/// themselves in a browser that can; pasting works in every other.
std::string_view scan_part();
/// 303 to a path of ours.
base::HttpResponse see_other(std::string path);

/// The style sheet, the script and the icon, served as /bank.css, /bank.js and /bank.svg.
std::string_view bank_css();
std::string_view bank_js();
std::string_view bank_icon();

}  // namespace quittance::sandbox
