#include "support/temp_folder.hpp"

#include <cstdlib>

namespace quittance::testing {

TempFolder::TempFolder() {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code none;
  const auto parent =
      std::filesystem::is_directory(memory, none) ? memory : std::filesystem::temp_directory_path();
  std::string name = (parent / "quittance_test_XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}
TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
std::string TempFolder::file(const std::string& name) const { return (path_ / name).string(); }

}  // namespace quittance::testing
