#include "airssys/monitoring/trace_ring.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "testing/turns.hpp"

namespace airssys::monitoring {
namespace {

using core::ErrorCode;
using monitoring::testing::a_turn;

constexpr std::string_view kId = "00000000000000010000000000000002";

actor::TurnRecord of_trace(std::uint64_t low, std::uint64_t span, std::string actor = "demo/a/1") {
  actor::TurnRecord turn = a_turn(span, span - 1, static_cast<std::int64_t>(span), std::move(actor));
  turn.trace.trace_low = low;
  return turn;
}

TEST(TraceRing, finds_a_trace_by_its_id_by_a_traceparent_and_by_any_of_its_messages) {
  TraceRing ring;
  ring.turn(a_turn(1, 0, 0));
  ring.turn(of_trace(3, 9));
  ring.turn(a_turn(2, 1, 10));
  const auto found = ring.find(kId);
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->id, kId);
  EXPECT_EQ(found->turns.size(), 2U);
  EXPECT_EQ(ring.find("00-" + std::string(kId) + "-0000000000000001-01"), *found);
  EXPECT_EQ(ring.find("101"), *found);
  EXPECT_EQ(ring.find("102"), *found);
  EXPECT_EQ(ring.find("109")->turns.size(), 1U);
}

TEST(TraceRing, lists_the_latest_traces_with_their_first_turn_and_what_went_wrong) {
  TraceRing ring;
  ring.turn(of_trace(2, 1, "demo/a/1"));
  actor::TurnRecord failed = of_trace(2, 2, "demo/b/1");
  failed.outcome = "trapped";
  ring.turn(failed);
  ring.turn(of_trace(2, 3, "demo/c/1"));
  ring.turn(of_trace(3, 9, "demo/d/1"));
  const auto latest = ring.latest(10);
  ASSERT_EQ(latest.size(), 2U);
  EXPECT_EQ(latest[0].id, "00000000000000010000000000000003");
  EXPECT_EQ(latest[0].outcome, "ok");
  EXPECT_EQ(latest[1], (TraceSummary{.id = std::string(kId),
                                     .turns = 3,
                                     .start_ms = 1'000,
                                     .actor = "demo/a/1",
                                     .turn = "handle-message",
                                     .message = 101,
                                     .sender = "demo/z/1",
                                     .outcome = "trapped"}));
  EXPECT_EQ(ring.latest(1).size(), 1U);
  EXPECT_EQ(ring.latest(1)[0], latest[0]);
  EXPECT_EQ(traces_from_json(to_json(latest)), latest);
  EXPECT_FALSE(traces_from_json("{}"));
}

TEST(TraceRing, lists_a_bounded_number_of_traces) {
  TraceRing ring;
  for (std::uint64_t i = 1; i <= 5000; ++i) ring.turn(of_trace(i, i));
  EXPECT_EQ(ring.latest(1'000'000).size(), TraceRing::kMostListed);
  EXPECT_EQ(ring.latest(2)[0].message, 5100U);
}

TEST(TraceRing, says_what_it_can_not_find_and_what_is_no_id) {
  TraceRing ring;
  ring.turn(a_turn(1, 0, 0));
  const auto missing = ring.find("7");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::not_found);
  EXPECT_EQ(missing.error().message(),
            "no turn of message 7 is kept: nothing of it has ended yet, it is not recorded, or newer ones pushed it out");
  EXPECT_EQ(ring.find("00000000000000010000000000000003").error().code(), ErrorCode::not_found);
  for (const char* odd : {"", "0", "-1", "1x", "0000000000000001000000000000000g", "99999999999999999999", "latest"}) {
    const auto found = ring.find(odd);
    ASSERT_FALSE(found) << odd;
    EXPECT_EQ(found.error().code(), ErrorCode::invalid) << odd;
  }
}

TEST(TraceRing, keeps_the_last_turns_and_no_more) {
  TraceRing ring({.turns_max = 8 * TraceRing::kParts, .bytes_max = 1 << 20});
  for (std::uint64_t span = 1; span <= 100; ++span) ring.turn(of_trace(2, span));
  const auto found = ring.find(kId);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->turns.size(), 8U);
  EXPECT_EQ(found->turns.front().span, 93U);
  EXPECT_EQ(found->turns.back().span, 100U);
  EXPECT_EQ(ring.size(), 8U);
}

