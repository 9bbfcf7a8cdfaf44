// A turn is a transaction: everything it did becomes real in order when it ends well, and never happened when it does not.

#include <gtest/gtest.h>

#include "airssys/core/printable.hpp"

#include "script_actor.hpp"

namespace airssys::contract {
namespace {

TEST(Turn, sends_become_real_in_order_when_it_ends_well) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kB));
  play(system, kA, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         for (const char* text : {"1", "2", "3"}) AIRSSYS_TRY(turn.send(kB, raw(text)));
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  std::string all;
  for (const auto& received : system.sent_to(kB)) all += received.text;
  EXPECT_EQ(all, "123");
}

TEST(Turn, sends_never_happened_when_it_fails) {
  for (const ErrorCode code : {ErrorCode::rejected, ErrorCode::invalid, ErrorCode::internal}) {
    TestSystem system;
    ASSERT_TRUE(system.listen(kB));
    play(system, kA, {.on_message = [code](Turn& turn, const MessageView&) -> Result<Response> {
           AIRSSYS_TRY(turn.send(kB, raw("x")));
           return fail(code);
         }});
    ASSERT_TRUE(system.send(kA, raw("go")));
    EXPECT_TRUE(system.sent_to(kB).empty()) << core::name_of(code);
    EXPECT_EQ(system.info(kB)->mailbox_messages, 0U) << "a dropped message must give its permit back";
    EXPECT_EQ(system.info(kB)->mailbox_bytes, 0U);
    ASSERT_EQ(system.dead_letters().size(), 1U) << "nothing is dropped silently";
    EXPECT_EQ(system.dead_letters()[0].body.text(), "go");
  }
}

TEST(Turn, an_exception_of_a_native_actor_is_its_own_failure) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { throw std::runtime_error("boom"); }});
  const auto outcome = system.request(kA, raw("go"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(words(*outcome), "failed internal: exception: boom");
}

TEST(Turn, holds_no_more_effects_than_its_limit) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kB));
  std::string refused;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         for (int i = 0; i < 3; ++i) {
           const auto sent = turn.send(kB, raw("x"));
           refused += sent ? "ok " : std::string(core::name_of(sent.error().code())) + " ";
         }
         return done();
       }},
       {.limits = core::Limits{.turn_effects = 2}});
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_EQ(refused, "ok ok limit-reached ");
  EXPECT_EQ(system.sent_to(kB).size(), 2U);
}

TEST(Turn, holds_no_more_bytes_than_its_limit) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kB));
  int sent = 0;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         while (turn.send(kB, raw("0123456789"))) ++sent;
         return done();
       }},
       {.limits = core::Limits{.turn_bytes = 35}});
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_EQ(sent, 3);
}

TEST(Turn, time_stands_still_within_one) {
  TestSystem system;
  std::vector<std::uint64_t> seen;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         seen.push_back(turn.now_ms());
         seen.push_back(turn.now_ms());
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("1")));
  system.advance(250ms);
  ASSERT_TRUE(system.send(kA, raw("2")));
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(seen[2] - seen[0], 250U);
}

TEST(Turn, one_seed_gives_one_run) {
  const auto run = [](std::uint64_t seed) {
    TestSystem system({.seed = seed});
    std::string order;
    for (const char* name : {"test/x/1", "test/x/2", "test/x/3", "test/x/4"}) {
      play(system, core::make_checked_address(name),
           {.on_message = [&order](Turn& turn, const MessageView&) -> Result<Response> {
             order += turn.self().instance();
             order += std::to_string(turn.random_u64() % 10);
             return done();
           }});
    }
    for (const char* name : {"test/x/1", "test/x/2", "test/x/3", "test/x/4"}) {
      EXPECT_TRUE(system.post(core::make_checked_address(name), raw("x")));
    }
    system.settle();
    return order;
  };
  EXPECT_EQ(run(7), run(7));
  bool differs = false;
  for (std::uint64_t seed = 1; seed < 20; ++seed) differs = differs || run(seed) != run(7);
  EXPECT_TRUE(differs) << "the order must depend on the seed";
}

TEST(Mailbox, refuses_at_the_sender_when_it_is_full) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kB, core::Limits{.mailbox_messages = 2}));
  ASSERT_TRUE(system.post(kB, raw("1")));
  ASSERT_TRUE(system.post(kB, raw("2")));
  const auto third = system.post(kB, raw("3"));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code(), ErrorCode::mailbox_full);
  system.settle();
  EXPECT_TRUE(system.post(kB, raw("3"))) << "room comes back as messages are handled";
}

