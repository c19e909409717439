#include "base/task.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "await_task.hpp"
#include "base/http.hpp"

namespace quittance::base {
namespace {

constexpr Time kStart{Duration{1'000'000}};

struct Simulation {
  ManualClock clock{kStart};
  VirtualExecutor executor{clock};
  std::vector<std::string> seen;

  void run() {
    while (executor.run_one()) {
    }
  }
  Job note(std::string what) {
    return [this, what = std::move(what)] {
      seen.push_back(what + "@" + std::to_string((clock.now() - kStart).count()));
    };
  }
};

TEST(VirtualExecutor, RunsByDueMomentThenByArrival) {
  Simulation sim;
  sim.executor.post_after(Duration(20), sim.note("late"));
  sim.executor.post_after(Duration(10), sim.note("first"));
  sim.executor.post_after(Duration(10), sim.note("second"));
  sim.executor.post(sim.note("now"));
  sim.run();
  EXPECT_EQ(sim.seen, (std::vector<std::string>{"now@0", "first@10", "second@10", "late@20"}));
  EXPECT_FALSE(sim.executor.run_one());
}

TEST(VirtualExecutor, RunsUntilAMomentAndStandsThere) {
  Simulation sim;
  sim.executor.post_after(Duration(10), sim.note("a"));
  sim.executor.post_after(Duration(11), sim.note("b"));
  sim.executor.run_until(kStart + Duration(10));
  EXPECT_EQ(sim.seen, (std::vector<std::string>{"a@10"}));
  sim.executor.run_until(kStart + Duration(50));
  EXPECT_EQ(sim.clock.now(), kStart + Duration(50));
  EXPECT_EQ(sim.seen.size(), 2u);
}

TEST(VirtualExecutor, NeverMovesAClockBackThatWasSetForward) {
  Simulation sim;
  sim.executor.post_after(Duration(10), sim.note("overdue"));
  sim.clock.advance(Duration(500));
  sim.run();
  EXPECT_EQ(sim.seen, (std::vector<std::string>{"overdue@500"}));
}

TEST(VirtualExecutor, JobsMayPostJobs) {
  Simulation sim;
  sim.executor.post([&] {
    sim.executor.post_after(Duration(5), sim.note("inner"));
    sim.note("outer")();
  });
  sim.run();
  EXPECT_EQ(sim.seen, (std::vector<std::string>{"outer@0", "inner@5"}));
}

Task<int> add(int a, int b) { co_return a + b; }

Task<void> sleeper(Simulation& sim, std::string name, int step) {
  for (int i = 0; i < 3; ++i) {
    co_await Sleep{Duration(step)};
    sim.note(name)();
  }
}

TEST(Task, SleepersTakeTurnsInVirtualTime) {
  Simulation sim;
  spawn(sim.executor, sleeper(sim, "a", 10), sim.note("a done"));
  spawn(sim.executor, sleeper(sim, "b", 15), sim.note("b done"));
  EXPECT_TRUE(sim.seen.empty()) << "nothing runs before the executor does";
  sim.run();
  // Both are due at 30; b began to wait at 15, a at 20: the older wait goes first.
  EXPECT_EQ(sim.seen, (std::vector<std::string>{"a@10", "b@15", "a@20", "b@30", "a@30", "a done@30",
                                                "b@45", "b done@45"}));
}

Task<void> sum_up(int times, long& sum) {
  for (int i = 0; i < times; ++i)
    sum += co_await add(i, 1);
}

TEST(Task, ALongLoopOfInstantTasksDoesNotGrowTheStack) {
  Simulation sim;
  long sum = 0;
  spawn(sim.executor, sum_up(300'000, sum));
  sim.run();
  EXPECT_EQ(sum, 300'000L * 300'001L / 2);
}

Task<int> throwing() {
  throw std::runtime_error("inner");
  co_return 1;
}

Task<void> catching(std::string& caught) {
  try {
    co_await throwing();
  } catch (const std::runtime_error& error) {
    caught = error.what();
  }
}

TEST(Task, ExceptionsReachTheAwaiter) {
  Simulation sim;
  std::string caught;
  spawn(sim.executor, catching(caught));
  sim.run();
  EXPECT_EQ(caught, "inner");
}

Task<void> uncaught() { co_await throwing(); }

TEST(TaskDeathTest, AnExceptionThatLeavesTheTaskEndsTheProgram) {
  EXPECT_DEATH(
      {
        Simulation sim;
        spawn(sim.executor, uncaught());
        sim.run();
      },
      "");
}

struct Witness {
  std::vector<std::string>* log;
  ~Witness() { log->push_back("destroyed"); }
};

Task<void> hold(std::shared_ptr<Witness> witness) {
  witness->log->push_back("ran");
  co_return;
}

TEST(Task, IsDestroyedBeforeDoneIsCalled) {
  Simulation sim;
  auto witness = std::make_shared<Witness>(&sim.seen);
  spawn(sim.executor, hold(std::move(witness)), [&] { sim.seen.push_back("done"); });
  sim.run();
  EXPECT_EQ(sim.seen, (std::vector<std::string>{"ran", "destroyed", "done"}));
}

TEST(Task, IsDestroyedWithAnExecutorThatNeverRanIt) {
  std::vector<std::string> seen;
  {
    Simulation sim;
    spawn(sim.executor, hold(std::make_shared<Witness>(&seen)));
  }
  EXPECT_EQ(seen, std::vector<std::string>{"destroyed"});
}

Task<void> wait_for_other_thread(std::vector<std::thread::id>& ids, std::thread& other) {
  ids.push_back(std::this_thread::get_id());
  Callback<std::string> answer([&other](Callback<std::string>::Resume resume) {
    other = std::thread([resume = std::move(resume)]() mutable { resume("from afar"); });
  });
  const std::string text = co_await answer;
  EXPECT_EQ(text, "from afar");
  ids.push_back(std::this_thread::get_id());
}

TEST(Task, GoesOnWhereItRanAfterACallbackFromAnotherThread) {
  EventLoops loops(2);
  std::vector<std::thread::id> ids;
  std::thread other;
  await_task(loops.executor(1), wait_for_other_thread(ids, other));
  other.join();
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_NE(ids[0], std::this_thread::get_id());
}

Task<void> note_thread(std::set<std::thread::id>& ids) {
  Executor& here = co_await ThisExecutor{};
  EXPECT_NE(&here, nullptr);
  co_await Sleep{Duration(1)};
  ids.insert(std::this_thread::get_id());
}

TEST(EventLoops, EachIsAThreadOfItsOwn) {
  EventLoops loops(3);
  ASSERT_EQ(loops.size(), 3u);
  std::set<std::thread::id> ids;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    await_task(loops.executor(i), note_thread(ids));
  }
  EXPECT_EQ(ids.size(), 3u);
}

TEST(EventLoops, WakeEndsTheWaitForASignalEvenWhenItComesFirst) {
  EventLoops loops(1);
  loops.wake();
  loops.wait_for_signal();
  std::thread waker([&] { loops.wake(); });
  loops.wait_for_signal();
  waker.join();
}

TEST(EventLoops, ASignalEndsTheWait) {
  EXPECT_EXIT(
      {
        EventLoops loops(1);
        // One signal, as soon as wait_for_signal has set its handler.
        std::thread sender([] {
          struct sigaction now{};
          while (now.sa_handler == SIG_DFL)
            sigaction(SIGTERM, nullptr, &now);
          kill(getpid(), SIGTERM);
        });
        loops.wait_for_signal();
        std::_Exit(7);
      },
      testing::ExitedWithCode(7), "");
}

TEST(EventLoops, DropsWhatHasNotRunAtStop) {
  bool ran = false;
  EventLoops loops(1);
  loops.executor(0).post_after(Duration(3'600'000), [&] { ran = true; });
  loops.stop();
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace quittance::base
