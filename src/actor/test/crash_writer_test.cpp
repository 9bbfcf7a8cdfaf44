#include "crash_writer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace airssys::actor {
namespace {

core::Bytes texts_of(const CrashReport& report) {
  core::Bytes bytes = report.address.size() + report.component.size() + report.turn.size() + report.reason.size() +
                      report.sender.size() + report.codec.size() + report.body_begin.size() + report.decision.size();
  if (report.trap) bytes += report.trap->message.size();
  for (const core::SourceLocation& place : report.stack) bytes += place.function.size() + place.file.size();
  for (const std::string& line : report.log) bytes += line.size();
  return bytes;
}

TEST(CrashReport, is_bounded_however_long_its_texts_are) {
  CrashReport report;
  report.component = report.reason = report.decision = std::string(1'000'000, 'x');
  report.trap = core::Trap{.kind = core::TrapKind::unreachable,
                           .message = std::string(1'000'000, 'y'),
                           .frames = std::vector<core::Frame>(20, {.name = std::string(99'000, 'f')}),
                           .growth_refused = false,
                           .memory_bytes = 0};
  report.stack.assign(20, {.function = std::string(99'000, 'f'), .file = "a.cpp", .line = 1});
  report.log.assign(20, std::string(99'000, 'l'));
  keep_within_bounds(report);
  EXPECT_LE(texts_of(report), CrashReport::kMaxBytes);
  EXPECT_TRUE(report.trap->frames.empty());
  EXPECT_EQ(report.stack.back().function, "... and 20 more");
}

TEST(CrashReport, keeps_the_innermost_places_and_the_last_lines) {
  CrashReport report;
  for (std::uint32_t i = 0; i < 200; ++i) report.stack.push_back({.function = "f", .file = "a.cpp", .line = i + 1});
  for (int i = 0; i < 20; ++i) report.log.push_back(std::to_string(i) + std::string(1'500, ' '));
  keep_within_bounds(report);
  ASSERT_EQ(report.stack.size(), CrashReport::kMaxPlaces);
  EXPECT_EQ(report.stack.front().line, 1U);
  EXPECT_EQ(report.stack.back().function, "... and 137 more");
  ASSERT_EQ(report.log.size(), 10U);
  EXPECT_EQ(report.log.front().substr(0, 2), "10");
  EXPECT_EQ(report.log.back().substr(0, 2), "19");
}

TEST(CrashReport, of_usual_size_stays_as_it_is) {
  CrashReport report;
  report.reason = "why";
  report.stack = {{.function = "f", .file = "a.cpp", .line = 1}};
  report.log = {"info one", "info two"};
  keep_within_bounds(report);
  EXPECT_EQ(report.reason, "why");
  EXPECT_EQ(report.stack.size(), 1U);
  EXPECT_EQ(report.log, (std::vector<std::string>{"info one", "info two"}));
}

TEST(CrashReport, says_that_memory_was_what_it_lacked_and_how_much_it_may_have) {
  const core::Trap trap{
      .kind = core::TrapKind::out_of_memory, .message = "unreachable", .frames = {}, .growth_refused = true, .memory_bytes = 0};
  EXPECT_EQ(reason_of(trap, {}, core::Bytes{2} << 20), "out of memory: it was refused more, its limit is 2MiB");
  EXPECT_EQ(reason_of(trap, "its CPU budget was used up", core::Bytes{2} << 20), "its CPU budget was used up");
}

}  // namespace
}  // namespace airssys::actor