TEST(Mailbox, refuses_a_body_that_can_never_fit_as_too_large) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kB, core::Limits{.body_bytes = 4}));
  EXPECT_TRUE(system.post(kB, raw("1234")));
  const auto large = system.post(kB, raw("12345"));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), ErrorCode::too_large);
  EXPECT_NE(large.error().message().find("4"), std::string::npos) << large.error();
}

TEST(Send, to_a_stranger_is_denied_whether_or_not_it_exists) {
  TestSystem system({.grant_everything = false});
  ASSERT_TRUE(system.listen(kB));
  std::vector<ErrorCode> codes;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         codes.push_back(turn.send(kB, raw("x")).error().code());
         codes.push_back(turn.send("test/nobody/1"_address, raw("x")).error().code());
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_EQ(codes, (std::vector{ErrorCode::denied, ErrorCode::denied}));
}

TEST(Send, to_oneself_needs_no_grant) {
  TestSystem system({.grant_everything = false});
  std::string seen;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         seen += std::string(message.text()) + " ";
         if (message.text() == "go") AIRSSYS_TRY(turn.send(kA, raw("again")));
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_EQ(seen, "go again ");
}

TEST(Send, to_nobody_is_not_found_for_who_is_granted) {
  TestSystem system;
  const auto sent = system.send("test/nobody/1"_address, raw("x"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code(), ErrorCode::not_found);
}

TEST(Send, stops_at_once_when_its_grant_is_revoked) {
  TestSystem system({.grant_everything = false});
  ASSERT_TRUE(system.listen(kB));
  const auto grant =
      system.grant({.from = core::AddressPattern(kA), .to = core::AddressPattern(kB), .allow = {security::Verb::send}});
  ASSERT_TRUE(grant);
  std::string results;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         results += turn.send(kB, raw("x")) ? "ok " : "denied ";
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("1")));
  ASSERT_TRUE(system.assembly().grants().revoke(*grant));
  ASSERT_TRUE(system.send(kA, raw("2")));
  EXPECT_EQ(results, "ok denied ");
}

TEST(Send, faster_than_its_grant_is_refused_until_time_has_passed) {
  TestSystem system({.grant_everything = false});
  ASSERT_TRUE(system.listen(kB));
  ASSERT_TRUE(system.grant({.from = core::AddressPattern(kA),
                            .to = core::AddressPattern(kB),
                            .allow = {security::Verb::send},
                            .rate = core::Rate{2}}));
  std::string results;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         const auto sent = turn.send(kB, raw("x"));
         results += sent ? "ok " : std::string(core::name_of(sent.error().code())) + " ";
         return done();
       }});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(system.send(kA, raw("x")));
  system.advance(500ms);
  ASSERT_TRUE(system.send(kA, raw("x")));
  EXPECT_EQ(results, "ok ok rate-limited ok ");
}

TEST(Busy, keeps_the_message_at_the_head_until_the_target_has_room) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kB, core::Limits{.mailbox_messages = 1}));
  std::string turns;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         turns += message.text();
         if (!turn.send(kB, raw(message.text()))) return fail(ErrorCode::busy);
         return done();
       }});
  ASSERT_TRUE(system.post(kB, raw("full")));
  for (const char* text : {"1", "2", "3"}) ASSERT_TRUE(system.post(kA, raw(text)));
  for (int i = 0; i < 200; ++i) system.advance(10ms);
  std::string arrived;
  for (const auto& received : system.sent_to(kB)) arrived += received.text;
  EXPECT_EQ(arrived, "full123") << "in order, each once";
  EXPECT_TRUE(system.dead_letters().empty());
  EXPECT_TRUE(system.idle());
}

TEST(Busy, for_thirty_seconds_ends_in_the_dead_letters) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return fail(ErrorCode::busy); }});
  ASSERT_TRUE(system.send(kA, raw("never")));
  system.advance(29s);
  EXPECT_TRUE(system.dead_letters().empty());
  system.advance(2s);
  ASSERT_EQ(system.dead_letters().size(), 1U);
  EXPECT_EQ(system.dead_letters()[0].reason, actor::DeadReason::never_had_room);
  EXPECT_TRUE(system.idle());
}

TEST(Busy, lasts_for_as_long_as_an_actor_of_the_host_wants) {
  TestSystem system;
  std::string handled;
  bool room = false;
  play(system, kA,
       {.on_message = [&](Turn&, const MessageView& message) -> Result<Response> {
          if (!room) return fail(ErrorCode::busy);
          handled += message.text();
          return done();
        },
        .busy_time_max = core::MonotonicTime::max()});
  ASSERT_TRUE(system.send(kA, raw("patient")));
  system.advance(1h);
  EXPECT_TRUE(system.dead_letters().empty());
  room = true;
  system.advance(1s);
  EXPECT_EQ(handled, "patient");
  EXPECT_TRUE(system.dead_letters().empty());
}

