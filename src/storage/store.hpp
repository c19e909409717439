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

namespace quittance::storage {

/// Where the books are, and the limits of the queue before them.
struct StoreOptions {
  std::string path;
  /// How connections are opened; empty: SQLite on `path`. The simulation puts its lossy disk and
  /// its planted bugs here.
  std::function<base::Result<std::unique_ptr<Connection>>(bool read_only)> connect{};
  std::size_t queue_limit = 65'536;  ///< more waiting writes than this are refused: `overloaded`
  std::size_t group_limit = 1'024;   ///< writes in one commit
  /// False: no audit log is written; only the bench, which measures what it costs, may ask for it.
  bool audit = true;
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
/// The same for a database file, which is created if need be.
base::Result<Migrated> migrate_file(const std::string& path, const base::Clock& clock);

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
  base::Task<base::Result<T>> write(std::move_only_function<base::Result<T>(WritableBooks&)> work) {
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

  /// Runs `work` on a reading connection, right here: reads are short and indexed.
  template <class T>
  base::Result<T> read(std::move_only_function<base::Result<T>(Books&)> work) {
    const Lease lease(*this);
    Books books(*lease.connection);
    return work(books);
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
    using Work = std::move_only_function<base::Result<T>(WritableBooks&)>;
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
    std::unique_ptr<Connection> connection;
  };

  Store(StoreOptions options, base::Log& log) : options_(std::move(options)), log_(log) {}
  base::Result<std::unique_ptr<Connection>> connect(bool read_only) const;
  void enqueue(std::unique_ptr<Command> command);
  void run_writer();
  Group take_group();
  void commit_group(Group group);
  base::Result<Rows> run_group(Group& group);
  base::Result<bool> run_alone(Command& command, WritableBooks& books, bool in_company);
  base::Result<bool> run_kind(std::span<Command* const> commands, WritableBooks& books);

  StoreOptions options_;
  base::Log& log_;
  std::unique_ptr<Connection> writer_;
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<Connection>> readers_;
  std::mutex queue_mutex_;
  std::condition_variable queue_filled_;
  std::deque<std::unique_ptr<Command>> queue_;
  bool stopping_ = false;
  std::atomic<std::int64_t> writes_ = 0;
  std::atomic<std::int64_t> commits_ = 0;
  std::thread thread_;
};

}  // namespace quittance::storage
