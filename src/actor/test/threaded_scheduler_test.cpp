// The workers by themselves: who runs whom, when, and that nobody is forgotten. Run under the thread sanitizer after any change
// of the scheduler. Tests that wait do so for something that must happen; they do not measure.

#include "airssys/actor/threaded_scheduler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "testing/rig.hpp"

namespace airssys::actor {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kScale = 10;
#else
constexpr int kScale = 1;
#endif

void wait_until(const std::function<bool()>& holds) {
  while (!holds()) std::this_thread::yield();
}

/// Names in the order in which threads say them.
class Order {
 public:
  void add(std::string name) {
    const std::lock_guard lock(mutex_);
    names_.push_back(std::move(name));
  }
  std::vector<std::string> names() const {
    const std::lock_guard lock(mutex_);
    return names_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> names_;
};

class ThreadedSchedulerTest : public ::testing::Test {
 protected:
  void TearDown() override {
    let_go = true;
    if (scheduler) scheduler->stop();
  }
  void begin(unsigned workers, std::function<void()> at_rest = {}) {
    scheduler = std::make_unique<ThreadedScheduler>(
        ThreadedScheduler::Options{.workers = workers, .tick = {}, .at_rest = std::move(at_rest)});
    rig = std::make_unique<testing::Rig>(*scheduler);
    scheduler->start([this] { return rig->make_runner(&scheduler->ticks()); }, rig->alarms, rig->clock);
  }
  /// A turn that lasts until the test lets it go; it has begun.
  ActorRef hold_a_worker(const std::string& name = "holds") {
    const int before = held;
    ActorRef actor = rig->start("test/" + name + "/1", {.start = [this](Turn&, const core::Start&) {
                                  ++held;
                                  wait_until([this] { return let_go.load(); });
                                  return TurnResult{};
                                }});
    wait_until([&] { return held > before; });
    return actor;
  }
  ActorRef start(const std::string& name, Order& order) {
    return rig->start("test/" + name + "/1", {.start = [&order, name](Turn&, const core::Start&) {
                        order.add(name);
                        return TurnResult{};
                      }});
  }
  void wait_until_quiet() const {
    wait_until([this] {
      const std::uint64_t batches = scheduler->batches();
      return scheduler->quiet() && scheduler->batches() == batches && scheduler->quiet();
    });
  }

