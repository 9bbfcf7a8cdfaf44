#include "airssys/actor/registry.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>

#include "airssys/actor/timer_queue.hpp"
#include "testing/fakes.hpp"

namespace airssys::actor {
namespace {

TEST(Registry, finds_what_was_inserted_and_nothing_else) {
  testing::RecordingScheduler scheduler;
  Registry registry;
  const ActorRef actor = testing::make_actor("demo/a/1", scheduler);
  EXPECT_TRUE(registry.insert(actor));
  EXPECT_EQ(registry.find("demo/a/1"), actor);
  EXPECT_FALSE(registry.find("demo/a/2"));
}

TEST(Registry, keeps_the_first_of_two_with_one_address) {
  testing::RecordingScheduler scheduler;
  Registry registry;
  const ActorRef first = testing::make_actor("demo/a/1", scheduler);
  const ActorRef second = testing::make_actor("demo/a/1", scheduler);
  EXPECT_TRUE(registry.insert(first));
  EXPECT_FALSE(registry.insert(second));
  EXPECT_FALSE(registry.erase(*second)) << "erasing the second must not touch the first";
  EXPECT_EQ(registry.find("demo/a/1"), first);
}

std::vector<std::string> addresses(const std::vector<ActorRef>& actors) {
  std::vector<std::string> texts;
  for (const ActorRef& actor : actors) texts.push_back(actor->address().text());
  return texts;
}

TEST(Registry, shows_pages_in_the_order_of_addresses_and_says_how_many_there_are) {
  testing::RecordingScheduler scheduler;
  Registry registry;
  for (int i = 10; i < 40; ++i) EXPECT_TRUE(registry.insert(testing::make_actor("demo/a/" + std::to_string(i), scheduler)));
  EXPECT_TRUE(registry.insert(testing::make_actor("demo/b/1", scheduler)));
  const auto first = registry.page({}, nullptr, 3);
  EXPECT_EQ(first.matching, 31U);
  EXPECT_EQ(addresses(first.actors), (std::vector<std::string>{"demo/a/10", "demo/a/11", "demo/a/12"}));
  const auto second = registry.page("demo/a/12", nullptr, 3);
  EXPECT_EQ(second.matching, 28U);
  EXPECT_EQ(addresses(second.actors), (std::vector<std::string>{"demo/a/13", "demo/a/14", "demo/a/15"}));
  const core::AddressPattern pattern = *core::AddressPattern::parse("demo/a/3*");
  EXPECT_EQ(registry.page("demo/a/30", &pattern, 100).matching, 9U);
  EXPECT_EQ(registry.page("demo/a/30", &pattern, 100).actors.size(), 9U);
  EXPECT_TRUE(registry.page("demo/b/1", nullptr, 3).actors.empty());
  EXPECT_TRUE(registry.page({}, nullptr, 0).actors.empty());
}

// The prototype checked, then inserted: two registrations of one name could both succeed.
TEST(Registry, lets_exactly_one_of_many_racing_registrations_win) {
  testing::RecordingScheduler scheduler;
  for (int round = 0; round < 200; ++round) {
    Registry registry;
    std::atomic<int> won{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { won += registry.insert(testing::make_actor("demo/a/1", scheduler)) ? 1 : 0; });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(won, 1);
  }
}

TEST(Registry, lists_by_address) {
  testing::RecordingScheduler scheduler;
  Registry registry;
  for (const char* address : {"demo/b/1", "demo/a/2", "demo/a/1"}) registry.insert(testing::make_actor(address, scheduler));
  std::string listed;
  for (const ActorRef& actor : registry.all()) listed += actor->address().text() + " ";
  EXPECT_EQ(listed, "demo/a/1 demo/a/2 demo/b/1 ");
  EXPECT_EQ(registry.size(), 3U);
}

TEST(ActorCell, is_scheduled_once_by_signals_while_it_sleeps) {
  testing::RecordingScheduler scheduler;
  const ActorRef actor = testing::make_actor("demo/a/1", scheduler);
  actor->signal(Signal::timer);
  actor->signal(Signal::stop);
  EXPECT_EQ(scheduler.scheduled.size(), 1U);
}

TEST(SharedLimits, are_the_same_for_equal_sets_and_right_when_there_are_more_than_are_kept) {
  const SharedLimits one(core::Limits{.timers = 7});
  const SharedLimits same(core::Limits{.timers = 7});
  EXPECT_EQ(&*one, &*same);
  std::deque<SharedLimits> many;
  for (std::uint32_t timers = 1; timers <= 2 * SharedLimits::kShared; ++timers)
    many.emplace_back(core::Limits{.timers = timers});
  for (std::uint32_t timers = 1; timers <= 2 * SharedLimits::kShared; ++timers) EXPECT_EQ((*many[timers - 1]).timers, timers);
  const SharedLimits late(core::Limits{.timers = 7});
  EXPECT_EQ(&*one, &*late) << "those that are kept stay";
}

TEST(TimerQueue, fires_what_is_due_in_order_and_keeps_the_rest) {
  testing::RecordingScheduler scheduler;
  TimerQueue alarms;
  const ActorRef first = testing::make_actor("demo/a/1", scheduler);
  const ActorRef second = testing::make_actor("demo/a/2", scheduler);
  const ActorRef third = testing::make_actor("demo/a/3", scheduler);
  alarms.arm(*second, core::MonotonicTime(20));
  alarms.arm(*first, core::MonotonicTime(10));
  alarms.arm(*third, core::MonotonicTime(30));
  EXPECT_EQ(alarms.fire(core::MonotonicTime(20)), 2U);
  ASSERT_EQ(scheduler.scheduled.size(), 2U);
  EXPECT_EQ(scheduler.scheduled[0], first);
  EXPECT_EQ(scheduler.scheduled[1], second);
  EXPECT_EQ(alarms.next(), core::MonotonicTime(30));
}

}  // namespace
}  // namespace airssys::actor
