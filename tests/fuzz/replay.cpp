// Feeds every file of the folders on the command line to the fuzz target it is linked with, so
// that a compiler without libFuzzer replays the corpora, under the sanitizers too.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The whole input, then every shorter one: parsers fail at the ends of things.
void replay(const std::vector<std::uint8_t>& bytes) {
  constexpr std::size_t kMostPrefixes = 512;
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  const std::size_t prefixes = std::min(bytes.size(), kMostPrefixes);
  for (std::size_t size = 0; size < prefixes; ++size) {
    // A copy of its own size, so that reading past the end is seen by the sanitizer.
    const std::vector<std::uint8_t> part(bytes.begin(),
                                         bytes.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(part.data(), part.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      replay(read_file(entry.path()));
      ++files;
    }
  }
  std::cout << files << " files replayed\n";
  // An empty folder would prove nothing.
  return files > 0 ? 0 : 1;
}
