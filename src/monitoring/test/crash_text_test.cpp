#include <gtest/gtest.h>

#include "airssys/monitoring/crash_store.hpp"
#include "testing/reports.hpp"

namespace airssys::monitoring {
namespace {

using monitoring::testing::full_report;

TEST(CrashText, shows_everything_that_is_known) {
  actor::CrashReport report = full_report();
  report.id = "3";
  EXPECT_EQ(render(report),
            "demo/trapper/1 trapped: unreachable in boom at trapper.cpp:12\n"
            "  crash       3\n"
            "  time        2026-09-21T14:13:20.123Z\n"
            "  component   trapper 0123456789ab\n"
            "  turn        handle-message\n"
            "  reason      wasm `unreachable` instruction executed\n"
            "  trap        unreachable\n"
            "  note        it had asked for more memory than its limit\n"
            "  stack\n"
            "     0  abort\n"
            "     1  boom at guests/trapper/trapper.cpp:12\n"
            "  message     77 from demo/split/1, raw, 300 bytes\n"
            "  body        two\\nlines\\x00and \\xff ...\n"
            "  log\n"
            "    about to fail\n"
            "    \\x1b[31mred\n"
            "  memory      1.0 MiB of 4.0 MiB\n"
            "  CPU limit   1s a turn\n"
            "  supervisor  restart 1 of 5 within 60 s\n");
}

TEST(CrashText, leaves_out_what_is_not_known) {
  actor::CrashReport report;
  report.address = "demo/a/1";
  report.component = "native";
  report.turn = "initialize";
  report.reason = "internal: no luck";
  report.cpu_limit = std::chrono::milliseconds(50);
  report.decision = "stopped for good";
  EXPECT_EQ(render(report),
            "demo/a/1 failed: internal: no luck\n"
            "  time        1970-01-01T00:00:00.000Z\n"
            "  component   native\n"
            "  turn        initialize\n"
            "  reason      internal: no luck\n"
            "  memory      0.0 MiB of 0.0 MiB\n"
            "  CPU limit   50ms a turn\n"
            "  supervisor  stopped for good\n");
}

TEST(CrashText, says_which_limit_stopped_a_guest) {
  actor::CrashReport report = full_report();
  report.trap->kind = core::TrapKind::interrupt;
  report.reason = "used more than 50ms CPU in one turn";
  EXPECT_EQ(summary(report), "stopped: used more than 50ms CPU in one turn in boom at trapper.cpp:12");
}

TEST(CrashText, heads_want_of_memory_as_that_with_the_limit) {
  actor::CrashReport report = full_report();
  report.trap->kind = core::TrapKind::out_of_memory;
  EXPECT_EQ(summary(report), "trapped: out of memory (limit 4MiB) in boom at trapper.cpp:12");
  EXPECT_EQ(render(report).find("it had asked for more"), std::string::npos) << "the heading says it";
}

TEST(CrashText, escapes_what_a_terminal_would_obey) {
  EXPECT_EQ(escaped("a\x1b[2J\r\n\t\\\x7f\xc2\x9b"), "a\\x1b[2J\\x0d\\n\\t\\\\\\x7f\\xc2\\x9b");
  EXPECT_EQ(escaped("gr\xc3\xbc\xc3\x9f \xe2\x80\xae \xff"), "gr\xc3\xbc\xc3\x9f \\u202e \\xff");
}

TEST(CrashText, names_the_authors_line_not_the_kits_and_leaves_parameters_out) {
  actor::CrashReport report;
  report.trap.emplace().kind = core::TrapKind::unreachable;
  report.stack = {
      {.function = "allocate(unsigned long)", .file = "airssys-sdk/src/rt.cpp", .line = 17},
      {.function = "(anonymous namespace)::Eater<int>::eat(char const*)", .file = "guests/eater/eater.cpp", .line = 9}};
  EXPECT_EQ(summary(report), "trapped: unreachable in (anonymous namespace)::Eater<int>::eat at eater.cpp:9");
}

}  // namespace
}  // namespace airssys::monitoring
