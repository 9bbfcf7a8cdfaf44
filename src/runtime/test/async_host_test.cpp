#include "async_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>
#include <string>

#include "testing/runtime_fixture.hpp"

namespace airssys::runtime {
namespace {

using ::testing::ElementsAre;
using testing::Guest;
using ::testing::IsEmpty;
using testing::RuntimeTest;

class HostCalls : public RuntimeTest {
 protected:
  /// One message to a guest that does `body` and then replies with the 64 bytes at 256, where results are.
  std::string results_of(std::string_view imports, std::string_view texts, const std::string& body) {
    const std::string handle = body + "(call $reply (i32.const 0) (i32.const 256) (i32.const 64))";
    const auto guest = spawn(Guest{.imports = imports, .texts = texts, .handle_message = handle});
    return reply_to(*guest, "body");
  }
  /// The same for a guest that replies with the text whose pointer and length are at `at`.
  std::string text_at(std::string_view imports, std::string_view texts, const std::string& body, int at) {
    const std::string handle =
        fmt::format("{}(call $reply (i32.const 0) (i32.load (i32.const {})) (i32.load (i32.const {})))", body, at, at + 4);
    return reply_to(*spawn(Guest{.imports = imports, .texts = texts, .handle_message = handle}), "body");
  }
};

std::uint32_t word_at(std::string_view bytes, std::size_t offset) {
  std::uint32_t word = 0;
  if (offset + 4 <= bytes.size()) std::memcpy(&word, bytes.data() + offset, 4);
  return word;
}
std::uint64_t long_at(std::string_view bytes, std::size_t offset) {
  return word_at(bytes, offset) | std::uint64_t{word_at(bytes, offset + 4)} << 32U;
}

constexpr std::string_view kSend =
    R"((import "airssys:core/messaging@0.1.0" "send" (func $send (param i32 i32 i32 i32 i32 i32))))";
const std::string kSendBody =
    "(call $send (i32.const 2048) (i32.const 13) (local.get $codec) (local.get $body) (local.get $size) (i32.const 256))";

TEST_F(HostCalls, send_reaches_the_port_with_views_and_the_token) {
  const std::string bytes = results_of(kSend, "demo/report/1", kSendBody);
  EXPECT_THAT(host.calls, ElementsAre("send demo/report/1 raw body"));
  EXPECT_EQ(host.turn, &turn_marker);
  EXPECT_EQ(bytes[0], 0);
}

TEST_F(HostCalls, send_beyond_the_body_limit_reaches_the_port_too) {
  const auto guest = spawn(Guest{.imports = kSend,
                                 .texts = "demo/report/1",
                                 .handle_message = R"(
    (call $send (i32.const 2048) (i32.const 13) (i32.const 0x55) (i32.const 16384) (i32.const 3000000) (i32.const 256))
    (i32.const 64))",
                                 .pages = "64"});
  EXPECT_EQ(reply_to(*guest, ""), "[done]");
  EXPECT_THAT(host.calls, ElementsAre("send demo/report/1 raw (3000000 bytes)"));
}

TEST_F(HostCalls, every_send_error_arrives_as_its_case) {
  for (std::uint8_t kind = 0; kind <= static_cast<std::uint8_t>(core::SendErrorKind::other); ++kind) {
    host.refusal = core::SendError{.kind = core::SendErrorKind{kind}, .limit = {}, .largest_bytes = 0, .text = ""};
    const std::string bytes = results_of(kSend, "demo/report/1", kSendBody);
    EXPECT_EQ(bytes[0], 1);
    EXPECT_EQ(bytes[8], static_cast<char>(kind));
  }
}

TEST_F(HostCalls, send_errors_carry_number_limit_and_text) {
  host.refusal =
      core::SendError{.kind = core::SendErrorKind::too_large, .limit = {}, .largest_bytes = 0x1'0000'0001, .text = ""};
  EXPECT_EQ(long_at(results_of(kSend, "demo/report/1", kSendBody), 16), 0x1'0000'0001U);
  host.refusal = core::SendError{
      .kind = core::SendErrorKind::limit_reached, .limit = core::TurnLimit::turn_bytes, .largest_bytes = 0, .text = ""};
  EXPECT_EQ(results_of(kSend, "demo/report/1", kSendBody)[16], 5);
  host.refusal =
      core::SendError{.kind = core::SendErrorKind::unavailable, .limit = {}, .largest_bytes = 0, .text = "edge suspended"};
  EXPECT_EQ(text_at(kSend, "demo/report/1", kSendBody, 256 + 16), "edge suspended");
}

TEST_F(HostCalls, a_port_that_throws_is_an_error_of_the_call) {
  host.on_send = [] { throw std::runtime_error("no"); };
  EXPECT_EQ(text_at(kSend, "demo/report/1", kSendBody, 256 + 16), "the host could not serve the call");
}

TEST_F(HostCalls, request_reaches_the_port_and_gives_the_id) {
  const std::string bytes = results_of(
      R"((import "airssys:core/messaging@0.1.0" "request" (func $request (param i32 i32 i32 i32 i32 i64 i64 i32))))",
      "demo/b/1",
      "(call $request (i32.const 2048) (i32.const 8) (i32.const 0x51) (local.get $body) (local.get $size) (i64.const 250) "
      "(i64.const 9) (i32.const 256))");
  EXPECT_THAT(host.calls, ElementsAre("request demo/b/1 cbor body timeout 250 tag 9"));
  EXPECT_EQ(bytes[0], 0);
  EXPECT_EQ(long_at(bytes, 8), 0x1122334455667788U);
}

TEST_F(HostCalls, cancel_and_unsubscribe_say_what_the_port_says) {
  constexpr std::string_view kImports = R"(
    (import "airssys:core/messaging@0.1.0" "cancel" (func $cancel (param i64) (result i32)))
    (import "airssys:core/messaging@0.1.0" "unsubscribe" (func $unsubscribe (param i32 i32) (result i32))))";
  const std::string body = R"(
    (i32.store8 (i32.const 256) (call $cancel (i64.const 0xabc)))
    (i32.store8 (i32.const 257) (call $unsubscribe (i32.const 2048) (i32.const 7))))";
  EXPECT_EQ(results_of(kImports, "words.#", body).substr(0, 2), std::string("\1\1"));
  host.says = false;
  EXPECT_EQ(results_of(kImports, "words.#", body).substr(0, 2), std::string("\0\0", 2));
  EXPECT_EQ(host.calls[0], "cancel abc");
  EXPECT_EQ(host.calls[1], "unsubscribe words.#");
}

