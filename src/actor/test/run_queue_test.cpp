#include "run_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "testing/fakes.hpp"

namespace airssys::actor {
namespace {

using Lane = RunQueue::Lane;

class RunQueueTest : public ::testing::Test {
 protected:
  ActorRef actor(const std::string& name) { return testing::make_actor("test/" + name + "/1", scheduler); }
  /// `first` to `last` of that name.
  void push(Lane lane, const std::string& name, int first, int last) {
    for (int i = first; i <= last; ++i) queue.push(lane, actor(name + std::to_string(i)));
  }
  static std::string name_of(const ActorRef& taken) {
    if (!taken) return "-";
    const std::string& text = taken->address().text();
    return text.substr(5, text.size() - 7);
  }
  /// The next `count`, as text.
  std::string take(int count) { return take_from(queue, count); }
  static std::string take_from(RunQueue& from, int count) {
    std::string taken;
    while (count-- > 0) taken += (taken.empty() ? "" : " ") + name_of(from.pop());
    return taken;
  }

  testing::RecordingScheduler scheduler;
  RunQueue queue;
};

TEST_F(RunQueueTest, is_first_in_first_out_for_who_has_run_before) {
  push(Lane::ready, "r", 1, 4);
  EXPECT_EQ(take(5), "r1 r2 r3 r4 -");
}

TEST_F(RunQueueTest, starts_what_comes_from_outside_in_its_order) {
  push(Lane::arrived, "a", 1, 4);
  EXPECT_EQ(take(5), "a1 a2 a3 a4 -");
}

TEST_F(RunQueueTest, starts_what_turns_make_newest_first) {
  push(Lane::made, "m", 1, 3);
  EXPECT_EQ(take(1), "m3");
  push(Lane::made, "m", 4, 5);
  EXPECT_EQ(take(5), "m5 m4 m2 m1 -");
}

TEST_F(RunQueueTest, lets_others_have_their_turn_after_a_few_first_starts) {
  push(Lane::ready, "r", 1, 3);
  push(Lane::made, "m", 1, 10);
  EXPECT_EQ(take(13), "m10 m9 m8 m7 r1 m6 m5 m4 m3 r2 m2 m1 r3");
}

TEST_F(RunQueueTest, lets_those_who_have_run_and_those_from_outside_take_turns) {
  push(Lane::ready, "r", 1, 3);
  push(Lane::arrived, "a", 1, 3);
  EXPECT_EQ(take(6), "r1 a1 r2 a2 r3 a3");
}

TEST_F(RunQueueTest, starves_no_running_actor_however_many_actors_turns_make) {
  queue.push(Lane::ready, actor("runs"));
  std::string taken;
  int made = 0;
  int pops = 0;
  for (; taken != "runs"; ++pops) {
    push(Lane::made, "m", made, made);
    made += 1;
    taken = take(1);
    ASSERT_LE(pops, 5);
  }
  EXPECT_EQ(pops, RunQueue::kMadeInARow + 1);
}

TEST_F(RunQueueTest, starves_nobody_who_runs_by_those_from_outside_nor_the_other_way_round) {
  push(Lane::arrived, "a", 1, 1000);
  push(Lane::ready, "r", 1, 1000);
  for (int i = 1; i <= 1000; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_EQ(take(2), i == 1 ? "r1 a1" : "r" + number + " a" + number);
  }
}

TEST_F(RunQueueTest, starts_the_oldest_though_newer_ones_never_end) {
  push(Lane::made, "old", 1, 2);
  const ActorRef newer = actor("new");
  for (int round = 1; round <= 2; ++round) {
    for (unsigned i = 1; i < RunQueue::kOldestEvery; ++i) {
      queue.push(Lane::made, newer);
      ASSERT_EQ(take(1), "new");
    }
    queue.push(Lane::made, newer);
    EXPECT_EQ(take(1), "old" + std::to_string(round));
  }
}

TEST_F(RunQueueTest, gives_a_thief_the_older_half_and_both_keep_their_order) {
  push(Lane::ready, "r", 1, 4);
  push(Lane::made, "m", 1, 6);
  RunQueue thief;
  EXPECT_EQ(name_of(thief.pop_half_of(queue)), "r1");
  EXPECT_EQ(take_from(thief, 5), "m3 m2 m1 r2 -");
  EXPECT_EQ(take(6), "m6 m5 m4 r3 r4 -");
}

TEST_F(RunQueueTest, gives_a_thief_the_oldest_first_start_which_has_most_before_it) {
  push(Lane::made, "m", 1, 5);
  RunQueue thief;
  EXPECT_EQ(name_of(thief.pop_half_of(queue)), "m1");
  EXPECT_EQ(take_from(thief, 3), "m3 m2 -");
}

TEST_F(RunQueueTest, gives_a_thief_no_more_than_what_it_can_take_at_once_and_the_last_one_too) {
  push(Lane::ready, "r", 1, 100);
  RunQueue thief;
  EXPECT_EQ(name_of(thief.pop_half_of(queue)), "r1");
  EXPECT_EQ(take_from(thief, 16), "r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15 r16 -");
  RunQueue last;
  push(Lane::arrived, "a", 1, 1);
  while (take(1) != "r100") {
  }
  EXPECT_EQ(name_of(last.pop_half_of(queue)), "-");
  queue.push(Lane::arrived, actor("a2"));
  EXPECT_EQ(name_of(last.pop_half_of(queue)), "a2");
  EXPECT_EQ(take(1), "-");
}

TEST_F(RunQueueTest, knows_the_lane_of_whom_a_turn_has_woken) {
  std::vector<ActorRef> woken{actor("m1"), {}, actor("m2")};
  EXPECT_EQ(queue.push_woken(woken), 2U);
  EXPECT_EQ(take(3), "m2 m1 -");
}

TEST_F(RunQueueTest, says_how_many_wait) {
  EXPECT_EQ(queue.push(Lane::ready, actor("r")), 1U);
  EXPECT_EQ(queue.push(Lane::made, actor("m")), 2U);
  EXPECT_EQ(queue.push(Lane::arrived, actor("a")), 3U);
}

TEST_F(RunQueueTest, keeps_its_order_over_more_than_it_had_room_for) {
  const ActorRef one = actor("one");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20'000; ++i) queue.push(Lane::ready, one);
    queue.push(Lane::ready, actor("last"));
    for (int i = 0; i < 20'000; ++i) ASSERT_EQ(queue.pop(), one);
    EXPECT_EQ(take(2), "last -");
  }
}

TEST_F(RunQueueTest, loses_and_doubles_nobody_when_two_workers_rob_each_other) {
  constexpr int kActors = 64;
  constexpr int kRounds = 20'000;
  RunQueue queues[2];
  std::vector<ActorRef> actors;
  for (int i = 0; i < kActors; ++i) {
    actors.push_back(actor("x" + std::to_string(i)));
    queues[i % 2].push(i % 3 == 0 ? Lane::made : Lane::ready, actors.back());
  }
  const auto work = [&](RunQueue& own, RunQueue& other) {
    for (int round = 0; round < kRounds; ++round) {
      ActorRef one = own.pop();
      if (!one) one = own.pop_half_of(other);
      if (one) own.push(round % 2 == 0 ? Lane::made : Lane::ready, std::move(one));
    }
  };
  std::thread first([&] { work(queues[0], queues[1]); });
  std::thread second([&] { work(queues[1], queues[0]); });
  first.join();
  second.join();
  int left = 0;
  for (RunQueue& each : queues) {
    while (each.pop()) ++left;
  }
  EXPECT_EQ(left, kActors);
  for (const ActorRef& one : actors) EXPECT_TRUE(one->has_one_owner());
}

}  // namespace
}  // namespace airssys::actor
