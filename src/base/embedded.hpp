// Files compiled into the program by tools/embed.cmake.
#pragma once

#include <span>
#include <string_view>

namespace quittance::base {

/// One embedded file: its path below the embedded folder, and its bytes.
struct EmbeddedFile {
  std::string_view path;
  std::string_view bytes;
};

/// src/storage/migrations, in order of name.
std::span<const EmbeddedFile> embedded_migrations();
/// The built pages.
std::span<const EmbeddedFile> embedded_pages();

}  // namespace quittance::base
