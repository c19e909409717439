// The Store: one writer with group commit, a pool of readers. Nobody is told "done" before the
// commit is on disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "storage/books.hpp"
#include "storage/readers.hpp"

namespace quittance::storage {

/// What reads; it may be carried out a second time when the database was lost the first time.
template <class T>
using Reading = std::move_only_function<base::Result<T>(Books&)>;
/// What writes. It may be carried out again from its beginning, after a rollback, so it leaves what
/// it holds as it was.
template <class T>
using Writing = std::move_only_function<base::Result<T>(WritableBooks&)>;

/// Where the books are, and the limits of the queues before them.
struct StoreOptions {
  std::string path;  ///< a file of SQLite, or the address of a PostgreSQL database
  /// How connections are opened; empty: as `path` says. The simulation puts its lossy disk and its
  /// planted bugs here.
  std::function<base::Result<std::unique_ptr<Connection>>(bool read_only)> connect{};
  std::size_t queue_limit = 65'536;  ///< more waiting writes than this are refused: `overloaded`
  std::size_t group_limit = 1'024;   ///< writes in one commit
  /// False: no audit log is written; only the bench, which measures what it costs, may ask for it.
  bool audit = true;
  std::size_t read_limit = 65'536;  ///< the same for reads, where they wait
  std::size_t readers = 4;          ///< connections that read, and threads where they block
  int group_attempts = 5;           ///< of one group, while the database says that it may succeed
  /// How long callers wait at most until it is known whether their commit took place.
  base::Duration doubt_limit = std::chrono::seconds(30);
  /// Set: no writer thread; groups run as jobs of this executor (simulation).
  base::Executor* inline_executor = nullptr;
  /// Called between deciding to commit and committing, and between the commit and the answers;
  /// the simulation crashes here.
  std::function<void(std::string_view point)> crash_point = [](std::string_view) {};
};

/// What migrating did.
struct Migrated {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

/// Brings the schema up to what this program knows. A schema newer than that is refused.
base::Result<Migrated> migrate(Connection& connection, const base::Clock& clock);
/// The same for a database by its file or address; a file is created if need be.
base::Result<Migrated> migrate_database(const std::string& database, const base::Clock& clock);

/// Work that is done for many at once: all that waits for it in one group is handed to it together,
/// so that it can load and write set by set. It gives each item its own answer; an item whose
/// answer is an error must have written nothing. When the whole of it fails, each item is handed to
/// it alone, so that one harms no other.
template <class In, class Out>
struct Together {
  std::function<base::Result<std::vector<base::Result<Out>>>(WritableBooks&,
                                                             std::span<const In* const>)>
      work;
};

/// The books of one merchant.
class Store {
 public:
  /// Opens and migrates.
  static base::Result<std::unique_ptr<Store>> open(StoreOptions options, const base::Clock& clock,
                                                   base::Log& log);
  ~Store();  ///< finishes what is queued

  /// Runs `work` in a write transaction, together with whatever else waits, and comes back once it
  /// is durable. Work that returns an error leaves no trace; its neighbours are not harmed. Work
  /// runs on the writer's thread: it must not block, and must not touch what the caller's thread
  /// still uses.
  template <class T>
  base::Task<base::Result<T>> write(Writing<T> work) {
    base::Callback<base::Result<T>> pending([this, work = std::move(work)](auto resume) mutable {
      enqueue(std::make_unique<TypedCommand<T>>(std::move(work), std::move(resume)));
    });
    co_return co_await pending;
  }

  /// The same for one item of work that is done for many at once; `together` must outlive the call.
  template <class In, class Out>
  base::Task<base::Result<Out>> write_together(const Together<In, Out>& together, In item) {
    base::Callback<base::Result<Out>> pending([this, &together,
                                               item = std::move(item)](auto resume) mutable {
      enqueue(std::make_unique<ItemCommand<In, Out>>(together, std::move(item), std::move(resume)));
    });
    co_return co_await pending;
  }

  /// Runs `work` on a reading connection: right here where reads are short looks into a mapped file
  /// (SQLite), on a thread of its own where they wait for a server (PostgreSQL). What `work` holds
  /// must not be touched meanwhile.
  template <class T>
  base::Task<base::Result<T>> read(Reading<T> work) {
    if (!threads_) co_return read_here<T>(std::move(work));
    base::Callback<base::Result<T>> pending([this, work = std::move(work)](auto resume) mutable {
      // Shared, because a refused job is not the one that answers.
      auto shared = std::make_shared<decltype(resume)>(std::move(resume));
      Readers::Job job = [work = std::move(work), shared](Connection& connection) mutable {
        (*shared)(read_twice<T>(connection, work));
      };
      if (!threads_->post(job)) (*shared)(std::unexpected(overloaded()));
    });
    co_return co_await pending;
  }

