// The test data of the codecs: our own, always; the published ones, where they are at hand.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/base.hpp"

namespace quittance::qr::testing {

inline base::Json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream bytes;
  bytes << file.rdbuf();
  auto json = base::Json::parse(bytes.str());
  EXPECT_TRUE(json.has_value()) << path;
  return json ? *std::move(json) : base::Json();
}

/// `oracle.json` of tests/vectors/khqr.
inline base::Json own_oracle() {
  return read_json(std::filesystem::path(QUITTANCE_TEST_VECTORS) / "khqr" / "oracle.json");
}

/// A file of published vectors; null on a machine that does not have them. The tests that use
/// it stand beside ones on our own data, so nothing goes unproved there.
inline base::Json published(const std::string& name) {
  const auto path = std::filesystem::path(QUITTANCE_SHARED_VECTORS) / name;
  return std::filesystem::exists(path) ? read_json(path) : base::Json();
}

}  // namespace quittance::qr::testing
