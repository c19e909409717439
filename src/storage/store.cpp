#include "storage/store.hpp"

#include <unordered_map>

namespace quittance::storage {

using base::ErrorCode;
using base::Result;

namespace {

// A group of one needs no savepoint: its failure rolls back the whole.
constexpr Sql kSavepoint{"SAVEPOINT work"};
constexpr Sql kRelease{"RELEASE SAVEPOINT work"};
constexpr Sql kRollbackTo{"ROLLBACK TO SAVEPOINT work"};

constexpr base::Duration kDoubtPause = std::chrono::milliseconds(250);

std::unexpected<base::Error> unknown_outcome(std::string detail) {
  return base::fail(ErrorCode::storage_failure,
                    "The database was lost while this was being recorded, and it is not known "
                    "whether it was. Look, or send the same request again with its "
                    "Idempotency-Key.",
                    "", std::move(detail));
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, const base::Clock& clock,
                                           base::Log& log) {
  std::unique_ptr<Store> store(new Store(std::move(options), log));
  TRY(store->writer_, store->connect(false));
  TRY(const Migrated migrated, migrate(*store->writer_, clock));
  if (migrated.from != migrated.to) {
    log.info("storage.migrated", {{"from", migrated.from}, {"to", migrated.to}});
  }
  // Readers now, so that a file that cannot be read is found out at the start, and so that a flood
  // of connections that takes all file handles leaves us those that we need.
  const std::size_t readers = store->options_.inline_executor ? 1 : store->options_.readers;
  while (store->readers_.size() < readers) {
    TRY(std::unique_ptr<Connection> reader, store->connect(true));
    // SQLite opens the file itself at the first look into it.
    TRY_VOID(reader->run_script("SELECT 1 FROM schema_migrations LIMIT 1"));
    store->readers_.push_back(std::move(reader));
  }
  if (!store->options_.inline_executor) {
    store->thread_ = std::thread([raw = store.get()] { raw->run_writer(); });
    if (is_postgres(store->options_.path)) {
      store->threads_ =
          std::make_unique<Readers>(std::move(store->readers_), store->options_.read_limit);
    }
  }
  return store;
}

Result<std::unique_ptr<Connection>> Store::connect(bool read_only) const {
  return options_.connect ? options_.connect(read_only) : open_database(options_.path, read_only);
}

Store::~Store() {
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  queue_filled_.notify_all();
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Store::Lease::Lease(Store& owner) : store(owner) {
  {
    const std::lock_guard lock(store.readers_mutex_);
    if (!store.readers_.empty()) {
      connection = std::move(store.readers_.back());
      store.readers_.pop_back();
      return;
    }
  }
  connection = store.connect(true);
}

Store::Lease::~Lease() {
  if (!connection) return;
  const std::lock_guard lock(store.readers_mutex_);
  store.readers_.push_back(std::move(*connection));
}

base::Error Store::overloaded() {
  return {.code = ErrorCode::overloaded,
          .message = "Too much is waiting for the database; try again in a moment."};
}

void Store::enqueue(std::unique_ptr<Command> command) {
  bool first = false;
  std::unique_ptr<Command> refused;
  {
    const std::lock_guard lock(queue_mutex_);
    if (queue_.size() < options_.queue_limit && !stopping_) {
      first = queue_.empty();
      queue_.push_back(std::move(command));
    } else {
      refused = std::move(command);
    }
  }
  if (refused) {
    refused->fail(overloaded());
    return;
  }
  if (options_.inline_executor) {
    if (first) {
      options_.inline_executor->post([this] { commit_group(take_group()); });
    }
  } else if (first) {
    queue_filled_.notify_one();
  }
}

void Store::run_writer() {
  for (bool running = true; running;) {
    {
      std::unique_lock lock(queue_mutex_);
      queue_filled_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      running = !stopping_ || !queue_.empty();
    }
    commit_group(take_group());
  }
}

Store::Group Store::take_group() {
  const std::lock_guard lock(queue_mutex_);
  Group group;
  while (!queue_.empty() && group.size() < options_.group_limit) {
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (!queue_.empty() && options_.inline_executor) {
    options_.inline_executor->post([this] { commit_group(take_group()); });
  }
  return group;
}

Result<bool> Store::run_alone(Command& command, WritableBooks& books, bool in_company) {
  if (in_company) TRY_VOID(writer_->run(kSavepoint));
  const std::size_t audit_before = books.waiting_audit();
  const bool done = command.run(books);
  if (!done) books.forget_audit(audit_before);
  if (in_company) {
    if (!done) TRY_VOID(writer_->run(kRollbackTo));
    TRY_VOID(writer_->run(kRelease));
  }
  return done;
}

Result<bool> Store::run_kind(std::span<Command* const> commands, WritableBooks& books) {
  TRY_VOID(writer_->run(kSavepoint));
  const std::size_t audit_before = books.waiting_audit();
  const bool done = commands.front()->run_together(books, commands);
  if (!done) books.forget_audit(audit_before);
  if (!done) TRY_VOID(writer_->run(kRollbackTo));
  TRY_VOID(writer_->run(kRelease));
  if (done) return true;
  bool any = false;
  for (Command* command : commands) {
    TRY(const bool one, run_alone(*command, books, true));
    any = any || one;
  }
  return any;
}

Result<Rows> Store::run_group(Group& group) {
  WritableBooks books(*writer_, options_.audit);
  TRY_VOID(writer_->begin_write());
  // Those of a kind take the place of the first of them; nobody in a group waits for a neighbour.
  std::vector<std::vector<Command*>> rounds;
  std::unordered_map<const void*, std::size_t> round_of;
  for (const auto& command : group) {
    const void* kind = command->kind();
    const auto known = kind ? round_of.find(kind) : round_of.end();
    if (known != round_of.end()) {
      rounds[known->second].push_back(command.get());
      continue;
    }
    if (kind) round_of.emplace(kind, rounds.size());
    rounds.push_back({command.get()});
  }
  bool any = false;
  for (const auto& round : rounds) {
    TRY(const bool done, round.size() > 1 ? run_kind(round, books)
                                          : run_alone(*round.front(), books, group.size() > 1));
    any = any || done;
  }
  // A command may have taken such a failure for its own.
  if (writer_->worth_redoing()) {
    return base::fail(ErrorCode::storage_failure,
                      "The books cannot be written just now; try again.", "",
                      "the transaction has to be done again");
  }
  if (any) TRY_VOID(books.flush_audit());
  options_.crash_point("before_commit");
  if (!any) {
    writer_->rollback();
    return Rows();
  }
  return writer_->commit();
}

Result<bool> Store::resolve_doubt() {
  std::string detail;
  for (auto left = options_.doubt_limit; left.count() > 0; left -= kDoubtPause) {
    const auto took_place = writer_->took_place();
    if (took_place) return *took_place;
    detail = took_place.error().detail;
    if (options_.inline_executor) continue;
    std::unique_lock lock(queue_mutex_);
    stopped_.wait_for(lock, kDoubtPause, [this] { return stopping_; });
  }
  return unknown_outcome(std::move(detail));
}

Result<Rows> Store::write_group(Group& group) {
  Result<Rows> committed = Rows();
  for (int attempt = 1; attempt <= options_.group_attempts; ++attempt) {
    committed = run_group(group);
    if (committed) return committed;
    log_.warning("storage.group_failed", {{"detail", committed.error().detail},
                                          {"attempt", attempt},
                                          {"in_doubt", writer_->in_doubt()}});
    if (writer_->in_doubt()) {
      TRY(const bool took_place, resolve_doubt());
      if (took_place) return Rows();
    } else {
      writer_->rollback();
      if (!writer_->worth_redoing()) return committed;
    }
  }
  return committed;
}

void Store::commit_group(Group group) {
  if (group.empty()) return;
  const auto committed = write_group(group);
  if (!committed) {
    log_.error("storage.commit_failed",
               {{"detail", committed.error().detail}, {"writes", group.size()}});
    for (const auto& command : group)
      command->fail(committed.error());
    return;
  }
  writes_ += static_cast<std::int64_t>(group.size());
  ++commits_;
  options_.crash_point("after_commit");
  for (const auto& command : group)
    command->answer();
}

}  // namespace quittance::storage
