#include "audit_commands.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "audit/audit.hpp"

namespace quittance {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

int complain(const base::Error& error) {
  std::fprintf(stderr, "quittance: %s\n", error.message.c_str());
  if (!error.detail.empty()) std::fprintf(stderr, "  (%s)\n", error.detail.c_str());
  return 1;
}

std::string database_of(const Config& config, const std::string& database) {
  return database.empty() ? config.books() : database;
}

/// The public key of the log; empty when this is not the folder that signs it.
Result<std::string> log_key(const Config& config) {
  if (!std::filesystem::exists(config.data_dir + "/log_key")) return std::string();
  base::SystemRandom random;
  TRY(const base::SigningKey key, kept_signing_key(config.data_dir, "log_key", random));
  return key.public_key();
}

Result<audit::Report> verify(const Config& config, const std::string& database) {
  TRY(const std::string key, log_key(config));
  if (key.empty()) {
    std::fprintf(stderr, "quittance: no log_key in %s: signatures are not checked.\n",
                 config.data_dir.c_str());
  }
  TRY(const auto connection, storage::open_snapshot(database_of(config, database)));
  storage::Books books(*connection);
  const auto progress = [next = std::int64_t{100'000}](std::int64_t entries) mutable {
    if (entries < next) return;
    std::fprintf(stderr, "%lld entries read\n", static_cast<long long>(entries));
    next = entries + 100'000;
  };
  return audit::verify_log(books, {.public_key = key, .progress = progress});
}

Result<std::string> why(const Config& config, const std::string& database, std::int64_t id) {
  TRY(const auto connection, storage::open_snapshot(database_of(config, database)));
  storage::Books books(*connection);
  TRY(const auto lines, audit::history(books, core::OrderId(id), audit::Audience::staff));
  return audit::history_text(lines);
}

}  // namespace

int run_verify_log(const Config& config, const std::string& database) {
  const auto report = verify(config, database);
  if (!report) return complain(report.error());
  std::fputs(audit::report_text(*report).c_str(), stdout);
  return report->findings.empty() ? 0 : 1;
}

int run_why(const Config& config, const std::string& database, std::int64_t order_id) {
  const auto text = why(config, database, order_id);
  if (!text) return complain(text.error());
  std::fputs(text->c_str(), stdout);
  return 0;
}

int run_verify_proof(const std::string& path, const std::string& key) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return complain({.code = ErrorCode::not_found, .message = "Cannot read " + path + "."});
  }
  std::string text;
  for (std::istreambuf_iterator<char> byte(file), end;
       byte != end && text.size() <= audit::kProofLimit; ++byte) {
    text.push_back(*byte);
  }
  const auto proven = audit::verify_proof(text, key);
  if (!proven) return complain(proven.error());
  const storage::AuditEntry& entry = proven->entry;
  std::printf("Entry %lld of %s is among its first %llu entries, signed at %s:\n",
              static_cast<long long>(entry.seq), proven->checkpoint.origin.c_str(),
              static_cast<unsigned long long>(proven->checkpoint.size),
              base::to_iso8601(proven->checkpoint.signed_at).c_str());
  std::printf("  %s %s %s %lld by %s\n  %s\n", base::to_iso8601(entry.created_at).c_str(),
              entry.action.c_str(), entry.subject_type.c_str(),
              static_cast<long long>(entry.subject_id), entry.actor.c_str(), entry.details.c_str());
  if (key.empty()) {
    std::printf("The key is the file's own: compare it with the one that the shop publishes.\n");
  }
  return 0;
}

}  // namespace quittance
