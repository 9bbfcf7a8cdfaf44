#include "crash_writer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "airssys/actor/told.hpp"
#include "airssys/core/printable.hpp"
#include "testing/fakes.hpp"

namespace airssys::actor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A guest whose instance has trapped, in a component with debug information that takes `locating` to read.
class TrappedBehaviour final : public testing::IdleBehaviour {
 public:
  explicit TrappedBehaviour(testing::HandClock& clock) : clock_(clock) {}

  std::string describe() const override { return "trapper 0123456789ab"; }
  core::Bytes memory_bytes() const noexcept override { return 1000; }
  const core::Trap* trap() const noexcept override { return &the_trap; }
  core::Result<std::vector<core::SourceLocation>> locate(std::span<const core::Frame> frames) const override {
    ++located;
    clock_.now += locating;
    if (!has_debug_information) return std::unexpected(core::Error(core::ErrorCode::unavailable, "test", "no side file"));
    std::vector<core::SourceLocation> places;
    for (const core::Frame& frame : frames) places.push_back({.function = frame.name, .file = "a.cpp", .line = 7});
    return places;
  }

  core::Trap the_trap{.kind = core::TrapKind::unreachable,
                      .message = "unreachable",
                      .frames = std::vector<core::Frame>(1, {.name = "boom"}),
                      .growth_refused = false,
                      .memory_bytes = 2000};
  bool has_debug_information = true;
  core::MonotonicTime locating{};
  mutable int located = 0;

 private:
  testing::HandClock& clock_;
};

/// One worker's writer, and what it is to describe.
class CrashWriterTest : public ::testing::Test {
 protected:
  CrashReport write(const TurnResult& result, const Envelope* message = nullptr) {
    return writer.write({.address = address,
                         .limits = limits,
                         .behaviour = behaviour,
                         .log = log,
                         .turn = "handle-message",
                         .result = result,
                         .message = message,
                         .stopped_because = {},
                         .denied = denied});
  }
  CrashReport write_trap() { return write({.kind = TurnResult::Kind::trapped}); }
  static bool is_located(const CrashReport& report) { return report.stack.front().line != 0; }

  core::Address address = core::make_checked_address("test/trapper/1");
  const core::Limits limits{.memory = 4096, .turn_cpu = milliseconds(50)};
  std::vector<std::string> log;
  std::string denied;
  testing::HandClock clock;
  TrappedBehaviour behaviour{clock};
  CrashWriter writer{clock};
};

TEST_F(CrashWriterTest, tells_of_a_trap_who_where_and_with_how_much_memory) {
  log = {"info one", "info two"};
  const CrashReport report = write_trap();
  EXPECT_EQ(report.time_ms, 1000U);
  EXPECT_EQ(report.address, "test/trapper/1");
  EXPECT_EQ(report.component, "trapper 0123456789ab");
  EXPECT_EQ(report.turn, "handle-message");
  EXPECT_EQ(report.reason, "unreachable");
  EXPECT_EQ(report.stack, (std::vector<core::SourceLocation>{{.function = "boom", .file = "a.cpp", .line = 7}}));
  EXPECT_EQ(report.log, log);
  EXPECT_EQ(report.memory_bytes, 2000U) << "the instance may have less by now than when it trapped";
  EXPECT_EQ(report.memory_limit, 4096U);
  EXPECT_EQ(report.cpu_limit, milliseconds(50));
  EXPECT_EQ(report.message_id, 0U);
}

TEST_F(CrashWriterTest, tells_of_a_failure_in_its_own_words) {
  const CrashReport report =
      write({.kind = TurnResult::Kind::failed, .failure = {core::FailureKind::internal, "the books do not add up"}});
  EXPECT_EQ(report.reason, "internal: the books do not add up");
  EXPECT_FALSE(report.trap) << "an earlier instance's trap is none of this one";
  EXPECT_TRUE(report.stack.empty());
}

TEST_F(CrashWriterTest, shows_the_beginning_of_the_message_and_who_sent_it) {
  testing::RecordingScheduler scheduler;
  const ActorRef target = testing::make_actor("test/trapper/1", scheduler);
  EdgePtr edge = Edge::make(testing::make_actor("test/sender/1", scheduler), target);
  ASSERT_TRUE(edge->try_acquire(300));
  const EnvelopePtr message = make_envelope();
  message->id = core::MessageId{42};
  message->codec = core::Codec::json;
  message->body = core::Body::copy_of(std::string(300, 'x'));
  message->edge = edge.get();
  const CrashReport report = write({.kind = TurnResult::Kind::trapped}, message.get());
  EXPECT_EQ(report.message_id, 42U);
  EXPECT_EQ(report.sender, "test/sender/1");
  EXPECT_EQ(report.codec, "json");
  EXPECT_EQ(report.body_bytes, 300U);
  EXPECT_EQ(report.body_begin, std::string(256, 'x'));
}

