#include "airssys/actor/timer_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "testing/fakes.hpp"

namespace airssys::actor {
namespace {

using std::chrono::milliseconds;

class TimerQueueTest : public ::testing::Test {
 protected:
  ActorRef make(int number) { return testing::make_actor("test/actor/" + std::to_string(number), scheduler); }
  /// Whom it woke, in order.
  std::vector<const ActorCell*> fired_at(int ms) {
    scheduler.scheduled.clear();
    queue.fire(milliseconds(ms));
    std::vector<const ActorCell*> fired;
    for (const ActorRef& actor : scheduler.scheduled) fired.push_back(actor.get());
    return fired;
  }

  testing::RecordingScheduler scheduler;
  TimerQueue queue;
};

TEST_F(TimerQueueTest, keeps_one_alarm_for_each_actor_however_often_it_is_armed) {
  const ActorRef actor = make(1);
  // Each a little earlier than the one before, as a guest may do for ever.
  for (int i = 1'000; i > 0; --i) queue.arm(*actor, milliseconds(100'000 + i));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.next(), core::MonotonicTime(milliseconds(100'001)));
  queue.arm(*actor, milliseconds(200'000));
  EXPECT_EQ(queue.next(), core::MonotonicTime(milliseconds(200'000))) << "a later one replaces it, too";
  EXPECT_EQ(fired_at(200'000), std::vector<const ActorCell*>{actor.get()});
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(TimerQueueTest, leaves_nothing_of_an_alarm_that_is_withdrawn) {
  const ActorRef actor = make(1);
  queue.disarm(*actor);
  queue.arm(*actor, milliseconds(10));
  queue.disarm(*actor);
  queue.disarm(*actor);
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_TRUE(actor->has_one_owner()) << "the queue holds nobody any more";
  EXPECT_TRUE(fired_at(99).empty());
}

TEST_F(TimerQueueTest, wakes_in_order_of_time_then_of_arming) {
  const ActorRef first = make(1);
  const ActorRef second = make(2);
  const ActorRef third = make(3);
  queue.arm(*third, milliseconds(20));
  queue.arm(*first, milliseconds(10));
  queue.arm(*second, milliseconds(10));
  EXPECT_TRUE(fired_at(9).empty());
  EXPECT_EQ(fired_at(20), (std::vector<const ActorCell*>{first.get(), second.get(), third.get()}));
}

TEST_F(TimerQueueTest, forgets_all_when_it_is_cleared_and_can_be_used_again) {
  const ActorRef actor = make(1);
  queue.arm(*actor, milliseconds(10));
  queue.clear();
  EXPECT_EQ(queue.size(), 0U);
  queue.arm(*actor, milliseconds(20));
  EXPECT_EQ(queue.next(), core::MonotonicTime(milliseconds(20)));
}

TEST_F(TimerQueueTest, agrees_with_a_plain_list_of_alarms_whatever_is_armed_and_withdrawn) {
  std::vector<ActorRef> actors;
  for (int i = 0; i < 50; ++i) actors.push_back(make(i));
  std::map<const ActorCell*, int> expected;
  std::uint64_t chance = 1;
  const auto draw = [&chance](std::uint64_t below) {
    chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<int>((chance >> 33) % below);
  };
  for (int now = 0, step = 0; step < 20'000; ++step) {
    ActorCell& actor = *actors[static_cast<std::size_t>(draw(50))];
    switch (draw(4)) {
      case 0:
        queue.disarm(actor);
        expected.erase(&actor);
        break;
      case 1: {
        now += draw(20);
        // Whoever was woken has gone to sleep again: only the alarms count here.
        for (const ActorRef& awake : actors) {
          if (!awake->mailbox().asleep()) awake->mailbox().try_sleep();
        }
        std::vector<const ActorCell*> fired = fired_at(now);
        std::vector<const ActorCell*> due;
        std::erase_if(expected, [&](const auto& alarm) {
          if (alarm.second > now) return false;
          due.push_back(alarm.first);
          return true;
        });
        std::ranges::sort(fired);
        std::ranges::sort(due);
        ASSERT_EQ(fired, due) << "at step " << step;
        break;
      }
      default: {
        const int when = now + 1 + draw(200);
        queue.arm(actor, milliseconds(when));
        expected[&actor] = when;
      }
    }
    ASSERT_EQ(queue.size(), expected.size());
  }
}

}  // namespace
}  // namespace airssys::actor
