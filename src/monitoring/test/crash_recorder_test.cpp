#include "airssys/monitoring/crash_recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/native_actor.hpp"
#include "airssys/actor/scheduler.hpp"
#include "airssys/monitoring/life_notices.hpp"
#include "testing/folder.hpp"
#include "testing/reports.hpp"

namespace airssys::monitoring {
namespace {

using monitoring::testing::Folder;
using monitoring::testing::full_report;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class NoScheduler final : public actor::Scheduler {
 public:
  void schedule(actor::ActorRef) noexcept override {}
};

/// Writes down what it is told.
class Listener final : public actor::ActorEvents {
 public:
  void crashed(const actor::ActorCell& actor, const actor::CrashReport& report) noexcept override {
    told.push_back("crashed " + actor.address().text() + " as " + report.id);
  }
  void restarted(const actor::ActorCell&) noexcept override { told.push_back("restarted"); }
  void stopped(const actor::ActorCell&, std::string_view why) noexcept override {
    told.push_back("stopped " + std::string(why));
  }
  std::vector<std::string> told;
};

class KeptLog final : public core::LogPort {
 public:
  void write(std::string_view, core::LogLevel, std::string_view text, std::span<const core::LogField>) noexcept override {
    lines.emplace_back(text);
  }
  bool enabled(core::LogLevel) const noexcept override { return true; }
  std::vector<std::string> lines;
};

class CrashRecorderTest : public ::testing::Test {
 protected:
  Folder folder;
  NoScheduler scheduler;
  Listener listener;
  actor::ActorRef trapper =
      core::make_counted<actor::ActorCell>(core::ActorSpec{.address = core::make_checked_address("demo/trapper/1")},
                                           std::make_unique<actor::NativeBehaviour>([] { return nullptr; }), scheduler);
};

TEST_F(CrashRecorderTest, saves_a_crash_and_passes_on_its_id) {
  CrashRecorder recorder(folder.path(), &listener);
  recorder.crashed(*trapper, full_report());
  recorder.restarted(*trapper);
  recorder.stopped(*trapper, "enough");
  EXPECT_THAT(listener.told, ElementsAre("crashed demo/trapper/1 as 1", "restarted", "stopped enough"));
  EXPECT_THAT(CrashStore(folder.path()).list(), ElementsAre("1"));
}

TEST_F(CrashRecorderTest, saves_at_most_ten_a_second_of_those_that_die_often_and_counts_the_rest) {
  CrashRecorder recorder(folder.path(), &listener);
  actor::CrashReport report = full_report();
  for (int i = 0; i < 100; ++i) {
    report.address = "demo/trapper/" + std::to_string(i % 5);
    recorder.crashed(*trapper, report);
  }
  EXPECT_EQ(recorder.saved(), 5 * CrashRecorder::kRareDeaths + CrashRecorder::kSavedPerSecond);
  EXPECT_EQ(recorder.saved() + recorder.unsaved(), 100U);
  EXPECT_THAT(listener.told, SizeIs(100));
  EXPECT_EQ(listener.told.back(), "crashed demo/trapper/1 as ");
  report.time_ms += 1000;
  const std::uint64_t before = recorder.saved();
  for (int i = 0; i < 100; ++i) {
    report.address = "demo/trapper/" + std::to_string(i % 5);
    recorder.crashed(*trapper, report);
  }
  EXPECT_EQ(recorder.saved() - before, CrashRecorder::kSavedPerSecond);
}

/// Each of `loops` actors dies, ten times in each of `seconds`.
void die_over_and_over(CrashRecorder& recorder, const actor::ActorCell& cell, actor::CrashReport& report, int loops,
                       int seconds) {
  for (int tenth = 0; tenth < 10 * seconds; ++tenth) {
    report.time_ms += 100;
    for (int i = 0; i < loops; ++i) {
      report.address = "demo/loop/" + std::to_string(i);
      recorder.crashed(cell, report);
    }
  }
}

TEST_F(CrashRecorderTest, saves_and_keeps_the_report_of_a_quiet_actor_beside_thousands_that_die_over_and_over) {
  CrashRecorder recorder(folder.path());
  actor::CrashReport report = full_report();
  report.time_ms = 1'790'000'000'000;
  die_over_and_over(recorder, *trapper, report, 3000, 2);
  for (int quiet = 0; quiet < 5; ++quiet) {
    report.address = "demo/quiet/" + std::to_string(quiet);
    recorder.crashed(*trapper, report);
    EXPECT_NE(recorder.last_report_of(report.address), "");
    die_over_and_over(recorder, *trapper, report, 3000, 2);
  }
  const CrashStore store(folder.path());
  for (int quiet = 0; quiet < 5; ++quiet) {
    const std::string id = recorder.last_report_of("demo/quiet/" + std::to_string(quiet));
    EXPECT_TRUE(store.load(id)) << "of " << quiet;
  }
  EXPECT_THAT(store.list(), SizeIs(CrashStore::kMostReports));
}

TEST_F(CrashRecorderTest, saves_what_an_actor_that_dies_now_and_then_leaves_beside_two_loops) {
  CrashRecorder recorder(folder.path());
  actor::CrashReport report = full_report();
  report.time_ms = 1'790'000'000'000;
  for (std::uint32_t death = 1; death <= CrashRecorder::kRareDeaths; ++death) {
    die_over_and_over(recorder, *trapper, report, 2, 5);
    report.address = "demo/rare/1";
    const std::uint64_t before = recorder.saved();
    recorder.crashed(*trapper, report);
    EXPECT_EQ(recorder.saved(), before + 1) << death;
  }
}

TEST_F(CrashRecorderTest, knows_the_report_of_a_message_and_the_last_one_of_an_address) {
  CrashRecorder recorder(folder.path(), &listener);
  actor::CrashReport report = full_report();
  for (std::uint64_t message = 1; message <= 3; ++message) {
    report.message_id = message;
    report.address = message == 3 ? "demo/other/1" : "demo/trapper/1";
    recorder.crashed(*trapper, report);
  }
  EXPECT_EQ(recorder.report_of(core::MessageId{2}), "2");
  EXPECT_EQ(recorder.report_of(core::MessageId{9}), "");
  EXPECT_EQ(recorder.report_of({}), "");
  EXPECT_EQ(recorder.last_report_of("demo/trapper/1"), "2");
  EXPECT_EQ(recorder.last_report_of("demo/nobody/1"), "");
}

TEST_F(CrashRecorderTest, one_actor_in_a_loop_leaves_places_of_the_second_for_others) {
  CrashRecorder recorder(folder.path());
  actor::CrashReport report = full_report();
  const auto die = [&](const char* address) {
    report.address = address;
    for (int i = 0; i < 100; ++i) recorder.crashed(*trapper, report);
  };
  die("demo/loop/1");
  EXPECT_EQ(recorder.saved(), CrashRecorder::kRareDeaths + CrashRecorder::kSavedPerSecondOfOne);
  die("demo/loop/2");
  EXPECT_EQ(recorder.saved(), 2 * CrashRecorder::kRareDeaths + CrashRecorder::kSavedPerSecond);
}

TEST_F(CrashRecorderTest, says_in_the_next_report_and_in_the_log_how_many_are_missing) {
  KeptLog log;
  {
    CrashRecorder recorder(folder.path(), nullptr, &log);
    actor::CrashReport report = full_report();
    for (int i = 0; i < 100; ++i) recorder.crashed(*trapper, report);
    EXPECT_THAT(log.lines, ElementsAre(HasSubstr("1 crash report was not saved")));
    report.time_ms += 1000;
    recorder.crashed(*trapper, report);
    const auto kept = CrashStore(folder.path()).load(recorder.last_report_of(report.address));
    ASSERT_TRUE(kept) << kept.error();
    EXPECT_EQ(kept->unsaved_before, 89U);
    EXPECT_THAT(render(*kept), HasSubstr("  missing     89 reports of it before this one"));
  }
  EXPECT_THAT(log.lines, ElementsAre(HasSubstr("1 crash report was"), HasSubstr("88 crash reports were not saved")));
}

TEST_F(CrashRecorderTest, goes_on_when_the_disk_says_no) {
  CrashRecorder recorder("/dev/null/crashes", &listener);
  recorder.crashed(*trapper, full_report());
  EXPECT_EQ(recorder.unsaved(), 1U);
  EXPECT_THAT(listener.told, ElementsAre("crashed demo/trapper/1 as "));
}

TEST_F(CrashRecorderTest, says_once_why_reports_cannot_be_saved) {
  KeptLog log;
  CrashRecorder recorder("/dev/null/crashes", &listener, &log);
  recorder.crashed(*trapper, full_report());
  recorder.crashed(*trapper, full_report());
  EXPECT_THAT(log.lines, ElementsAre(HasSubstr("can't be saved")));
}

TEST_F(CrashRecorderTest, needs_neither_a_folder_nor_a_listener) {
  CrashRecorder recorder({});
  recorder.crashed(*trapper, full_report());
  recorder.restarted(*trapper);
  recorder.stopped(*trapper, "enough");
  EXPECT_EQ(recorder.saved(), 0U);
}

TEST_F(CrashRecorderTest, gives_people_one_line_per_crash) {
  std::vector<std::string> lines;
  LifeNotices notices([&](std::string_view line, std::string_view) { lines.emplace_back(line); });
  CrashRecorder recorder(folder.path(), &notices);
  recorder.crashed(*trapper, full_report());
  recorder.restarted(*trapper);
  EXPECT_THAT(lines, ElementsAre("demo/trapper/1 trapped: unreachable in boom at trapper.cpp:12; restart 1 of 5 within 60 s "
                                 "(airssys crash show 1)"));
}

}  // namespace
}  // namespace airssys::monitoring
