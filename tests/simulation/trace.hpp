// The trace of a run: every line goes into one hash, so that two runs can be told apart or proved
// the same.
#pragma once

#include <cstdio>
#include <string>

#include "base/base.hpp"

namespace quittance::simulation {

class Trace {
 public:
  /// `print`: also write every line to standard output.
  explicit Trace(bool print) : print_(print) {}
  void line(const std::string& text) {
    if (print_) std::printf("%s\n", text.c_str());
    chain_ = base::sha256(chain_ + text);
    ++lines_;
  }
  /// Hex of the hash over all lines so far.
  std::string hash() const { return base::sha256_hex(chain_); }
  std::int64_t lines() const { return lines_; }

 private:
  bool print_;
  std::string chain_;
  std::int64_t lines_ = 0;
};

}  // namespace quittance::simulation