TEST(Restart, keeps_the_address_and_the_mailbox) {
  TestSystem system;
  std::string turns;
  int starts = 0;
  play(system, kA,
       {.on_message = [&](Turn&, const MessageView& message) -> Result<Response> {
          turns += message.text();
          if (message.text() == "x") return fail(ErrorCode::internal);
          return done();
        },
        .on_start = [&](Turn&, const core::Start& start) -> Result<void> {
          ++starts;
          turns += start.reason == core::StartReason::first ? "<first>" : "<" + std::to_string(start.restarts) + ">";
          return {};
        }});
  for (const char* text : {"1", "x", "2"}) ASSERT_TRUE(system.post(kA, raw(text)));
  system.advance(1s);
  EXPECT_EQ(turns, "<first>1x<1>2");
  EXPECT_EQ(system.info(kA)->counts.restarts, 1U);
  ASSERT_EQ(system.crashes().size(), 1U);
  EXPECT_EQ(system.crashes()[0].body_begin, "x");
  EXPECT_EQ(system.crashes()[0].turn, "handle-message");
}

TEST(Restart, beyond_the_intensity_stops_the_actor_and_buries_what_waits) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return fail(ErrorCode::internal); }},
       {.restart = core::RestartPolicy{.max_restarts = 2, .window = 60s, .backoff = 10ms, .backoff_max = 10ms}});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(system.post(kA, raw(std::to_string(i))));
  system.advance(10s);
  EXPECT_FALSE(system.info(kA)) << "it is gone from the registry";
  EXPECT_EQ(system.crashes().size(), 3U);
  std::string buried;
  for (const auto& letter : system.dead_letters())
    buried += std::string(letter.body.text()) + std::string(actor::name_of(letter.reason)) + " ";
  EXPECT_EQ(buried, "0crashed 1crashed 3target-stopped 4target-stopped 2crashed ");
  EXPECT_EQ(system.send(kA, raw("x")).error().code(), ErrorCode::not_found);
}

TEST(Restart, waits_longer_each_time) {
  TestSystem system;
  std::vector<std::uint64_t> at;
  play(system, kA,
       {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return fail(ErrorCode::internal); },
        .on_start = [&](Turn& turn, const core::Start&) -> Result<void> {
          at.push_back(turn.now_ms());
          return {};
        }},
       {.restart = core::RestartPolicy{.max_restarts = 5, .window = 60s, .backoff = 100ms, .backoff_max = 10s}});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(system.post(kA, raw("x")));
  system.advance(5s);
  ASSERT_EQ(at.size(), 4U);
  EXPECT_GE(at[1] - at[0], 100U);
  EXPECT_GE(at[2] - at[1], 200U);
  EXPECT_GE(at[3] - at[2], 400U);
  EXPECT_LT(at[3] - at[2], 501U);
}

/// Three pauses take longer than the window: within it nobody can die four times.
constexpr core::RestartPolicy kPausesOutlastTheWindow{.max_restarts = 3, .window = 1s, .backoff = 400ms, .backoff_max = 400ms};

TEST(Restart, that_never_brings_a_success_counts_beyond_the_window) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return fail(ErrorCode::internal); }},
       {.restart = kPausesOutlastTheWindow});
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(system.info(kA)) << i;
    ASSERT_TRUE(system.send(kA, raw("x")));
    system.advance(5s);
  }
  EXPECT_FALSE(system.info(kA)) << "four deaths, and nothing else";
  EXPECT_EQ(system.crashes().back().decision,
            "stopped for good: it died after 3 restarts in a row, with no turn in between that stood");
}

TEST(Restart, is_forgiven_after_a_success_and_the_window) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn&, const MessageView& message) -> Result<Response> {
         return message.text() == "die" ? Result<Response>(fail(ErrorCode::internal)) : Result<Response>(done());
       }},
       {.restart = kPausesOutlastTheWindow});
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(system.info(kA)) << i;
    ASSERT_TRUE(system.send(kA, raw("die")));
    system.advance(5s);
    if (i % 3 == 2) {
      ASSERT_TRUE(system.send(kA, raw("live")));
    }
  }
  EXPECT_TRUE(system.info(kA));
}

TEST(Initialize, that_fails_is_a_crash_and_is_tried_again) {
  TestSystem system;
  int starts = 0;
  play(system, kA, {.on_start = [&](Turn&, const core::Start&) -> Result<void> {
         if (++starts < 3) return fail(ErrorCode::rejected);
         return {};
       }});
  ASSERT_TRUE(system.post(kA, raw("x")));
  system.advance(5s);
  EXPECT_EQ(starts, 3);
  EXPECT_EQ(system.info(kA)->state, "running");
  EXPECT_EQ(system.info(kA)->mailbox_messages, 0U) << "the message waited for the start";
}

