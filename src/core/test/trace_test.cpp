#include "airssys/core/trace.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace airssys::core {
namespace {

TEST(Trace, is_written_as_w3c_has_it) {
  const TraceContext trace{
      .trace_high = 0x4bf92f3577b34da6, .trace_low = 0xa3ce929d0e0e4736, .span = 0xf067aa0ba902b7, .recorded = 1};
  const auto text = trace.traceparent();
  EXPECT_EQ(std::string_view(text.data(), text.size()), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_EQ(trace.next().traceparent().back(), '0') << "nothing left to record";
}

TEST(Trace, loses_a_turn_with_each_step_and_never_counts_below_none) {
  TraceContext trace{.trace_high = 1, .trace_low = 2, .span = 3, .recorded = 2};
  EXPECT_EQ(trace.last().recorded, 1U);
  EXPECT_EQ(trace.next().recorded, 1U);
  EXPECT_EQ(trace.next().next().recorded, 0U);
  EXPECT_EQ(trace.next().next().next().recorded, 0U);
  EXPECT_EQ(trace.next().next().last().recorded, 0U);
}

TEST(RecordShares, are_as_many_as_there_were_and_as_even_as_can_be) {
  RecordShares shares(254, 100);
  int dealt = 0;
  for (int i = 0; i < 100; ++i) {
    const auto share = static_cast<int>(shares.deal());
    EXPECT_EQ(share, i < 54 ? 3 : 2);
    dealt += share;
  }
  EXPECT_EQ(dealt, 254);
}

TEST(RecordShares, reach_some_where_there_are_too_few) {
  RecordShares shares(2, 1000);
  EXPECT_EQ(shares.deal(), 1U);
  EXPECT_EQ(shares.deal(), 1U);
  EXPECT_EQ(shares.deal(), 0U);
}

}  // namespace
}  // namespace airssys::core