TEST_F(HostCalls, answer_hands_over_replies_and_failures) {
  // answer(request: u64, outcome: result<reply, failure>): discriminant, then codec/case, pointer/pointer, length/length.
  constexpr std::string_view kImports = R"(
    (import "airssys:core/messaging@0.1.0" "answer" (func $answer (param i64 i32 i32 i32 i32 i32))))";
  const std::string reply = results_of(
      kImports, "",
      "(call $answer (i64.const 5) (i32.const 0) (i32.const 0x200) (local.get $body) (local.get $size) (i32.const 256))");
  EXPECT_EQ(reply[0], 0);
  EXPECT_EQ(reply[8], 1);
  results_of(kImports, "why",
             "(call $answer (i64.const 6) (i32.const 1) (i32.const 1) (i32.const 2048) (i32.const 3) (i32.const 256))");
  host.refusal = core::SendError{
      .kind = core::SendErrorKind::limit_reached, .limit = core::TurnLimit::turn_effects, .largest_bytes = 0, .text = ""};
  const std::string refused = results_of(
      kImports, "", "(call $answer (i64.const 7) (i32.const 1) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 256))");
  EXPECT_EQ(refused[0], 1);
  EXPECT_THAT(host.calls, ElementsAre("answer 5 json body", "answer 6 invalid why", "answer 7 busy "));
}

