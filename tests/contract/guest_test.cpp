// Real guests through the whole system: what they ask for, what they do wrong, and that nobody else is harmed.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "script_actor.hpp"

namespace airssys::contract {
namespace {

const Address kGuest = "test/guest/1"_address;
const Address kOther = "test/other/1"_address;
const Address kEchoing = "test/third/1"_address;

TEST(Guest, keeps_what_it_counted_between_messages) {
  TestSystem system;
  start(system, "counter", kGuest);
  ASSERT_TRUE(system.send(kGuest, raw("a b a")));
  ASSERT_TRUE(system.send(kGuest, raw("a c")));
  EXPECT_EQ(ask(system, kGuest, "a"), "reply 3");
  EXPECT_EQ(ask(system, kGuest, "nothing"), "failed rejected: never seen: nothing");
  EXPECT_EQ(system.state_text(), "test/guest/1 idle, mailbox 0, restarts 0\n");
}

TEST(Guest, gets_bodies_of_every_size_back_unchanged) {
  TestSystem system;
  start(system, "echo", kGuest);
  for (const std::size_t size : {0U, 1U, 64U, 65'536U, 1'048'576U}) {
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * 31);
    EXPECT_EQ(ask(system, kGuest, body), "reply " + body);
  }
}

TEST(Guest, is_sent_no_body_that_its_memory_has_no_room_for_and_lives_on) {
  TestSystem system;
  start(system, "echo", kGuest, {.limits = core::Limits{.memory = 256_KiB}});
  const auto refused = system.send(kGuest, raw(std::string(150'000, 'x')));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::too_large) << refused.error();
  EXPECT_EQ(ask(system, kGuest, "small"), "reply small");
  EXPECT_EQ(system.state_text(), "test/guest/1 idle, mailbox 0, restarts 0\n");
}

TEST(Guest, sends_to_another_guest) {
  TestSystem system;
  start(system, "counter", kOther);
  start(system, "forwarder", kGuest, {.config = {{"to", kOther.text()}}});
  ASSERT_TRUE(system.send(kGuest, raw("x y x")));
  EXPECT_EQ(ask(system, kOther, "x"), "reply 2");
}

TEST(Guest, requests_another_guest_and_gets_its_reply) {
  TestSystem system;
  start(system, "echo", kOther);
  start(system, "requester", kGuest, {.config = {{"to", kOther.text()}}});
  ASSERT_TRUE(system.send(kGuest, raw("hello")));
  EXPECT_EQ(ask(system, kGuest, "last"), "reply ok: hello");
  EXPECT_EQ(ask(system, kGuest, "count"), "reply 1");
}

TEST(Guest, answers_later_with_what_a_third_one_said) {
  TestSystem system;
  start(system, "echo", kEchoing);
  start(system, "deferred", kOther, {.config = {{"to", kEchoing.text()}}});
  start(system, "deferred", kGuest, {.config = {{"to", kOther.text()}}});
  EXPECT_EQ(ask(system, kGuest, "through two"), "reply through two");
  EXPECT_TRUE(system.idle());
}

TEST(Guest, talks_with_native_actors_both_ways) {
  TestSystem system;
  play(system, kOther, {.on_message = [](Turn&, const MessageView& message) -> Result<Response> {
         return reply(raw("native got " + std::string(message.text())));
       }});
  start(system, "deferred", kGuest, {.config = {{"to", kOther.text()}}});
  EXPECT_EQ(ask(system, kGuest, "x"), "reply native got x");
}

TEST(Guest, whose_turn_fails_has_sent_nothing) {
  for (const std::string word : {"rejected", "invalid", "internal"}) {
    TestSystem system;
    ASSERT_TRUE(system.listen(kOther));
    start(system, "failing", kGuest, {.config = {{"to", kOther.text()}}});
    EXPECT_EQ(ask(system, kGuest, word + " why"), "failed " + word + ": why");
    EXPECT_TRUE(system.sent_to(kOther).empty());
    // `internal` costs the instance its memory, the others do not.
    EXPECT_EQ(ask(system, kGuest, "count"), word == "internal" ? "reply 1" : "reply 2");
  }
}

TEST(Guest, that_traps_has_sent_nothing_and_comes_back) {
  for (const std::string word : {"unreachable", "divide", "bounds", "recursion", "null", "at"}) {
    TestSystem system;
    ASSERT_TRUE(system.listen(kOther));
    start(system, "trapping", kGuest, {.config = {{"to", kOther.text()}}});
    EXPECT_EQ(ask(system, kGuest, "fine"), "reply 1");
    EXPECT_EQ(ask(system, kGuest, word), "failed internal: the component trapped") << word;
    EXPECT_EQ(ask(system, kGuest, "fine"), "reply 1") << "a new instance";
    EXPECT_EQ(system.sent_to(kOther).size(), 2U) << word;
    EXPECT_EQ(system.info(kGuest)->counts.restarts, 1U);
    ASSERT_EQ(system.crashes().size(), 1U);
    ASSERT_TRUE(system.crashes()[0].trap) << word;
  }
}

TEST(Guest, that_traps_is_reported_with_function_and_line) {
  TestSystem system;
  start(system, "trapping", kGuest);
  EXPECT_EQ(ask(system, kGuest, "divide"), "failed internal: the component trapped");
  ASSERT_EQ(system.crashes().size(), 1U);
  const actor::CrashReport crash = system.crashes()[0];
  EXPECT_EQ(crash.trap->kind, core::TrapKind::integer);
  ASSERT_FALSE(crash.stack.empty());
  EXPECT_NE(crash.stack[0].function.find("divide_by_zero"), std::string::npos) << crash.stack[0].function;
  EXPECT_TRUE(crash.stack[0].file.ends_with("trapping.cpp")) << crash.stack[0].file;
  EXPECT_EQ(crash.stack[0].line, 11U);
  EXPECT_EQ(crash.sender, "test/host/1");
  EXPECT_EQ(crash.body_begin, "divide");
}

TEST(Guest, that_dies_in_a_library_is_reported_with_its_own_line_its_fields_and_its_last_words) {
  TestSystem system;
  start(system, "trapping", kGuest);
  EXPECT_EQ(ask(system, kGuest, "at"), "failed internal: the component trapped");
  ASSERT_EQ(system.crashes().size(), 1U);
  const actor::CrashReport crash = system.crashes()[0];
  const auto own = std::ranges::find_if(crash.stack, [](const auto& place) { return place.file.ends_with("trapping.cpp"); });
  ASSERT_NE(own, crash.stack.end());
  EXPECT_NE(own->function.find("beyond_the_end"), std::string::npos) << own->function;
  EXPECT_EQ(own->line, 26U);
  ASSERT_EQ(crash.log.size(), 2U);
  EXPECT_EQ(crash.log[0], "info looking where=beyond the end seen=1");
  EXPECT_EQ(crash.log[1], "info about to look") << "printf without a line end";
}

TEST(Guest, that_loops_for_ever_is_stopped_within_its_budget) {
  TestSystem system;
  start(system, "spinning", kGuest, {.limits = core::Limits{.turn_cpu = 50ms}});
  EXPECT_EQ(ask(system, kGuest, "spin"), "failed internal: the component was stopped: its CPU budget for one turn was used up");
  ASSERT_EQ(system.crashes().size(), 1U);
  EXPECT_EQ(system.crashes()[0].trap->kind, core::TrapKind::interrupt);
  EXPECT_EQ(system.crashes()[0].reason, "its CPU budget for one turn was used up");
  EXPECT_EQ(ask(system, kGuest, "fine"), "reply 1");
}

TEST(Guest, grows_up_to_its_ceiling_and_no_further) {
  TestSystem system;
  start(system, "growing", kGuest, {.limits = core::Limits{.memory = 4_MiB}});
  const std::string got = ask(system, kGuest, "grow");
  ASSERT_TRUE(got.starts_with("reply ")) << got;
  const int kib = std::stoi(got.substr(6));
  EXPECT_GT(kib, 2 * 1024);
  EXPECT_LT(kib, 4 * 1024);
  EXPECT_LE(system.info(kGuest)->memory_bytes, 4_MiB);
  EXPECT_EQ(ask(system, kGuest, "eat"), "failed internal: the component ran out of memory");
  ASSERT_EQ(system.crashes().size(), 1U);
  EXPECT_TRUE(system.crashes()[0].trap->growth_refused);
  EXPECT_EQ(system.crashes()[0].trap->kind, core::TrapKind::out_of_memory);
  EXPECT_EQ(system.crashes()[0].reason, "out of memory: it was refused more, its limit is 4MiB");
}

TEST(Guest, that_fails_to_start_is_tried_again_until_its_intensity_is_used_up) {
  TestSystem system;
  start(system, "starter", kGuest, {.config = {{"mode", "trap"}}});
  system.advance(60s);
  EXPECT_FALSE(system.info(kGuest));
  EXPECT_EQ(system.crashes().size(), 6U);
  EXPECT_EQ(system.crashes()[0].turn, "initialize");
}

TEST(Guest, is_told_why_it_was_started) {
  TestSystem system;
  start(system, "starter", kGuest, {.config = {{"mode", "fail-first"}}});
  system.advance(10s);
  EXPECT_EQ(ask(system, kGuest, "why"), "reply restarted 1");
}

TEST(Guest, that_is_busy_is_asked_again_with_the_same_message) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kOther));
  start(system, "failing", kGuest, {.config = {{"to", kOther.text()}}});
  EXPECT_EQ(ask(system, kGuest, "busy 2"), "reply 3") << "three attempts, the third one stands";
  EXPECT_EQ(system.sent_to(kOther).size(), 1U) << "the undone attempts sent nothing";
}

TEST(Guest, is_told_that_a_target_is_full_and_none_of_a_failed_turn_arrives) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kOther, core::Limits{.mailbox_messages = 10}));
  start(system, "chatty", kGuest, {.config = {{"to", kOther.text()}}});
  EXPECT_EQ(ask(system, kGuest, "100"), "reply 8 sent, then mailbox-full") << "its share of ten permits";
  EXPECT_EQ(system.sent_to(kOther).size(), 8U);
  EXPECT_EQ(ask(system, kGuest, "!5"), "failed rejected: 5 sent");
  EXPECT_EQ(system.sent_to(kOther).size(), 8U);
  EXPECT_EQ(system.info(kOther)->mailbox_messages, 0U);
}

TEST(Guest, is_told_what_is_not_granted) {
  TestSystem system({.grant_everything = false});
  ASSERT_TRUE(system.listen(kOther));
  start(system, "chatty", kGuest, {.config = {{"to", kOther.text()}}});
  EXPECT_EQ(ask(system, kGuest, "1"), "reply 0 sent, then denied");
}

TEST(Guest, that_imports_what_is_not_served_loads_with_the_list) {
  TestSystem system;
  const auto loader = system.assembly().engines().loader(runtime::testing::tested_profile());
  ASSERT_TRUE(loader);
  const auto loaded = (*loader)->load_file(guest("storage_user") / "storage_user.wasm");
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ((*loaded)->imports_in_vain(), std::vector<std::string>{"storage"});
}

TEST(Guest, whose_manifest_wants_what_is_not_served_is_refused_with_the_place) {
  TestSystem system;
  const auto loaded = system.load(guest("storage_user"));
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message().find("component.toml:8:1: storage is not served"), std::string::npos) << loaded.error();
}

}  // namespace
}  // namespace airssys::contract