TEST(Log, beyond_its_rate_is_dropped_and_says_so) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         for (int i = 0; i < 5; ++i) turn.log(core::LogLevel::info, std::to_string(i));
         return done();
       }},
       {.limits = core::Limits{.log_rate = 2}});
  ASSERT_TRUE(system.send(kA, raw("x")));
  EXPECT_EQ(system.log(), (std::vector<std::string>{"test/a/1 info 0", "test/a/1 info 1"}));
  system.advance(1s);
  ASSERT_TRUE(system.send(kA, raw("x")));
  ASSERT_EQ(system.log().size(), 5U);
  EXPECT_EQ(system.log()[2], "test/a/1 warn 3 lines beyond the limit log_rate were dropped");
}

TEST(Log, counts_a_long_line_several_times_and_is_bounded_by_what_comes_out) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         turn.log(core::LogLevel::info, "begin");
         for (int i = 0; i < 5; ++i) turn.log(core::LogLevel::info, std::string(4096, '\x01'));
         return done();
       }},
       {.limits = core::Limits{.log_rate = 8}});
  ASSERT_TRUE(system.send(kA, raw("x")));
  ASSERT_EQ(system.log().size(), 3U) << "one, and two that count four times each";
  EXPECT_LE(core::printable(system.log()[1]).size(), core::Failure::kMaxTextBytes + 20);
  EXPECT_TRUE(system.log()[1].ends_with(" [cut]"));
  system.advance(1s);
  ASSERT_TRUE(system.send(kA, raw("x")));
  EXPECT_EQ(system.log()[3], "test/a/1 warn 3 lines beyond the limit log_rate were dropped");
}

TEST(Spawn, under_a_taken_address_is_refused) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kA));
  const auto second = system.listen(kA);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::already_exists);
}

TEST(Timer, fires_on_its_grid_and_ends_with_the_instance) {
  TestSystem system;
  std::vector<std::uint64_t> due;
  play(system, kA,
       {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return fail(ErrorCode::internal); },
        .on_start = [](Turn& turn, const core::Start& start) -> Result<void> {
          if (start.reason == core::StartReason::first) AIRSSYS_TRY(turn.arm(Tag{1}, 100ms, 100ms));
          return {};
        },
        .on_timer = [&](Turn&, const actor::Firing& firing) -> Result<void> {
          due.push_back(firing.due_ms);
          return {};
        }});
  system.advance(350ms);
  ASSERT_EQ(due.size(), 3U);
  EXPECT_EQ(due[1] - due[0], 100U);
  EXPECT_EQ(due[2] - due[1], 100U);
  ASSERT_TRUE(system.send(kA, raw("die")));
  system.advance(1s);
  EXPECT_EQ(due.size(), 3U) << "a volatile actor's timers end with its instance";
  EXPECT_TRUE(system.idle());
}

TEST(Timer, of_a_failed_turn_was_never_armed) {
  TestSystem system;
  int fired = 0;
  play(system, kA,
       {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.arm(Tag{1}, 10ms));
          return fail(ErrorCode::rejected);
        },
        .on_timer = [&](Turn&, const actor::Firing&) -> Result<void> {
          ++fired;
          return {};
        }});
  ASSERT_TRUE(system.send(kA, raw("x")));
  system.advance(1s);
  EXPECT_EQ(fired, 0);
}

TEST(StopSelf, ends_the_actor_after_a_turn_that_stands_and_buries_what_is_queued) {
  TestSystem system;
  int stopped = 0;
  play(system, kB, {.on_message = [&](Turn&, const MessageView&) -> Result<Response> {
         ++stopped;
         return done();
       }});
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         turn.stop_self();
         if (message.text() == "undone") return std::unexpected(Error(ErrorCode::rejected, "test", "no"));
         AIRSSYS_TRY(turn.send(kB, raw("bye")));
         AIRSSYS_TRY(turn.send(kA, raw("too late")));
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("undone")));
  EXPECT_TRUE(system.info(kA)) << "a turn that is undone has not stopped it";
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_FALSE(system.info(kA));
  EXPECT_EQ(stopped, 1) << "what it sent has left";
  ASSERT_EQ(system.dead_letters().size(), 2U);
  EXPECT_EQ(system.dead_letters().back().body.text(), "too late");
  EXPECT_EQ(system.dead_letters().back().reason, actor::DeadReason::target_stopped);
}

TEST(StopSelf, ends_an_actor_that_has_done_all_it_had_to_at_its_start) {
  TestSystem system;
  play(system, kA, {.on_start = [](Turn& turn, const core::Start&) -> Result<void> {
         turn.stop_self();
         return {};
       }});
  EXPECT_FALSE(system.info(kA));
}

}  // namespace
}  // namespace airssys::contract