TEST_F(CrashWriterTest, says_what_the_turn_was_denied) {
  denied = "send to test/ledger/1";
  EXPECT_EQ(write_trap().reason, "unreachable (test/trapper/1 may not send to test/ledger/1: no [[grant]] covers it)");
}

TEST_F(CrashWriterTest, gives_names_alone_where_there_is_no_debug_information) {
  behaviour.has_debug_information = false;
  const CrashReport report = write_trap();
  EXPECT_EQ(report.stack, (std::vector<core::SourceLocation>{{.function = "boom", .file = {}, .line = 0}}));
}

TEST_F(CrashWriterTest, locates_ten_crashes_a_second_and_no_more) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(is_located(write_trap())) << i;
  EXPECT_FALSE(is_located(write_trap()));
  EXPECT_EQ(behaviour.located, 10);
  clock.now += milliseconds(100);
  EXPECT_TRUE(is_located(write_trap()));
}

TEST_F(CrashWriterTest, that_has_spent_half_a_second_locates_in_a_twentieth_of_its_time) {
  behaviour.locating = milliseconds(600);
  EXPECT_TRUE(is_located(write_trap()));
  clock.now += milliseconds(1999);
  EXPECT_FALSE(is_located(write_trap())) << "a hundred milliseconds are beyond half a second, and take two seconds to pay";
  clock.now += milliseconds(2);
  EXPECT_TRUE(is_located(write_trap()));
  clock.now += seconds(11);
  EXPECT_FALSE(is_located(write_trap())) << "nearly 600 ms are owed on top of 500";
}

TEST_F(CrashWriterTest, locates_the_first_death_of_a_quiet_actor_beside_thousands_that_die_over_and_over) {
  for (int tenth = 0; tenth < 100; ++tenth) {
    for (int loop = 0; loop < 2000; ++loop) {
      address = core::make_checked_address("test/loop/" + std::to_string(loop));
      write_trap();
    }
    // They have used up what there was for first deaths when they began.
    if (tenth >= 10 && tenth % 10 == 0) {
      EXPECT_FALSE(is_located(write_trap()));
      address = core::make_checked_address("test/quiet/" + std::to_string(tenth));
      EXPECT_TRUE(is_located(write_trap())) << tenth;
    }
    clock.now += milliseconds(100);
  }
}

TEST_F(CrashWriterTest, that_is_kept_busy_by_a_loop_with_much_debug_information_still_locates_a_quiet_actor) {
  behaviour.locating = milliseconds(600);
  for (int i = 0; i < 10; ++i) write_trap();
  EXPECT_FALSE(is_located(write_trap()));
  address = core::make_checked_address("test/quiet/1");
  EXPECT_TRUE(is_located(write_trap()));
}

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
  report.component = report.reason = std::string(1'000'000, 'x');
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

TEST(CrashReport, is_bounded_by_what_comes_out_of_its_texts) {
  CrashReport report;
  report.component = report.reason = report.decision = std::string(100'000, '\x01');
  report.stack.assign(60, {.function = std::string(1'000, '\x1b'), .file = "a.cpp", .line = 1});
  report.log.assign(20, std::string(4'000, '\xff'));
  keep_within_bounds(report);
  core::Bytes shown = core::printable(report.component).size() + core::printable(report.reason).size();
  for (const core::SourceLocation& place : report.stack) shown += core::printable(place.function).size();
  for (const std::string& line : report.log) shown += core::printable(line).size();
  EXPECT_LE(shown, CrashReport::kMaxBytes);
  EXPECT_FALSE(report.log.empty());
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

TEST(Told, requester_learns_the_kind_of_an_end_and_none_of_its_figures) {
  core::Trap trap{.kind = core::TrapKind::integer, .message = "secret words", .frames = {}};
  EXPECT_EQ(told_of(&trap, {}), "the component trapped");
  EXPECT_EQ(told_of(nullptr, {}), "the component trapped");
  EXPECT_EQ(told_of(&trap, kTimeUsedUp), "the component was stopped: its wall time for one turn was used up");
  trap.kind = core::TrapKind::out_of_memory;
  EXPECT_EQ(told_of(&trap, {}), "the component ran out of memory");
  trap.kind = core::TrapKind::stack_overflow;
  EXPECT_EQ(told_of(&trap, {}), "the component recursed too deep");
}

TEST(CrashReport, says_that_memory_was_what_it_lacked_and_how_much_it_may_have) {
  const core::Trap trap{
      .kind = core::TrapKind::out_of_memory, .message = "unreachable", .frames = {}, .growth_refused = true, .memory_bytes = 0};
  EXPECT_EQ(reason_of(trap, {}, core::Bytes{2} << 20), "out of memory: it was refused more, its limit is 2MiB");
  EXPECT_EQ(reason_of(trap, "its CPU budget was used up", core::Bytes{2} << 20), "its CPU budget was used up");
}

}  // namespace
}  // namespace airssys::actor
