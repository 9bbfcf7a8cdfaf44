#include "airssys/monitoring/trace.hpp"

#include <gtest/gtest.h>

#include <string>

#include "testing/turns.hpp"

namespace airssys::monitoring {
namespace {

using monitoring::testing::a_turn;

/// "1 (2 (3) 4)": spans in order, with depths as brackets.
std::string shape(const Trace& trace) {
  std::string text;
  std::uint32_t depth = 0;
  for (const TracedTurn& turn : trace.turns) {
    for (; depth < turn.depth; ++depth) text += '(';
    for (; depth > turn.depth; --depth) text += ')';
    text += std::to_string(turn.span) + " ";
  }
  return text;
}

TEST(Trace, is_a_tree_of_causes_in_the_order_of_time) {
  // They come in the order in which they ended.
  EXPECT_EQ(shape(trace_of({a_turn(4, 2, 30), a_turn(3, 1, 20), a_turn(2, 1, 10), a_turn(5, 3, 40), a_turn(1, 77, 0)})),
            "1 (2 (4 )3 (5 ");
}

TEST(Trace, of_turns_within_one_tick_of_the_clock_keeps_the_order_in_which_they_ended) {
  EXPECT_EQ(shape(trace_of({a_turn(9, 0, 0), a_turn(3, 9, 0), a_turn(1, 9, 0), a_turn(2, 1, 0)})), "9 (3 1 (2 ");
}

TEST(Trace, of_nothing_is_empty) {
  EXPECT_EQ(trace_of({}), Trace{});
}

TEST(Trace, whose_beginning_is_forgotten_has_several_roots) {
  EXPECT_EQ(shape(trace_of({a_turn(2, 1, 10), a_turn(3, 1, 20), a_turn(4, 3, 30)})), "2 3 (4 ");
}

TEST(Trace, with_attempts_of_one_message_has_a_turn_for_each) {
  EXPECT_EQ(shape(trace_of({a_turn(1, 0, 0), a_turn(2, 1, 10), a_turn(3, 1, 20), a_turn(4, 3, 30)})), "1 (2 3 (4 ");
}

TEST(Trace, with_impossible_spans_loses_nothing_and_repeats_nothing) {
  EXPECT_EQ(shape(trace_of({a_turn(1, 2, 0), a_turn(2, 1, 10), a_turn(3, 3, 20)})), "3 1 (2 ");
  EXPECT_EQ(trace_of({a_turn(1, 0, 0), a_turn(1, 0, 10), a_turn(2, 1, 20)}).turns.size(), 3U);
  std::vector<actor::TurnRecord> deep;
  for (std::uint64_t span = 1; span <= 5'000; ++span) deep.push_back(a_turn(span, span - 1, static_cast<std::int64_t>(span)));
  const Trace trace = trace_of(std::move(deep));
  ASSERT_EQ(trace.turns.size(), 5'000U);
  EXPECT_EQ(trace.turns.back().depth, 4'999U);
  EXPECT_LT(render(trace).size(), 5'000U * 200) << "no line grows without end";
}

TEST(Trace, is_shown_indented_with_times_since_its_beginning) {
  actor::TurnRecord timer = a_turn(3, 2, 2'500'000, "demo/c/1");
  timer.turn = "handle-timer";
  timer.message = {};
  timer.sender.clear();
  actor::TurnRecord failing = a_turn(2, 1, 1'500, "demo/b/1");
  failing.outcome = "rejected";
  EXPECT_EQ(render(trace_of({a_turn(1, 0, 0), failing, timer})),
            "trace 00000000000000010000000000000002: 3 turns, 2.50 s\n"
            "        AT        TOOK      WAITED  OUTCOME     TURN\n"
            "      0 us       10 us     3.00 ms  ok          demo/a/1 handle-message, message 101 from demo/z/1\n"
            "   1.50 ms       10 us     1.49 ms  rejected      demo/b/1 handle-message, message 102 from demo/z/1\n"
            "    2.50 s       10 us      2.50 s  ok              demo/c/1 handle-timer\n");
}

TEST(Trace, as_json_has_keys_that_stay_and_is_read_back) {
  const Trace trace = trace_of({a_turn(1, 0, 0), a_turn(2, 1, 1'500, "demo/b/1")});
  const std::string json = to_json(trace);
  EXPECT_EQ(json,
            R"({"version":1,"trace":"00000000000000010000000000000002","turns":[)"
            R"({"span":"0000000000000001","parent":"","depth":0,"actor":"demo/a/1","turn":"handle-message","message":101,)"
            R"("sender":"demo/z/1","start_ms":1000,"after_ns":0,"took_ns":10000,"waited_ns":3000000,"outcome":"ok"},)"
            R"({"span":"0000000000000002","parent":"0000000000000001","depth":1,"actor":"demo/b/1","turn":"handle-message",)"
            R"("message":102,"sender":"demo/z/1","start_ms":1000,"after_ns":1500000,"took_ns":10000,"waited_ns":1490000,)"
            R"("outcome":"ok"}]})");
  EXPECT_EQ(trace_from_json(json), trace);
  for (const char* odd : {"", "[]", "{}", R"({"trace":"x","turns":7})", R"({"trace":"x","turns":[{}]})"}) {
    const auto read = trace_from_json(odd);
    ASSERT_FALSE(read) << odd;
    EXPECT_EQ(read.error().code(), core::ErrorCode::invalid);
  }
}

}  // namespace
}  // namespace airssys::monitoring