  std::atomic<bool> let_go{false};
  std::atomic<int> held{0};
  std::unique_ptr<ThreadedScheduler> scheduler;
  std::unique_ptr<testing::Rig> rig;
};

TEST_F(ThreadedSchedulerTest, runs_what_comes_from_outside_and_rests) {
  begin(2);
  Order order;
  EXPECT_FALSE(scheduler->on_worker());
  start("a", order);
  wait_until([&] { return !order.names().empty(); });
  wait_until_quiet();
  EXPECT_GE(scheduler->batches(), 1U);
}

TEST_F(ThreadedSchedulerTest, what_comes_from_outside_starts_in_its_order) {
  begin(1);
  hold_a_worker();
  Order order;
  for (const char* name : {"a", "b", "c", "d", "e"}) start(name, order);
  let_go = true;
  wait_until([&] { return order.names().size() == 5; });
  wait_until_quiet();
  EXPECT_EQ(order.names(), (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST_F(ThreadedSchedulerTest, what_turns_make_starts_newest_first_and_the_message_of_another_goes_ahead) {
  begin(1);
  Order order;
  const ActorRef other = rig->start("test/other/1", {.message = [&](Turn&, const core::MessageView&) {
                                      order.add("other");
                                      return TurnResult{};
                                    }});
  wait_until_quiet();
  rig->start("test/maker/1", {.start = [&](Turn& turn, const core::Start&) {
               start("a", order);
               start("b", order);
               other->deliver(testing::Rig::message_from(testing::Rig::self(turn), other, "x"));
               start("c", order);
               return TurnResult{};
             }});
  wait_until([&] { return order.names().size() == 4; });
  wait_until_quiet();
  EXPECT_EQ(order.names(), (std::vector<std::string>{"other", "c", "b", "a"}));
}

/// Makes ten of the next level until there are none.
class Tree {
 public:
  Tree(testing::Rig& rig, int levels) : rig_(rig), levels_(levels) {}
  void plant() { make("test/t/0", 0); }

  std::atomic<int> made{0};
  std::atomic<int> started{0};
  std::atomic<int> most_waited{0};

 private:
  void make(const std::string& address, int level) {
    made.fetch_add(1);
    rig_.start(address, {.start = [this, address, level](Turn&, const core::Start&) {
                 started.fetch_add(1);
                 for (int i = 0; i < 10 && level < levels_; ++i) make(address + std::to_string(i), level + 1);
                 const int waits = made - started;
                 int most = most_waited;
                 while (waits > most && !most_waited.compare_exchange_weak(most, waits)) {
                 }
                 return TurnResult{};
               }});
  }

  testing::Rig& rig_;
  const int levels_;
};

TEST_F(ThreadedSchedulerTest, a_tree_of_actors_grows_depth_first) {
  begin(1);
  Tree tree(*rig, 4);
  tree.plant();
  wait_until([&] { return tree.started == 11'111; });
  wait_until_quiet();
  // Nine brothers a level; and what the oldest, which are started now and then, have made.
  EXPECT_LT(tree.most_waited, 1'000) << "breadth first, 10,000 wait at once";
}

TEST_F(ThreadedSchedulerTest, a_flood_of_first_starts_lets_running_actors_have_their_turns) {
  begin(1);
  std::atomic<int> turns{0};
  std::atomic<int> made{0};
  const ActorRef runs = rig->start("test/runs/1", {.message = [&](Turn&, const core::MessageView&) {
                                     ++turns;
                                     return TurnResult{};
                                   }});
  // Each makes the next one and is gone: a hundred wait for their start all the time.
  std::function<void()> make = [&] {
    rig->start("test/child/" + std::to_string(++made), {.start = [&](Turn& turn, const core::Start&) {
                 if (turns < 100) make();
                 turn.stop_self();
                 return TurnResult{};
               }});
  };
  rig->start("test/first/1", {.start = [&](Turn&, const core::Start&) {
               for (int i = 0; i < 100; ++i) make();
               return TurnResult{};
             }});
  for (int i = 1; i <= 100; ++i) {
    rig->send(runs);
    wait_until([&] { return turns >= i; });
  }
  wait_until_quiet();
}

TEST_F(ThreadedSchedulerTest, one_that_takes_no_notice_of_others_delays_them_by_a_batch_at_most) {
  begin(1);
  std::atomic<int> busy_turns{0};
  std::atomic<int> before_other{-1};
  const ActorRef busy = rig->start("test/busy/1", {.message = [&](Turn&, const core::MessageView&) {
                                     ++busy_turns;
                                     return TurnResult{};
                                   }});
  const ActorRef other = rig->start("test/other/1", {.message = [&](Turn&, const core::MessageView&) {
                                      before_other = busy_turns.load();
                                      return TurnResult{};
                                    }});
  wait_until_quiet();
  hold_a_worker();
  for (int i = 0; i < 1'000; ++i) rig->send(busy);
  rig->send(other);
  let_go = true;
  wait_until([&] { return busy_turns == 1'000 && before_other >= 0; });
  wait_until_quiet();
  EXPECT_LE(before_other, TurnRunner::kBatchTurns);
}

TEST_F(ThreadedSchedulerTest, nobody_whom_a_turn_wakes_runs_before_it_has_ended) {
  begin(2);
  std::atomic<int> rounds{0};
  std::atomic<bool> ended{false};
  std::atomic<int> too_early{0};
  std::atomic<int> started{0};
  // Keeps the other worker going, which would take what waits.
  const ActorRef other = rig->start("test/other/1", {.message = [&](Turn&, const core::MessageView&) {
                                      ++rounds;
                                      return TurnResult{};
                                    }});
  wait_until_quiet();
  rig->start("test/maker/1", {.start = [&](Turn&, const core::Start&) {
               for (int i = 0; i < 8; ++i) {
                 rig->start("test/child/" + std::to_string(i), {.start = [&](Turn&, const core::Start&) {
                              if (!ended) ++too_early;
                              ++started;
                              return TurnResult{};
                            }});
               }
               held = 1;
               wait_until([&] { return let_go.load(); });
               ended = true;
               return TurnResult{};
             }});
  wait_until([&] { return held == 1; });
  for (int i = 1; i <= 20; ++i) {
    rig->send(other);
    wait_until([&] { return rounds == i; });
  }
  let_go = true;
  wait_until([&] { return started == 8; });
  wait_until_quiet();
  EXPECT_EQ(too_early, 0);
}

TEST_F(ThreadedSchedulerTest, who_waits_behind_a_turn_that_lasts_is_run_by_another_worker) {
  begin(2);
  Order order;
  const ActorRef actor = rig->start("test/a/1", {.message = [&](Turn&, const core::MessageView& message) {
                                      if (message.text() == "wake") {
                                        // One is this worker's own next, the others wait in its queue.
                                        for (const char* name : {"b", "c", "d", "e"}) start(name, order);
                                        return TurnResult{};
                                      }
                                      wait_until([&] { return order.names().size() == 4 || let_go; });
                                      return TurnResult{};
                                    }});
  rig->send(actor, "wake");
  rig->send(actor, "wait for all of them");
  wait_until([&] { return order.names().size() == 4; });
  wait_until_quiet();
}

TEST_F(ThreadedSchedulerTest, one_alone_that_waits_behind_a_turn_that_lasts_is_rescued) {
  begin(2);
  for (int round = 1; round <= 20; ++round) {
    std::atomic<bool> ran{false};
    const std::string number = std::to_string(round);
    const ActorRef next = rig->start("test/next/" + number, {.message = [&](Turn&, const core::MessageView&) {
                                       ran = true;
                                       return TurnResult{};
                                     }});
    wait_until_quiet();
    const ActorRef actor = rig->start("test/a/" + number, {.message = [&](Turn& turn, const core::MessageView& message) {
                                        if (message.text() == "wake") {
                                          next->deliver(testing::Rig::message_from(testing::Rig::self(turn), next, "x"));
                                        } else {
                                          wait_until([&] { return ran || let_go; });
                                        }
                                        return TurnResult{};
                                      }});
    EnvelopeChain both(rig->message(actor, "wake"));
    both.add(rig->message(actor, "wait for it"));
    actor->deliver(std::move(both));
    wait_until([&] { return ran.load(); });
    wait_until_quiet();
  }
}

TEST_F(ThreadedSchedulerTest, wakes_workers_at_any_step_of_lying_down) {
  begin(2);
  std::atomic<int> turns{0};
  const ActorRef actor = rig->start("test/a/1", {.message = [&](Turn&, const core::MessageView&) {
                                      ++turns;
                                      return TurnResult{};
                                    }});
  for (int i = 1; i <= 2'000 / kScale; ++i) {
    // Now right after the last turn, now when all are parked, now somewhere between.
    if (i % 16 == 0) wait_until_quiet();
    for (int pause = i % 64; pause > 0; --pause) std::this_thread::yield();
    rig->send(actor);
    wait_until([&] { return turns >= i; });
  }
}

TEST_F(ThreadedSchedulerTest, tells_of_rest_each_time_it_comes_to_it) {
  std::atomic<int> rests{0};
  begin(2, [&rests] { ++rests; });
  Order order;
  for (int i = 1; i <= 20; ++i) {
    const int before = rests;
    start("a" + std::to_string(i), order);
    wait_until([&] { return order.names().size() == static_cast<std::size_t>(i) && rests > before; });
  }
  scheduler->stop();
}

TEST_F(ThreadedSchedulerTest, fires_alarms_also_when_all_are_parked) {
  begin(2);
  std::atomic<int> fired{0};
  const ActorRef actor = rig->start("test/a/1", {.start =
                                                     [](Turn& turn, const core::Start&) {
                                                       EXPECT_TRUE(turn.arm(core::Tag{1}, std::chrono::milliseconds(5)));
                                                       return TurnResult{};
                                                     },
                                                 .timer =
                                                     [&](Turn&, const Firing&) {
                                                       ++fired;
                                                       return TurnResult{};
                                                     }});
  wait_until([&] { return rig->alarms.size() == 1; });
  wait_until_quiet();
  rig->clock.advance(std::chrono::seconds(1));
  // The clock was moved by hand, which nobody tells the thread that keeps time.
  rig->alarms.interrupt();
  wait_until([&] { return fired == 1; });
  wait_until_quiet();
}

TEST_F(ThreadedSchedulerTest, ends_while_all_are_parked) {
  for (int round = 0; round < 50; ++round) {
    begin(3);
    if (round % 2 == 0) wait_until_quiet();
    scheduler->stop();
    scheduler->stop();
  }
}

TEST_F(ThreadedSchedulerTest, at_the_end_whoever_waits_is_retired_or_has_run_and_no_message_is_lost) {
  for (int round = 0; round < 20; ++round) {
    begin(1);
    std::atomic<int> turns{0};
    const testing::Scripted::Script counts{.start =
                                               [&](Turn&, const core::Start&) {
                                                 ++turns;
                                                 return TurnResult{};
                                               },
                                           .message =
                                               [&](Turn&, const core::MessageView&) {
                                                 ++turns;
                                                 return TurnResult{};
                                               }};
    const ActorRef runs = rig->start("test/runs/1", counts);
    wait_until([&] { return turns == 1; });
    // Some wait in each lane, and one is its worker's own next, while the worker is held.
    std::vector<ActorRef> made;
    const ActorRef maker = rig->start("test/maker/1", {.message = [&](Turn&, const core::MessageView& message) {
                                        for (int i = 0; i < 5 && message.text() == "make"; ++i)
                                          made.push_back(rig->start("test/made/" + std::to_string(i), counts));
                                        if (message.text() == "hold") {
                                          held = 1;
                                          wait_until([&] { return let_go.load(); });
                                        }
                                        return TurnResult{};
                                      }});
    wait_until_quiet();
    EnvelopeChain both(rig->message(maker, "make"));
    both.add(rig->message(maker, "hold"));
    maker->deliver(std::move(both));
    wait_until([&] { return held == 1; });
    rig->send(runs);
    made.push_back(rig->start("test/arrived/1", counts));
    std::thread end([this] { scheduler->stop(); });
    for (int pause = round * 10; pause > 0; --pause) std::this_thread::yield();
    let_go = true;
    end.join();
    const int ran = turns - 1;
    int retired = rig->dead.of(DeadReason::target_stopped);
    ASSERT_EQ(made.size(), 6U);
    for (const ActorRef& actor : made) retired += actor->stopped() ? 1 : 0;
    EXPECT_EQ(ran + retired, 7) << "five that were made, one from outside, and a message";
    let_go = false;
    held = 0;
  }
}

TEST_F(ThreadedSchedulerTest, runs_everybody_once_whatever_races) {
  begin(3);
  const int all = 20'000 / kScale;
  std::atomic<int> started{0};
  std::vector<std::thread> spawners;
  for (int spawner = 0; spawner < 3; ++spawner) {
    spawners.emplace_back([&, spawner] {
      for (int i = 0; i < all; ++i) {
        const std::string address = "test/s" + std::to_string(spawner) + "/" + std::to_string(i);
        rig->start(address, {.start = [&, address](Turn&, const core::Start&) {
                     ++started;
                     rig->start(address + "x", {.start = [&](Turn&, const core::Start&) {
                                  ++started;
                                  return TurnResult{};
                                }});
                     return TurnResult{};
                   }});
      }
    });
  }
  for (std::thread& spawner : spawners) spawner.join();
  wait_until([&] { return started >= 6 * all; });
  wait_until_quiet();
  EXPECT_EQ(started, 6 * all);
}

}  // namespace
}  // namespace airssys::actor
