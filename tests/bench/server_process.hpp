// The real program as a child of the bench: `quittance serve` on a folder of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace quittance::bench {

inline constexpr const char* kAdminPassword = "measured by the bench";

/// Running from the constructor to the destructor.
class ServerProcess {
 public:
  /// Starts the program and waits for the line that says that it listens. `data_dir` is made if
  /// need be; the log goes to server.log there. `books`: QUITTANCE_DB. `settings` are variables of
  /// its environment, besides or instead of those that every run has.
  ServerProcess(const std::filesystem::path& program, const std::filesystem::path& data_dir,
                const std::string& books, std::vector<std::string> settings = {});
  ~ServerProcess();  ///< SIGTERM, and waits for the end
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::uint16_t port() const { return port_; }
  /// From before the fork to that line.
  double start_up_ms() const { return start_up_ms_; }
  /// Resident memory, all of it (shared pages of files included).
  double resident_mib() const;

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  double start_up_ms_ = 0;
};

}  // namespace quittance::bench