TEST_F(HostCalls, broadcast_passes_all_targets_and_returns_the_refusals) {
  // broadcast(to: list<string>, codec, body: list<u8>) -> result<list<tuple<u32, send-error>>, send-error>
  constexpr std::string_view kImports =
      R"((import "airssys:core/messaging@0.1.0" "broadcast" (func $broadcast (param i32 i32 i32 i32 i32 i32))))";
  const std::string body = R"(
    (i32.store (i32.const 512) (i32.const 2048)) (i32.store (i32.const 516) (i32.const 8))
    (i32.store (i32.const 520) (i32.const 2056)) (i32.store (i32.const 524) (i32.const 8))
    (call $broadcast (i32.const 512) (i32.const 2) (i32.const 0x55) (local.get $body) (local.get $size) (i32.const 256)))";
  EXPECT_EQ(word_at(results_of(kImports, "demo/a/1demo/b/1", body), 12), 0U);
  EXPECT_THAT(host.calls, ElementsAre("broadcast demo/a/1,demo/b/1 raw body"));

  host.broadcast_refusals.push_back(
      {1, core::SendError{.kind = core::SendErrorKind::unavailable, .limit = {}, .largest_bytes = 0, .text = "asleep"}});
  // The list's only element: index at 0, the error's case at 8, its text's pointer and length at 16 and 20.
  const std::string copy = body + R"((memory.copy (i32.const 264) (i32.load (i32.const 264)) (i32.const 24)))";
  const std::string bytes = results_of(kImports, "demo/a/1demo/b/1", copy);
  EXPECT_EQ(bytes[0], 0);
  EXPECT_EQ(word_at(bytes, 8), 1U);
  EXPECT_EQ(bytes[16], static_cast<char>(core::SendErrorKind::unavailable));
  EXPECT_EQ(word_at(bytes, 28), 6U);
}

TEST_F(HostCalls, publish_and_subscribe_reach_the_port) {
  constexpr std::string_view kImports = R"(
    (import "airssys:core/messaging@0.1.0" "publish" (func $publish (param i32 i32 i32 i32 i32 i32)))
    (import "airssys:core/messaging@0.1.0" "subscribe" (func $subscribe (param i32 i32 i32))))";
  results_of(kImports, "words.new", R"(
    (call $publish (i32.const 2048) (i32.const 9) (i32.const 0x55) (local.get $body) (local.get $size) (i32.const 256))
    (call $subscribe (i32.const 2048) (i32.const 9) (i32.const 256)))");
  EXPECT_THAT(host.calls, ElementsAre("publish words.new raw body", "subscribe words.new"));
}

TEST_F(HostCalls, context_tells_the_turns_facts) {
  constexpr std::string_view kImports = R"(
    (import "airssys:core/context@0.1.0" "now-ms" (func $now (result i64)))
    (import "airssys:core/context@0.1.0" "random-u64" (func $random (result i64)))
    (import "airssys:core/context@0.1.0" "sent-at-ms" (func $sent (result i64)))
    (import "airssys:core/context@0.1.0" "attempt" (func $attempt (result i32)))
    (import "airssys:core/context@0.1.0" "deadline-ms" (func $deadline (param i32))))";
  const std::string body = R"(
    (i64.store (i32.const 256) (call $now)) (i64.store (i32.const 264) (call $random))
    (i64.store (i32.const 272) (call $sent)) (i32.store (i32.const 280) (call $attempt))
    (call $deadline (i32.const 288)))";
  const std::string bytes = results_of(kImports, "", body);
  EXPECT_EQ(long_at(bytes, 0), 1'700'000'000'000U);
  EXPECT_EQ(long_at(bytes, 8), 0xfeed'beef'dead'f00dU);
  EXPECT_EQ(long_at(bytes, 16), 1'600'000'000'000U);
  EXPECT_EQ(word_at(bytes, 24), 3U);
  EXPECT_EQ(bytes[32], 0);
  host.deadline = 42;
  const std::string with_deadline = results_of(kImports, "", body);
  EXPECT_EQ(with_deadline[32], 1);
  EXPECT_EQ(long_at(with_deadline, 40), 42U);
}

TEST_F(HostCalls, context_tells_names) {
  const auto told = [&](const std::string& name) {
    const std::string imports = fmt::format(R"((import "airssys:core/context@0.1.0" "{}" (func $get (param i32))))", name);
    return text_at(imports, "", "(call $get (i32.const 256))", 256);
  };
  EXPECT_EQ(told("self-address"), "demo/self/1");
  EXPECT_EQ(told("system-id"), "system-1");
  EXPECT_EQ(told("trace-parent"), "00-trace");
}

