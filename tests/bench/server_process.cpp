#include "bench/server_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "bench/workload.hpp"

namespace quittance::bench {
namespace {

/// No bank listens at port 1: nothing in these runs is due to be asked about.
std::vector<std::string> environment() {
  return {"BAKONG_BASE_URL=http://127.0.0.1:1",
          "BAKONG_ACCOUNT_ID=quittance_shop@quitbank",
          "BAKONG_TOKEN=unused",
          std::string("QUITTANCE_ADMIN_PASSWORD=") + kAdminPassword,
          "QUITTANCE_REQUESTS_PER_MINUTE=100000000",
          "QUITTANCE_GUARDED_REQUESTS_PER_MINUTE=100000000"};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts)
    all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// The child's side: only calls that are safe after a fork.
[[noreturn]] void become_server(const char* program, char** arguments, char** variables, int out,
                                int log) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execve(program, arguments, variables);
  ::_exit(127);
}

/// Reads until a line with `Quittance listens on http://…:<port>` is complete.
std::uint16_t read_port(int from) {
  std::string text;
  std::array<char, 512> buffer;
  while (!text.ends_with('\n')) {
    const auto got = ::read(from, buffer.data(), buffer.size());
    if (got <= 0) give_up("the server did not start; see server.log in the bench's folder");
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const std::size_t at = text.rfind(':') + 1;
  std::uint16_t port = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), port);
  if (text.find("listens on") == std::string::npos || port == 0) give_up("it said: " + text);
  return port;
}

}  // namespace

ServerProcess::ServerProcess(const std::filesystem::path& program,
                             const std::filesystem::path& data_dir, const std::string& books,
                             std::vector<std::string> settings) {
  std::filesystem::create_directories(data_dir);
  std::vector<std::string> arguments{program.string(), "serve",          "--port", "0",
                                     "--data",         data_dir.string()};
  // Of a variable that is there twice the first counts.
  std::vector<std::string> variables = std::move(settings);
  variables.push_back("QUITTANCE_DB=" + books);
  std::ranges::move(environment(), std::back_inserter(variables));
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(variables);
  const std::string log_file = (data_dir / "server.log").string();
  const int log = ::open(log_file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  std::array<int, 2> pipe{};
  if (log < 0 || ::pipe2(pipe.data(), O_CLOEXEC) != 0) give_up("cannot start the server");
  const std::int64_t started_us = base::monotonic_us();
  pid_ = ::fork();
  if (pid_ == 0) {
    become_server(argv.front(), const_cast<char**>(argv.data()), const_cast<char**>(envp.data()),
                  pipe[1], log);
  }
  ::close(log);
  ::close(pipe[1]);
  port_ = read_port(pipe[0]);
  start_up_ms_ = static_cast<double>(base::monotonic_us() - started_us) / 1000;
  ::close(pipe[0]);
}

ServerProcess::~ServerProcess() {
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

double ServerProcess::resident_mib() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

}  // namespace quittance::bench