TEST(TraceRing, is_bounded_in_bytes_too) {
  constexpr core::Bytes kBytes = core::Bytes{256} << 10;
  TraceRing ring({.turns_max = 1 << 20, .bytes_max = kBytes});
  for (std::uint64_t span = 1; span <= 20'000; ++span) ring.turn(of_trace(span, span, std::string(200, 'a')));
  EXPECT_LE(ring.size() * (sizeof(actor::TurnRecord) + 200), kBytes);
  EXPECT_GE(ring.size(), 8 * 20U) << "nor does it waste them";
  EXPECT_EQ(ring.find("20100")->turns.size(), 1U) << "the newest is there";
  for (std::uint64_t span = 1; span <= 20'000; ++span) ring.turn(of_trace(span, span));
  EXPECT_GE(ring.size(), 8 * 80U) << "short ones again take less";
}

TEST(TraceRing, one_trace_that_floods_it_leaves_most_others) {
  TraceRing ring({.turns_max = 8 * TraceRing::kParts, .bytes_max = 1 << 20});
  for (std::uint64_t trace = 0; trace < 8; ++trace) ring.turn(of_trace(trace, trace + 1));
  for (std::uint64_t span = 100; span < 200; ++span) ring.turn(of_trace(2, span));
  EXPECT_EQ(ring.size(), 7U + 8U);
  EXPECT_TRUE(ring.find("101"));
  EXPECT_FALSE(ring.find("103")) << "the flooding one's own beginning";
}

TEST(TraceRing, one_actor_that_floods_many_traces_leaves_those_of_others) {
  TraceRing ring({.turns_max = 8 * TraceRing::kParts, .bytes_max = 1 << 20});
  for (std::uint64_t trace = 0; trace < 40; ++trace)
    ring.turn(of_trace(trace, trace + 1, "demo/quiet/" + std::to_string(trace)));
  for (std::uint64_t span = 1'000; span < 9'000; ++span) ring.turn(of_trace(span, span, "demo/flood/1"));
  for (std::uint64_t trace = 0; trace < 40; ++trace) EXPECT_TRUE(ring.find(std::to_string(101 + trace))) << trace;
  EXPECT_TRUE(ring.find("9099")) << "its newest is there, too";
}

TEST(TraceRing, one_actor_that_floods_it_where_bytes_are_the_bound_leaves_those_of_others) {
  TraceRing ring({.turns_max = 1 << 20, .bytes_max = core::Bytes{128} << 10});
  for (std::uint64_t trace = 0; trace < 40; ++trace) {
    ring.turn(of_trace(trace, trace + 1, "demo/quiet/" + std::to_string(trace)));
  }
  const std::string flood = "demo/flood/" + std::string(400, 'x');
  for (std::uint64_t span = 1'000; span < 9'000; ++span) ring.turn(of_trace(span, span, flood));
  for (std::uint64_t trace = 0; trace < 40; ++trace) EXPECT_TRUE(ring.find(std::to_string(101 + trace))) << trace;
  EXPECT_TRUE(ring.find("9099")) << "its newest is there, too";
}

TEST(TraceRing, an_actor_that_has_its_share_makes_room_with_its_own_oldest_and_the_order_stays) {
  // Eight turns, of which two are a share.
  TraceRing ring({.turns_max = 8 * TraceRing::kParts, .bytes_max = 1 << 20});
  for (std::uint64_t span = 1; span <= 8; ++span) {
    const bool of_flood = span == 3 || span == 6;
    ring.turn(of_trace(2, span, of_flood ? "demo/flood/1" : "demo/quiet/" + std::to_string(span)));
  }
  ring.turn(of_trace(2, 20, "demo/flood/1"));
  ring.turn(of_trace(2, 21, "demo/new/1"));
  ring.turn(of_trace(2, 22, "demo/flood/1"));
  std::vector<std::uint64_t> spans;
  const auto found = ring.find(kId);
  ASSERT_TRUE(found);
  for (const TracedTurn& turn : found->turns) spans.push_back(turn.span);
  std::ranges::sort(spans);
  // 3 and 6 were the flooding one's own, 1 was the oldest when another came.
  EXPECT_EQ(spans, (std::vector<std::uint64_t>{2, 4, 5, 7, 8, 20, 21, 22}));
  EXPECT_EQ(ring.latest(1)[0].message, 102U) << "the oldest that is left";
}

TEST(TraceRing, takes_turns_of_many_threads_while_it_is_read) {
  TraceRing ring({.turns_max = 64 * TraceRing::kParts, .bytes_max = 1 << 20});
  std::vector<std::thread> workers;
  for (std::uint64_t worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&ring, worker] {
      for (std::uint64_t span = 1; span <= 5'000; ++span) ring.turn(of_trace(span % 16, worker * 10'000 + span));
    });
  }
  for (int look = 0; look < 50; ++look) {
    const auto found = ring.find(kId);
    if (found) {
      EXPECT_LE(found->turns.size(), 64U);
    }
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(ring.size(), 64 * TraceRing::kParts);
}

}  // namespace
}  // namespace airssys::monitoring
