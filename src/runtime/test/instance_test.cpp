#include "airssys/runtime/instance.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>

#include "testing/runtime_fixture.hpp"
#include "testing/sanitizers.hpp"

namespace airssys::runtime {
namespace {

using testing::Guest;
using testing::kEcho;
using testing::RuntimeTest;

class Instances : public RuntimeTest {};

std::uint64_t number_at(std::string_view bytes, std::size_t index) {
  std::uint64_t number = 0;
  if (bytes.size() >= (index + 1) * 8) std::memcpy(&number, bytes.data() + index * 8, 8);
  return number;
}

TEST_F(Instances, echo_a_body_with_its_codec) {
  const auto guest = spawn(Guest{.handle_message = kEcho});
  const core::TurnResult outcome = guest->handle_message(
      turn, {.codec = core::Codec::json, .sender = "demo/a/1", .topic = std::nullopt, .body = core::Body::copy_of("{}")},
      kTicks);
  EXPECT_EQ(outcome.kind, core::TurnResult::Kind::returned);
  EXPECT_EQ(outcome.response.kind, core::ResponseKind::reply);
  EXPECT_EQ(outcome.response.payload, core::json("{}"));
}

TEST_F(Instances, echo_an_empty_body_and_a_large_one) {
  const auto guest = spawn(Guest{.handle_message = kEcho, .pages = "40"});
  EXPECT_EQ(reply_to(*guest, ""), "");
  const std::string large(1 << 20, 'x');
  EXPECT_EQ(reply_to(*guest, large), large);
}

TEST_F(Instances, keep_their_memory_from_call_to_call) {
  const auto guest = spawn(Guest{.handle_message = R"(
    (i32.store8 (i32.const 512) (i32.add (i32.load8_u (i32.const 512)) (i32.const 1)))
    (call $reply (i32.const 0x55) (i32.const 512) (i32.const 1)))"});
  EXPECT_EQ(reply_to(*guest, ""), "\1");
  EXPECT_EQ(reply_to(*guest, ""), "\2");
}

TEST_F(Instances, of_one_component_share_nothing) {
  const auto component = load({.handle_message = R"(
    (i32.store8 (i32.const 512) (i32.add (i32.load8_u (i32.const 512)) (i32.const 1)))
    (call $reply (i32.const 0x55) (i32.const 512) (i32.const 1)))"});
  const auto one = spawn(component);
  const auto other = spawn(component);
  EXPECT_EQ(reply_to(*one, ""), "\1");
  EXPECT_EQ(reply_to(*other, ""), "\1");
}

TEST_F(Instances, see_sender_topic_kind_and_id) {
  const Guest sender{.handle_message = "(call $reply (i32.const 0) (local.get $sender) (local.get $sender_size))"};
  const Guest topic{.handle_message = "(call $reply (local.get $has_topic) (local.get $topic) (local.get $topic_size))"};
  const Guest numbers{.handle_message = R"(
    (i64.store (i32.const 512) (local.get $id))
    (i64.store (i32.const 520) (i64.extend_i32_u (local.get $kind)))
    (call $reply (i32.const 0) (i32.const 512) (i32.const 16)))"};
  const core::MessageView event{.id = core::MessageId{0x1234'5678'9abc'def0},
                                .kind = core::MessageKind::event,
                                .sender = "demo/a/1",
                                .topic = "words.new",
                                .body = {}};
  const auto reply = [&](const Guest& guest) { return spawn(guest)->handle_message(turn, event, kTicks).response.payload; };
  EXPECT_EQ(reply(sender).text(), "demo/a/1");
  EXPECT_EQ(reply(topic), (core::Payload{core::Codec{1}, core::Body::copy_of("words.new")}));
  const core::Payload both = reply(numbers);
  EXPECT_EQ(number_at(both.text(), 0), 0x1234'5678'9abc'def0U);
  EXPECT_EQ(number_at(both.text(), 1), 2U);
}

TEST_F(Instances, are_told_why_they_start) {
  const Guest guest{.initialize = R"(
    (i64.store (i32.const 512) (i64.extend_i32_u (local.get $reason)))
    (i64.store (i32.const 520) (i64.extend_i32_u (local.get $a)))
    (if (i32.eq (local.get $reason) (i32.const 3))
      (then (memory.copy (i32.const 520) (local.get $a) (local.get $b))))
    (i32.const 64))",
                    .handle_message = "(call $reply (i32.const 0) (i32.const 512) (i32.const 16))"};
  const auto told = [&](const core::Start& start) {
    const auto instance = spawn(guest);
    EXPECT_EQ(text_of(*instance, instance->initialize(turn, start, kTicks)), "[done]");
    return reply_to(*instance, "");
  };
  EXPECT_EQ(number_at(told({.reason = core::StartReason::first, .version = ""}), 0), 0U);
  const std::string restarted = told({.reason = core::StartReason::restarted, .restarts = 7, .version = ""});
  EXPECT_EQ(number_at(restarted, 0), 1U);
  EXPECT_EQ(number_at(restarted, 1), 7U);
  EXPECT_EQ(number_at(told({.reason = core::StartReason::resumed, .version = ""}), 0), 2U);
  const std::string upgraded = told({.reason = core::StartReason::upgraded, .version = "1.2.0"});
  EXPECT_EQ(number_at(upgraded, 0), 3U);
  EXPECT_STREQ(upgraded.c_str() + 8, "1.2.0");
}

TEST_F(Instances, answer_done_later_and_each_failure) {
  EXPECT_EQ(reply_to(*spawn(Guest{}), ""), "[done]");
  const auto later = spawn(Guest{.handle_message = R"(
    (i32.store8 (i32.const 1028) (i32.const 2)) (i32.const 1024))"});
  EXPECT_EQ(reply_to(*later, ""), "[later]");
  const auto failing = [&](const std::string& kind) {
    const std::string body = "(call $fail (i32.const " + kind + ") (i32.const 2048) (i32.const 4))";
    return reply_to(*spawn(Guest{.texts = "text", .handle_message = body}), "");
  };
  EXPECT_EQ(failing("0"), "[rejected text]");
  EXPECT_EQ(failing("1"), "[invalid text]");
  EXPECT_EQ(failing("2"), "[internal text]");
  EXPECT_EQ(failing("3"), "[busy ]");
}

TEST_F(Instances, live_on_after_a_failure) {
  const auto guest = spawn(Guest{.texts = "no", .handle_message = R"(
    (if (result i32) (i32.eqz (local.get $size))
      (then (call $fail (i32.const 0) (i32.const 2048) (i32.const 2)))
      (else (call $reply (i32.const 0) (local.get $body) (local.get $size)))))"});
  EXPECT_EQ(reply_to(*guest, ""), "[rejected no]");
  EXPECT_EQ(guest->trap(), nullptr);
  EXPECT_EQ(reply_to(*guest, "hi"), "hi");
}

TEST_F(Instances, have_long_failure_texts_cut) {
  const auto guest = spawn(Guest{.handle_message = "(call $fail (i32.const 1) (i32.const 4096) (i32.const 10000))"});
  const core::TurnResult outcome = send(*guest, "");
  EXPECT_EQ(outcome.kind, core::TurnResult::Kind::failed);
  EXPECT_LE(outcome.failure.text.size(), core::Failure::kMaxTextBytes);
}

// ---- the other exports

constexpr std::string_view kReplyHandler = R"(
  (func (export "airssys:core/reply-handler@0.1.0#handle-reply")
    (param $id i64) (param $tag i64) (param $failed i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32) (result i32)
    (i64.store (i32.const 512) (local.get $id))
    (i64.store (i32.const 520) (local.get $tag))
    (i64.store (i32.const 528) (i64.extend_i32_u (local.get $failed)))
    (i64.store (i32.const 536) (i64.extend_i32_u (local.get $a)))
    (i64.store (i32.const 544) (i64.extend_i32_u (local.get $b)))
    (if (i32.eqz (local.get $failed))
      (then (memory.copy (i32.const 560) (local.get $b) (local.get $c)))
      (else (memory.copy (i32.const 560) (local.get $c) (local.get $d))))
    (i32.const 64)))";

class Outcomes : public RuntimeTest {
 protected:
  /// What the guest was told: 5 numbers and a text.
  std::string told(const core::Outcome& outcome) {
    const auto guest =
        spawn(Guest{.handle_message = "(call $reply (i32.const 0) (i32.const 512) (i32.const 64))", .more = kReplyHandler});
    EXPECT_TRUE(guest->component().has(Export::reply_handler));
    const core::OutcomeView view{.id = core::MessageId{11}, .tag = core::Tag{22}, .outcome = &outcome};
    EXPECT_EQ(text_of(*guest, guest->handle_reply(turn, view, kTicks)), "[done]");
    return reply_to(*guest, "");
  }
};

TEST_F(Outcomes, reach_the_reply_handler_with_id_tag_codec_and_body) {
  const std::string bytes = told(core::json("[1]"));
  EXPECT_EQ(number_at(bytes, 0), 11U);
  EXPECT_EQ(number_at(bytes, 1), 22U);
  EXPECT_EQ(number_at(bytes, 2), 0U);
  EXPECT_EQ(number_at(bytes, 3), 0x200U);
  EXPECT_STREQ(bytes.c_str() + 48, "[1]");
}

TEST_F(Outcomes, reach_it_as_the_errors_they_are) {
  const auto kind_told = [&](core::RequestErrorKind kind) {
    const std::string bytes = told(std::unexpected(core::RequestError{.kind = kind, .failure = {}, .text = ""}));
    EXPECT_EQ(number_at(bytes, 2), 1U);
    return number_at(bytes, 3);
  };
  EXPECT_EQ(kind_told(core::RequestErrorKind::timeout), 0U);
  EXPECT_EQ(kind_told(core::RequestErrorKind::target_gone), 1U);
  EXPECT_EQ(kind_told(core::RequestErrorKind::interrupted), 2U);
  EXPECT_EQ(kind_told(core::RequestErrorKind::failed), 3U);
  EXPECT_EQ(kind_told(core::RequestErrorKind::reply_refused), 5U);
  EXPECT_EQ(kind_told(core::RequestErrorKind::other), 6U);
  const std::string answered = told(std::unexpected(core::RequestError{
      .kind = core::RequestErrorKind::answered, .failure = {core::FailureKind::invalid, "bad"}, .text = "unused"}));
  EXPECT_EQ(number_at(answered, 3), 4U);
  EXPECT_EQ(number_at(answered, 4), 1U);
  EXPECT_STREQ(answered.c_str() + 48, "bad");
}

TEST_F(Instances, get_their_timers) {
  const auto guest = spawn(Guest{.handle_message = "(call $reply (i32.const 0) (i32.const 512) (i32.const 24))", .more = R"(
    (func (export "airssys:core/timer-handler@0.1.0#handle-timer") (param i64 i64 i64) (result i32)
      (i64.store (i32.const 512) (local.get 0))
      (i64.store (i32.const 520) (local.get 1))
      (i64.store (i32.const 528) (local.get 2))
      (i32.const 64)))"});
  EXPECT_TRUE(guest->component().has(Export::timer_handler));
  EXPECT_EQ(text_of(*guest, guest->handle_timer(turn, core::Tag{1}, 2, 3, kTicks)), "[done]");
  const std::string bytes = reply_to(*guest, "");
  EXPECT_EQ(number_at(bytes, 0), 1U);
  EXPECT_EQ(number_at(bytes, 1), 2U);
  EXPECT_EQ(number_at(bytes, 2), 3U);
}

TEST_F(Instances, run_stop_if_they_have_it) {
  const auto guest = spawn(Guest{.more = R"((func (export "airssys:core/shutdown@0.1.0#stop") unreachable))"});
  EXPECT_TRUE(guest->component().has(Export::shutdown));
  EXPECT_EQ(text_of(*guest, guest->stop(turn, kTicks)), "[unreachable]");
  const auto plain = spawn(Guest{});
  EXPECT_FALSE(plain->component().has(Export::shutdown));
  EXPECT_EQ(text_of(*plain, plain->stop(turn, kTicks)), "[done]");
}

TEST_F(Instances, fail_calls_of_exports_they_do_not_have) {
  const auto guest = spawn(Guest{});
  const core::TurnResult outcome = guest->handle_timer(turn, core::Tag{1}, 2, 3, kTicks);
  EXPECT_EQ(outcome.kind, core::TurnResult::Kind::failed);
  EXPECT_EQ(outcome.failure.kind, core::FailureKind::internal);
  EXPECT_EQ(guest->trap(), nullptr);
}

// ---- entering twice

TEST_F(Instances, refuse_to_be_entered_while_they_run) {
  const auto guest = spawn(Guest{.imports = R"((import "airssys:core/messaging@0.1.0" "send"
                                                 (func $send (param i32 i32 i32 i32 i32 i32))))",
                                 .texts = "demo/b/1",
                                 .handle_message = R"(
    (call $send (i32.const 2048) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256)) (i32.const 64))"});
  std::string inner;
  host.on_send = [&] { inner = reply_to(*guest, ""); };
  EXPECT_EQ(reply_to(*guest, ""), "[done]");
  EXPECT_EQ(inner, "[internal the instance is already running on this stack]");
  host.on_send = nullptr;
  EXPECT_EQ(reply_to(*guest, ""), "[done]");
}

#if !defined(AIRSSYS_UNDER_ASAN) && !defined(AIRSSYS_UNDER_TSAN)
/// Of this process: as much as `ulimit -v` counts.
std::size_t address_space() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class LittleRoom : public Instances {
 protected:
  /// Ends the process with 0 if the guest's reply is refused with these words when there are only `more` bytes of addresses.
  [[noreturn]] void ask_with(std::size_t more, Instance& guest, std::string_view words) {
    const rlimit limit{.rlim_cur = address_space() + more, .rlim_max = RLIM_INFINITY};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(2);
    const core::TurnResult outcome = send(guest, "");
    const std::string& why = outcome.kind == core::TurnResult::Kind::trapped ? guest.trap()->message : outcome.failure.text;
    ::_exit(why.find(words) != std::string::npos ? 0 : 1);
  }
};

TEST_F(LittleRoom, for_a_reply_is_the_guests_failure_and_the_host_lives_on) {
  const auto guest =
      spawn(Guest{.handle_message = "(call $reply (i32.const 0) (i32.const 0) (i32.const 0x20000000))", .pages = "8192"},
            core::Limits{.memory = core::Bytes{1} << 30, .body_bytes = core::Bytes{1} << 30});
  const std::string_view words = "the host has no memory for its answer of 536870912 bytes";
  // Not for the first copy, and not for the second.
  for (const std::size_t more : {std::size_t{256} << 20, std::size_t{768} << 20}) {
    const pid_t child = ::fork();
    if (child == 0) ask_with(more, *guest, words);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << more << ": " << status;
  }
}
#endif

}  // namespace
}  // namespace airssys::runtime
