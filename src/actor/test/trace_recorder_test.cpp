#include "airssys/actor/trace_recorder.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "testing/fakes.hpp"

namespace airssys::actor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Records final : public TraceSink {
 public:
  void turn(const TurnRecord& record) noexcept override { all.push_back(record); }
  std::vector<TurnRecord> all;
};

class TraceRecorderTest : public ::testing::Test {
 protected:
  int begun(std::uint64_t actor, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += recorder.begins(actor, clock.now) ? 1 : 0;
    return count;
  }

  testing::HandClock clock;
  Records records;
  TraceRecorder recorder{clock, records};
};

TEST_F(TraceRecorderTest, lets_one_actor_begin_its_share_of_a_second) {
  EXPECT_EQ(begun(1, 100), TraceRecorder::kBegunByOne);
  EXPECT_EQ(begun(2, 100), TraceRecorder::kBegunByOne) << "another has its own";
  clock.now += seconds(2);
  EXPECT_EQ(begun(1, 100), TraceRecorder::kBegunByOne);
}

TEST_F(TraceRecorderTest, lets_all_together_begin_no_more_than_their_rate) {
  int count = 0;
  for (std::uint64_t actor = 1; actor <= 80; ++actor) count += begun(actor, 3);
  EXPECT_EQ(count, 2 * static_cast<int>(TraceRecorder::kBegun.per_second)) << "half of them first ones of an actor";
  clock.now += seconds(1);
  count = 0;
  for (std::uint64_t actor = 1; actor <= 80; ++actor) count += begun(actor, 3);
  EXPECT_EQ(count, static_cast<int>(TraceRecorder::kBegun.per_second));
}

TEST_F(TraceRecorderTest, leaves_a_trace_for_a_quiet_actor_beside_many_that_begin_all_the_time) {
  for (int second = 0; second < 20; ++second) {
    for (std::uint64_t actor = 1; actor <= 1000; ++actor) begun(actor, 3);
    if (second > 0) {
      EXPECT_EQ(begun(2000 + static_cast<std::uint64_t>(second), 1), 1) << second;
    }
    clock.now += seconds(1);
  }
}

TEST_F(TraceRecorderTest, takes_nothing_from_the_rate_of_all_for_who_has_had_its_share) {
  EXPECT_EQ(begun(1, 1000), TraceRecorder::kBegunByOne);
  int others = 0;
  for (std::uint64_t actor = 2; actor <= 4; ++actor) others += begun(actor, 5);
  EXPECT_EQ(others, static_cast<int>(TraceRecorder::kBegun.per_second) - TraceRecorder::kBegunByOne);
}

TEST_F(TraceRecorderTest, measures_from_the_beginning_to_the_end) {
  TurnRecord record{};
  record.actor = "test/a/1";
  recorder.begin(record);
  clock.now += milliseconds(7);
  recorder.end(record, "ok");
  ASSERT_EQ(records.all.size(), 1U);
  EXPECT_EQ(records.all[0].actor, "test/a/1");
  EXPECT_EQ(records.all[0].duration, core::MonotonicTime(milliseconds(7)));
  EXPECT_EQ(records.all[0].outcome, "ok");
}

}  // namespace
}  // namespace airssys::actor
