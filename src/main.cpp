// quittance: the commands and their flags.
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "audit_commands.hpp"
#include "books_commands.hpp"
#include "qr/qr.hpp"
#include "serve.hpp"

namespace {

/// Every connection is a file handle, and the usual soft limit is a quarter of what we admit.
void allow_many_files() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = std::max(files.rlim_cur, std::min<rlim_t>(files.rlim_max, 16'384));
  // Refused: then fewer clients at once, which the server says itself.
  [[maybe_unused]] const int done = ::setrlimit(RLIMIT_NOFILE, &files);
}

/// Keys, personal data and password hashes are nobody else's business.
void keep_files_private() { ::umask(077); }

/// Of the commands that start a sandbox bank.
void add_sandbox_options(CLI::App& command, quittance::SandboxSettings& bank) {
  constexpr std::int64_t kFastest = 10'000'000;
  command.add_option("--sandbox-port", bank.port, "Port of the sandbox bank");
  command
      .add_option("--payers", bank.population_speed,
                  "Simulated payers: 30 % pay within an hour, 50 % a day, 80 % a week, 95 % a "
                  "month; so many times faster than life")
      ->check(CLI::Range(std::int64_t{1}, kFastest));
  // `-1` would be read as a very large seed.
  const auto digits = [](const std::string& text) {
    const bool good = text.find_first_not_of("0123456789") == std::string::npos;
    return good ? std::string() : std::string("A seed is a whole number from 0 on.");
  };
  command
      .add_option("--chaos", bank.chaos_seed,
                  "Trouble on every rail, by this seed: the plan is printed")
      ->check(digits, "SEED");
}

}  // namespace

int main(int argc, char** argv) {
  allow_many_files();
  keep_files_private();
  auto config = quittance::config_from_environment();
  if (!config) {
    std::cerr << "quittance: " << config.error().message << "\n";
    return 2;
  }
  CLI::App app{"Quittance asks for money by QR, finds out by itself that it came, and proves it."};
  app.require_subcommand(1);
  quittance::SandboxSettings bank;
  bool seed = false;
  std::string codec;
  std::string database;
  std::string from;
  std::string to;
  std::int64_t order_id = 0;
  std::string proof_file;
  std::string verifier_key;

  auto* demo = app.add_subcommand("demo", "Server, sandbox bank and a seeded shop in one process");
  auto* serve = app.add_subcommand("serve", "The server, set up by environment variables");
  auto* sandbox = app.add_subcommand("sandbox", "The sandbox bank alone");
  auto* migrate = app.add_subcommand("migrate", "Bring the database up to this version's schema");
  auto* copy = app.add_subcommand("copy", "Copy all books into another, empty database");
  auto* backup = app.add_subcommand("backup", "Write books and keys into a new folder");
  auto* qr = app.add_subcommand("qr",
                                "Encode or decode QR payloads, one JSON object or payload "
                                "a line");
  auto* verify_log = app.add_subcommand("verify-log",
                                        "Read the audit log a second time and hold the books "
                                        "against it");
  auto* why = app.add_subcommand("why", "Say in words why an order is in its state");
  auto* verify_proof =
      app.add_subcommand("verify-proof", "Check a proof of an entry of some shop's audit log");
  for (CLI::App* command : {demo, serve, sandbox, migrate, verify_log, why, backup}) {
    command->add_option("--data", config->data_dir, "Folder of the database and the keys");
  }
  for (CLI::App* command : {demo, serve}) {
    command->add_option("--port", config->port, "Port of the server");
  }
  for (CLI::App* command : {demo, sandbox}) {
    add_sandbox_options(*command, bank);
  }
  for (CLI::App* command : {verify_log, why}) {
    command->add_option("--db", database, "The database, when it is not that of the folder");
  }
  copy->add_option("--from", from, "A file of SQLite, or postgres://…")->required();
  copy->add_option("--to", to, "The same")->required();
  backup->add_option("--to", to, "The new folder")->required();
  why->add_option("order", order_id, "The order's number")->required();
  verify_proof->add_option("file", proof_file, "The proof, as a receipt page gives it")->required();
  verify_proof->add_option("--key", verifier_key,
                           "The log's key, from somewhere you trust (GET /api/log/key)");
  serve->add_flag("--seed", seed, "Fill an empty shop with demo products");
  qr->add_option("codec", codec, "encode or decode")->required();
  CLI11_PARSE(app, argc, argv);

  if (*demo) return quittance::run_demo(std::move(*config), bank);
  if (*serve) return quittance::run_serve(std::move(*config), seed);
  if (*sandbox) return quittance::run_sandbox(*config, bank);
  if (*copy) return quittance::run_copy(from, to);
  if (*backup) return quittance::run_backup(*config, to);
  if (*migrate) return quittance::run_migrate(*config);
  if (*verify_log) return quittance::run_verify_log(*config, database);
  if (*why) return quittance::run_why(*config, database, order_id);
  if (*verify_proof) return quittance::run_verify_proof(proof_file, verifier_key);
  const std::vector<std::string> arguments{codec};
  return quittance::qr::run_qr_command(arguments, std::cin, std::cout, std::cerr);
}
