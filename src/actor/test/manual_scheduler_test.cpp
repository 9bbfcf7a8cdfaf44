#include "airssys/actor/manual_scheduler.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "testing/rig.hpp"

namespace airssys::actor {
namespace {

/// A system by hand, whose actors write down when they start and what they are told.
class World {
 public:
  explicit World(std::uint64_t seed) : scheduler(seed), rig(scheduler), runner(rig.make_runner()) { scheduler.use(*runner); }
  ActorRef start(const std::string& name) {
    return rig.start("test/" + name + "/1", {.start =
                                                 [this, name](Turn&, const core::Start&) {
                                                   seen += name;
                                                   return TurnResult{};
                                                 },
                                             .message =
                                                 [this, name](Turn&, const core::MessageView&) {
                                                   seen += name;
                                                   return TurnResult{};
                                                 },
                                             .stop = [this] { seen += "!"; }});
  }
  void start_some() {
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) start(name);
  }

  ManualScheduler scheduler;
  testing::Rig rig;
  std::unique_ptr<TurnRunner> runner;
  std::string seen;
};

std::string order_of(std::uint64_t seed) {
  World world(seed);
  world.start_some();
  EXPECT_EQ(world.scheduler.run_until_idle(), 8U);
  return world.seen;
}

TEST(ManualScheduler, one_seed_is_one_order_and_this_one_for_ever) {
  EXPECT_EQ(order_of(1), order_of(1));
  // What a seed means must not change, or what once failed can't be seen again.
  EXPECT_EQ(order_of(1), "fbgdahce");
  EXPECT_EQ(order_of(2), "cabdehgf");
}

TEST(ManualScheduler, other_seeds_are_other_orders_and_anybody_may_be_first_or_last) {
  std::set<std::string> orders;
  std::set<char> first;
  std::set<char> last;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const std::string order = order_of(seed);
    orders.insert(order);
    first.insert(order.front());
    last.insert(order.back());
  }
  EXPECT_GT(orders.size(), 95U);
  EXPECT_EQ(first.size(), 8U) << "a first start waits for nobody in particular, however old or new it is";
  EXPECT_EQ(last.size(), 8U);
}

TEST(ManualScheduler, runs_nobody_until_told_and_then_one_batch) {
  World world(1);
  world.start("a");
  world.start("b");
  EXPECT_EQ(world.seen, "");
  EXPECT_TRUE(world.scheduler.run_one());
  EXPECT_EQ(world.seen.size(), 1U);
  EXPECT_TRUE(world.scheduler.run_one());
  EXPECT_FALSE(world.scheduler.run_one());
}

TEST(ManualScheduler, one_whose_batch_is_over_is_runnable_again) {
  World world(1);
  const ActorRef actor = world.start("a");
  for (int i = 0; i < TurnRunner::kBatchTurns; ++i) world.rig.send(actor);
  EXPECT_EQ(world.scheduler.run_until_idle(), 2U);
  EXPECT_EQ(world.seen.size(), TurnRunner::kBatchTurns + 1U);
}

TEST(ManualScheduler, whom_a_turn_wakes_is_runnable_when_it_has_ended) {
  World world(1);
  ActorRef other;
  world.rig.start("test/first/1", {.start = [&](Turn&, const core::Start&) {
                    other = world.start("b");
                    world.seen += "a";
                    return TurnResult{};
                  }});
  EXPECT_EQ(world.scheduler.run_until_idle(), 2U);
  EXPECT_EQ(world.seen, "ab");
}

TEST(ManualScheduler, stop_retires_who_is_runnable_without_a_turn) {
  World world(1);
  const ActorRef runs = world.start("a");
  world.scheduler.run_until_idle();
  world.rig.send(runs);
  const ActorRef never_ran = world.start("b");
  world.scheduler.stop();
  EXPECT_EQ(world.seen, "a");
  EXPECT_TRUE(runs->stopped());
  EXPECT_TRUE(never_ran->stopped());
  EXPECT_EQ(world.rig.dead.of(DeadReason::target_stopped), 1);
}

}  // namespace
}  // namespace airssys::actor
