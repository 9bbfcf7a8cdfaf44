#include "airssys/core/trap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <sstream>
#include <string>
#include <thread>

#include "testing/runtime_fixture.hpp"

namespace airssys::runtime {
namespace {

using testing::Guest;
using testing::kEcho;
using testing::or_fail;
using testing::RuntimeTest;
using namespace airssys::literals;

/// Ticks an engine every millisecond.
class Ticker {
 public:
  explicit Ticker(const Engine& engine)
      : thread_([&engine, this] {
          while (!done_.load()) {
            engine.tick();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
        }) {}
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker() {
    done_.store(true);
    thread_.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

class Traps : public RuntimeTest {
 protected:
  /// How a guest ends that does `body` with each message.
  std::string end_of(std::string_view body, std::string_view more = "", std::string_view imports = "") {
    const auto guest = spawn(Guest{.imports = imports, .handle_message = body, .more = more});
    return reply_to(*guest, "hello");
  }
};

constexpr std::string_view kSend =
    R"((import "airssys:core/messaging@0.1.0" "send" (func $send (param i32 i32 i32 i32 i32 i32))))";

TEST_F(Traps, tell_what_happened) {
  EXPECT_EQ(end_of("unreachable"), "[unreachable]");
  EXPECT_EQ(end_of("(i32.load (i32.const 0x7fffffff))"), "[out-of-bounds-memory]");
  EXPECT_EQ(end_of("(i32.store (i32.const 65536) (i32.const 1)) (i32.const 64)"), "[out-of-bounds-memory]");
  EXPECT_EQ(end_of("(i32.div_u (i32.const 1) (i32.const 0))"), "[integer]");
  EXPECT_EQ(end_of("(i32.trunc_f64_s (f64.const 1e300))"), "[integer]");
  EXPECT_EQ(end_of("(call_indirect (result i32) (i32.const 5))", "(table 2 funcref)"), "[out-of-bounds-table]");
  EXPECT_EQ(end_of("(call_indirect (result i32) (i32.const 1))", "(table 2 funcref)"), "[bad-indirect-call]");
  EXPECT_EQ(end_of("(call $recurse (i32.const 1))", R"((func $recurse (param i32) (result i32)
                     (i32.add (local.get 0) (call $recurse (i32.add (local.get 0) (i32.const 1))))))"),
            "[stack-overflow]");
}

TEST_F(Traps, come_of_replies_outside_the_memory) {
  EXPECT_EQ(end_of("(call $reply (i32.const 0) (i32.const 65000) (i32.const 1000))"), "[bad-values]");
  EXPECT_EQ(end_of("(call $reply (i32.const 0) (i32.const -1) (i32.const -1))"), "[bad-values]");
  EXPECT_EQ(end_of("(i32.const 70000)"), "[bad-values]");
  EXPECT_EQ(end_of("(i32.const 65)"), "[bad-values]") << "not aligned";
  EXPECT_EQ(end_of("(i32.store8 (i32.const 1024) (i32.const 9)) (i32.const 1024)"), "[bad-values]") << "no such case";
}

TEST_F(Traps, come_of_arguments_outside_the_memory_or_not_utf8) {
  const auto sending = [&](std::string_view arguments) {
    return end_of(fmt::format("(call $send {} (i32.const 256)) (i32.const 64)", arguments), "", kSend);
  };
  EXPECT_EQ(sending("(i32.const -5) (i32.const 10) (i32.const 0) (i32.const 0) (i32.const 0)"), "[bad-values]");
  EXPECT_EQ(sending("(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 65535) (i32.const 2)"), "[bad-values]");
  EXPECT_EQ(sending("(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const -1)"), "[bad-values]");
  EXPECT_EQ(end_of(R"((i32.store8 (i32.const 512) (i32.const 255))
                      (call $send (i32.const 512) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256))
                      (i32.const 64))",
                   "", kSend),
            "[bad-values]");
  EXPECT_TRUE(host.calls.empty()) << "none of these may reach a port";
}

TEST_F(Traps, come_of_an_allocator_that_lies) {
  std::string wat = Guest{.handle_message = kEcho}.text();
  const std::string honest = "(local.get $at))\n  (func $reply";
  ASSERT_NE(wat.find(honest), std::string::npos);
  wat.replace(wat.find(honest), honest.size(), "(i32.const 0x7ffffff0))\n  (func $reply");
  const auto component = or_fail(loader.load_bytes(testing::component_from(wat), "liar"));
  EXPECT_EQ(reply_to(*spawn(component), "hello"), "[bad-values]");
}

TEST_F(Traps, of_a_guest_without_room_for_a_body_say_its_size) {
  std::string wat = Guest{.handle_message = "unreachable"}.text();
  const std::string honest = "(local.get $at))\n  (func $reply";
  ASSERT_NE(wat.find(honest), std::string::npos);
  wat.replace(wat.find(honest), honest.size(),
              "(if (i32.gt_u (local.get $size) (i32.const 1000)) (then\n"
              "    (if (i32.eq (memory.grow (i32.const 2)) (i32.const -1)) (then unreachable))))\n"
              "    (local.get $at))\n  (func $reply");
  const auto component = or_fail(loader.load_bytes(testing::component_from(wat), "full"));
  const auto full = spawn(component, {.memory = 64_KiB});
  EXPECT_EQ(reply_to(*full, std::string(30'000, 'x')), "[out-of-memory]");
  EXPECT_THAT(full->trap()->message, ::testing::StartsWith("its memory had no room for a body of 30000 bytes: "));
  const auto roomy = spawn(component);
  EXPECT_EQ(reply_to(*roomy, std::string(30'000, 'x')), "[unreachable]");
  EXPECT_EQ(roomy->trap()->message.find("30000"), std::string::npos) << "it had the body, and died of something else";
}

TEST_F(Traps, name_the_functions_on_the_stack) {
  const auto guest = spawn(Guest{.handle_message = "(call $inner)", .more = "(func $inner (result i32) unreachable)"});
  ASSERT_EQ(reply_to(*guest, ""), "[unreachable]");
  const core::Trap& trap = *guest->trap();
  ASSERT_GE(trap.frames.size(), 2U);
  EXPECT_EQ(trap.frames[0].name, "inner");
  EXPECT_EQ(trap.frames[1].name, "handle");
  EXPECT_EQ(trap.frames[0].module, 0U);
  EXPECT_NE(trap.frames[0].offset, core::Frame::kUnknownOffset);
  EXPECT_EQ(trap.memory_bytes, 64_KiB);
  EXPECT_FALSE(trap.growth_refused);
  std::ostringstream line;
  line << trap;
  EXPECT_NE(line.str().find("(in inner)"), std::string::npos) << line.str();
}

TEST_F(Traps, kill_the_instance_but_not_its_component) {
  const auto component = load({.handle_message = R"(
    (if (i32.eqz (local.get $size)) (then unreachable))
    (call $reply (i32.const 0) (local.get $body) (local.get $size)))"});
  const auto first = spawn(component);
  EXPECT_EQ(reply_to(*first, ""), "[unreachable]");
  EXPECT_EQ(reply_to(*first, "hi"), "[unreachable]");
  EXPECT_EQ(text_of(*first, first->stop(turn, kTicks)), "[unreachable]");
  EXPECT_EQ(reply_to(*spawn(component), "hi"), "hi");
}

TEST_F(Traps, in_memory_that_may_not_grow_say_so) {
  const std::string_view grow = R"((loop $again
    (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable)";
  const auto guest = spawn(Guest{.handle_message = grow}, {.memory = 1_MiB});
  EXPECT_EQ(reply_to(*guest, ""), "[out-of-memory]");
  EXPECT_TRUE(guest->trap()->growth_refused);
  EXPECT_EQ(guest->trap()->memory_bytes, 1_MiB);
  EXPECT_EQ(guest->memory_bytes(), 1_MiB);
}

TEST_F(Traps, by_interrupt_when_the_budget_says_so) {
  const Ticker ticker(*engine);
  const auto guest = spawn(Guest{.handle_message = "(loop $for_ever (br $for_ever)) unreachable"});
  host.ticks = {2, 2};
  const core::TurnResult outcome =
      guest->handle_message(turn, {.sender = "demo/a/1", .topic = std::nullopt, .body = {}}, /*ticks=*/2);
  EXPECT_EQ(text_of(*guest, outcome), "[interrupt]");
  EXPECT_EQ(host.looks, 3);
  EXPECT_EQ(host.turn, &turn_marker);
  EXPECT_EQ(reply_to(*spawn(Guest{.handle_message = kEcho}), "still here"), "still here");
}

TEST_F(Traps, do_not_come_to_a_guest_that_ends_within_its_budget) {
  const Ticker ticker(*engine);
  const auto guest = spawn(Guest{.handle_message = R"((local $left i32)
    (local.set $left (i32.const 20000000))
    (loop $more (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i32.const 64))"});
  host.ticks = std::deque<std::uint64_t>(100'000, 1);
  // On a busy machine the ticker may come too late for one turn; not for all of them.
  for (int turns = 0; turns < 200 && host.looks == 0; ++turns) {
    const core::TurnResult outcome = guest->handle_message(turn, {.sender = "demo/a/1", .topic = std::nullopt, .body = {}}, 1);
    EXPECT_EQ(text_of(*guest, outcome), "[done]");
  }
  EXPECT_GE(host.looks, 1);
}

}  // namespace
}  // namespace airssys::runtime