TEST_F(HostCalls, timers_are_armed_with_and_without_a_period) {
  constexpr std::string_view kImports = R"(
    (import "airssys:core/timers@0.1.0" "arm" (func $arm (param i64 i64 i32 i64 i32)))
    (import "airssys:core/timers@0.1.0" "disarm" (func $disarm (param i64) (result i32))))";
  const std::string body = R"(
    (call $arm (i64.const 1) (i64.const 100) (i32.const 0) (i64.const 0) (i32.const 256))
    (call $arm (i64.const 2) (i64.const 100) (i32.const 1) (i64.const 50) (i32.const 258))
    (i32.store8 (i32.const 260) (call $disarm (i64.const 1))))";
  EXPECT_EQ(results_of(kImports, "", body).substr(0, 5), std::string("\0\0\0\0\1", 5));
  EXPECT_THAT(host.calls, ElementsAre("arm 1 delay 100 period none", "arm 2 delay 100 period 50", "disarm 1"));
  host.timer_error = core::TimerError::limit_reached;
  EXPECT_EQ(results_of(kImports, "", body).substr(0, 2), "\1\1");
}

TEST_F(HostCalls, log_lines_carry_level_and_fields) {
  constexpr std::string_view kImports = R"(
    (import "airssys:core/log@0.1.0" "write" (func $write (param i32 i32 i32 i32 i32)))
    (import "airssys:core/log@0.1.0" "enabled" (func $enabled (param i32) (result i32))))";
  const std::string bytes = results_of(kImports, "hellokeyvalue", R"(
    (i32.store (i32.const 512) (i32.const 2053)) (i32.store (i32.const 516) (i32.const 3))
    (i32.store (i32.const 520) (i32.const 2056)) (i32.store (i32.const 524) (i32.const 5))
    (call $write (i32.const 3) (i32.const 2048) (i32.const 5) (i32.const 512) (i32.const 1))
    (i32.store8 (i32.const 256) (call $enabled (i32.const 1)))
    (i32.store8 (i32.const 257) (call $enabled (i32.const 2))))");
  EXPECT_THAT(host.calls, ElementsAre("log warn hello key=value"));
  EXPECT_EQ(bytes.substr(0, 2), std::string("\0\1", 2));
}

TEST_F(HostCalls, config_gives_values_and_says_when_there_is_none) {
  constexpr std::string_view kImports = R"((import "airssys:core/config@0.1.0" "get" (func $get (param i32 i32 i32))))";
  const std::string body = "(call $get (i32.const 2048) (i32.const 3) (i32.const 256))";
  EXPECT_EQ(results_of(kImports, "top", body)[0], 0);
  host.config["top"] = "10";
  EXPECT_EQ(text_at(kImports, "top", body, 260), "10");
}

TEST_F(HostCalls, storage_says_that_it_is_not_served) {
  struct Case {
    std::string name;
    std::string parameters;
    std::string arguments;
  };
  const Case cases[] = {
      {"get", "i32 i32 i32", "(i32.const 2048) (i32.const 3) (i32.const 256)"},
      {"set", "i32 i32 i32 i32 i32", "(i32.const 2048) (i32.const 3) (i32.const 2048) (i32.const 3) (i32.const 256)"},
      {"delete", "i32 i32 i32", "(i32.const 2048) (i32.const 3) (i32.const 256)"},
      {"exists", "i32 i32 i32", "(i32.const 2048) (i32.const 3) (i32.const 256)"},
      {"scan", "i32 i32 i32 i32 i32 i32 i32",
       "(i32.const 2048) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 9) (i32.const 256)"},
      {"list-keys", "i32 i32 i32 i32 i32 i32 i32",
       "(i32.const 2048) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 9) (i32.const 256)"},
  };
  for (const Case& call : cases) {
    const std::string imports =
        fmt::format(R"((import "airssys:core/storage@0.1.0" "{}" (func $call (param {}))))", call.name, call.parameters);
    const std::string body = fmt::format("(call $call {})", call.arguments);
    EXPECT_EQ(results_of(imports, "key", body).substr(8, 1), std::string(1, AB_STORAGE_UNAVAILABLE)) << call.name;
    EXPECT_EQ(text_at(imports, "key", body, 256 + 16), "storage is not served yet") << call.name;
  }
}

TEST_F(HostCalls, are_closed_to_start_functions) {
  const Guest guest{.imports = kSend, .texts = "demo/report/1", .more = R"(
    (func $begin (call $send (i32.const 2048) (i32.const 13) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256)))
    (start $begin))"};
  const auto made = stores.create(load(guest), {}, turn, kTicks);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().error.code(), core::ErrorCode::trapped) << made.error().error;
  EXPECT_THAT(host.calls, IsEmpty());
}

