// A folder that is gone when the test is over.
#pragma once

#include <filesystem>
#include <string>

namespace quittance::testing {

class TempFolder {
 public:
  /// In memory where the machine has such a place: thousands of commits that wait for a disk would
  /// make these tests slow, and prove nothing.
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string file(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace quittance::testing