  /// The same as of one moment, for what is told together; a `read` of several statements may see
  /// a write between them.
  template <class T>
  base::Task<base::Result<T>> snapshot(Reading<T> work) {
    Reading<T> whole = [work = std::move(work)](Books& books) mutable {
      return books.at_one_moment(work);
    };
    return read<T>(std::move(whole));
  }

  /// A `read` for which the calling thread waits: for commands and tests, never on an event loop.
  template <class T>
  base::Result<T> read_here(Reading<T> work) {
    const Lease lease(*this);
    if (!lease.connection) return std::unexpected(lease.connection.error());
    return read_twice<T>(**lease.connection, work);
  }

  /// Writes so far, and commits they took.
  struct Counters {
    std::int64_t writes = 0;
    std::int64_t commits = 0;
  };
  Counters counters() const { return {writes_.load(), commits_.load()}; }

 private:
  /// One queued write: runs, then answers.
  struct Command {
    virtual ~Command() = default;
    /// False: roll back to before it.
    virtual bool run(WritableBooks& books) = 0;
    /// Commands of the same kind may run together; nullptr: only alone.
    virtual const void* kind() const { return nullptr; }
    /// Runs commands of this one's kind, itself among them. False: roll back to before them.
    virtual bool run_together(WritableBooks&, std::span<Command* const>) { return false; }
    virtual void answer() = 0;
    virtual void fail(const base::Error& error) = 0;
  };

  template <class T>
  struct TypedCommand final : Command {
    using Work = Writing<T>;
    using Resume = typename base::Callback<base::Result<T>>::Resume;
    TypedCommand(Work w, Resume r) : work(std::move(w)), resume(std::move(r)) {}
    bool run(WritableBooks& books) override {
      result.emplace(work(books));
      return result->has_value();
    }
    void answer() override { resume(std::move(*result)); }
    void fail(const base::Error& error) override { resume(std::unexpected(error)); }
    Work work;
    Resume resume;
    std::optional<base::Result<T>> result;
  };

  /// One item of work that is done for many at once.
  template <class In, class Out>
  struct ItemCommand final : Command {
    using Resume = typename base::Callback<base::Result<Out>>::Resume;
    ItemCommand(const Together<In, Out>& t, In i, Resume r)
        : together(t), item(std::move(i)), resume(std::move(r)) {}
    const void* kind() const override { return &together; }
    bool run(WritableBooks& books) override {
      Command* self = this;
      if (!run_together(books, std::span(&self, 1))) return false;
      return result->has_value();
    }
    bool run_together(WritableBooks& books, std::span<Command* const> commands) override {
      std::vector<const In*> items;
      items.reserve(commands.size());
      for (const Command* command : commands)
        items.push_back(&static_cast<const ItemCommand*>(command)->item);
      auto results = together.work(books, items);
      for (std::size_t i = 0; i < commands.size(); ++i) {
        auto& one = static_cast<ItemCommand*>(commands[i])->result;
        if (results) {
          one.emplace(std::move((*results)[i]));
        } else {
          one.emplace(std::unexpected(results.error()));
        }
      }
      return results.has_value();
    }
    void answer() override { resume(std::move(*result)); }
    void fail(const base::Error& error) override { resume(std::unexpected(error)); }
    const Together<In, Out>& together;
    In item;
    Resume resume;
    std::optional<base::Result<Out>> result;
  };
  using Group = std::vector<std::unique_ptr<Command>>;

  /// A reading connection on loan.
  struct Lease {
    explicit Lease(Store& store);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Store& store;
    base::Result<std::unique_ptr<Connection>> connection;
  };

  /// A connection that died while nobody used it shows only when it is used.
  template <class T>
  static base::Result<T> read_twice(Connection& connection, Reading<T>& work) {
    Books books(connection);
    base::Result<T> done = work(books);
    if (done || !connection.worth_redoing()) return done;
    return work(books);
  }
  static base::Error overloaded();

  Store(StoreOptions options, base::Log& log) : options_(std::move(options)), log_(log) {}
  base::Result<std::unique_ptr<Connection>> connect(bool read_only) const;
  void enqueue(std::unique_ptr<Command> command);
  void run_writer();
  Group take_group();
  void commit_group(Group group);
  base::Result<Rows> write_group(Group& group);
  base::Result<Rows> run_group(Group& group);
  base::Result<bool> resolve_doubt();
  base::Result<bool> run_alone(Command& command, WritableBooks& books, bool in_company);
  base::Result<bool> run_kind(std::span<Command* const> commands, WritableBooks& books);

  StoreOptions options_;
  base::Log& log_;
  std::unique_ptr<Connection> writer_;
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<Connection>> readers_;
  std::unique_ptr<Readers> threads_;  ///< where reads would block
  std::mutex queue_mutex_;
  std::condition_variable queue_filled_;
  std::condition_variable stopped_;
  std::deque<std::unique_ptr<Command>> queue_;
  bool stopping_ = false;
  std::atomic<std::int64_t> writes_ = 0;
  std::atomic<std::int64_t> commits_ = 0;
  std::thread thread_;
};

}  // namespace quittance::storage