TEST_F(HostCalls, what_has_no_error_and_is_not_served_answers_nothing) {
  const std::string_view usage = R"((import "airssys:core/storage@0.1.0" "get-usage" (func $usage (param i32))))";
  EXPECT_EQ(results_of(usage, "", "(call $usage (i32.const 256))").substr(0, 24), std::string(24, '\0'));
  const std::string_view secret = R"((import "airssys:core/secrets@0.1.0" "get" (func $get (param i32 i32 i32))))";
  EXPECT_EQ(results_of(secret, "key", "(call $get (i32.const 2048) (i32.const 3) (i32.const 256))")[0], 0);
  const std::string_view find =
      R"((import "airssys:core/directory@0.1.0" "find" (func $find (param i32 i32 i32 i32 i32 i32 i32))))";
  const std::string page = results_of(find, "demo/*/*",
                                      "(call $find (i32.const 2048) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 0) "
                                      "(i32.const 10) (i32.const 256))");
  EXPECT_EQ(word_at(page, 4), 0U) << "no addresses";
  EXPECT_EQ(page[8], 0) << "no next page";
}

TEST_F(HostCalls, a_log_line_reaches_the_port_with_its_first_fields_and_the_number_of_the_others) {
  constexpr std::string_view kLog = R"((import "airssys:core/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32))))";
  const auto guest = spawn(Guest{.imports = kLog, .texts = "text", .handle_message = R"(
    (call $log (i32.const 2) (i32.const 2048) (i32.const 4) (i32.const 32768) (i32.const 2000)) (i32.const 64))"});
  EXPECT_EQ(reply_to(*guest, ""), "[done]");
  ASSERT_EQ(host.calls.size(), 1U);
  EXPECT_THAT(host.calls[0], ::testing::StartsWith("log info text ="));
  EXPECT_THAT(host.calls[0], ::testing::EndsWith("= and 1936 more"));
}

TEST_F(HostCalls, without_a_loop_between_them_are_stopped_when_the_budget_is_used_up) {
  constexpr std::string_view kNow = R"((import "airssys:core/context@0.1.0" "now-ms" (func $now (result i64))))";
  std::string body;
  for (int i = 0; i < 100; ++i) body += "(drop (call $now))";
  const auto guest = spawn(Guest{.imports = kNow, .handle_message = body + "(i32.const 64)"});
  host.on_now = [&] { engine->tick(); };
  host.ticks = {20};
  EXPECT_EQ(text_of(*guest, guest->handle_message(turn, {.sender = "demo/sender/1", .topic = std::nullopt, .body = {}}, 30)),
            "[interrupt]");
  EXPECT_EQ(host.nows, 50);
  EXPECT_EQ(host.looks, 2);
}

TEST(ImportsInVain, are_named_once_and_whatever_their_version) {
  constexpr std::string_view kDescription =
      "export airssys:core/handler@0.1.0 initialize\n"
      "import airssys:core/directory@0.1.0 find\n"
      "import airssys:core/messaging@0.1.0 request\n"
      "import airssys:core/messaging@0.1.0 send\n"
      "import airssys:core/secrets@0.1.3 get\n"
      "import airssys:core/storage@0.1.0 get\n"
      "import airssys:core/storage@0.1.0 get-usage\n"
      "import airssys:core/timers@0.1.0 arm\n"
      "import other:core/secrets@0.1.0 get\n"
      "import wasi:filesystem/types@0.2.6 [method]descriptor.sync\n"
      "import wasi:sockets/tcp@0.2.6 [method]tcp-socket.bind\n"
      "import name";
  EXPECT_THAT(imports_in_vain(kDescription, false, false),
              ElementsAre("directory", "messaging.request (it exports no reply-handler)", "secrets", "storage",
                          "timers.arm (it exports no timer-handler)", "wasi:filesystem", "wasi:sockets"));
  EXPECT_THAT(imports_in_vain(kDescription, true, true),
              ElementsAre("directory", "secrets", "storage", "wasi:filesystem", "wasi:sockets"));
  EXPECT_THAT(imports_in_vain("", false, false), IsEmpty());
}

}  // namespace
}  // namespace airssys::runtime
