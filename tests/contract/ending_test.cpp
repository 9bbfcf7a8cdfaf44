// How turns end that others want to end, and what of a system's messages counts as accepted when it ends. By hand: the clock
// moves when a guest is looked at.

#include <gtest/gtest.h>

#include <string>

#include "script_actor.hpp"

namespace airssys::contract {
namespace {

const Address kEndless = "test/endless/1"_address;

/// A turn may run for an hour.
simulation::TestSpawn for_an_hour(const std::string& where) {
  return {.limits = core::Limits{.turn_cpu = 1h, .turn_wall = 1h, .slice = 1min}, .config = {{"where", where}}};
}

actor::Ending::Left left(TestSystem& system) {
  return system.assembly().actors().ending().left();
}

/// Counts the looks at guests, lets some time pass at each, and does something at the first.
class Looks {
 public:
  Looks(TestSystem& system, std::function<void()> at_first, std::chrono::milliseconds passes = 100ms) {
    system.at_each_look([this, &system, passes, at_first = std::move(at_first)] {
      if (++count == 1 && at_first) at_first();
      system.let_pass(passes);
    });
  }
  int count = 0;
};

class CutShort : public ::testing::TestWithParam<const char*> {};

TEST_P(CutShort, is_a_turn_that_goes_on_half_a_second_after_the_order_to_end) {
  TestSystem system;
  start(system, "endless", kEndless, for_an_hour(GetParam()));
  ASSERT_TRUE(system.post(kEndless, raw("x")));
  const Looks looks(system, [&] { system.order_stop(); });
  system.settle();
  system.advance(1ms);
  EXPECT_LE(looks.count, 7);
  ASSERT_EQ(system.crashes().size(), 1U);
  EXPECT_EQ(system.crashes()[0].reason, "the system ended before its turn did");
  EXPECT_EQ(system.crashes()[0].decision, "it is stopped");
  EXPECT_FALSE(system.info(kEndless)) << "it has stopped";
}

INSTANTIATE_TEST_SUITE_P(InEachTurn, CutShort, ::testing::Values("message", "calls", "reply", "timer"));

TEST(CutShortTurn, leaves_its_message_among_those_that_were_not_handled) {
  TestSystem system;
  start(system, "endless", kEndless, for_an_hour("message"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(system.post(kEndless, raw("x")));
  const Looks looks(system, [&] { system.order_stop(); });
  system.settle();
  EXPECT_EQ(left(system).accepted, 3U);
  ASSERT_EQ(system.dead_letters().size(), 3U);
  for (const auto& letter : system.dead_letters()) EXPECT_EQ(letter.reason, actor::DeadReason::target_stopped);
  EXPECT_EQ(system.dead_letters()[0].why, "the system ended before its turn did");
}

TEST(CutShortTurn, of_an_outcome_leaves_it_among_what_was_not_handled) {
  TestSystem system;
  start(system, "endless", kEndless, for_an_hour("reply"));
  ASSERT_TRUE(system.post(kEndless, raw("x")));
  const Looks looks(system, [&] { system.order_stop(); });
  system.settle();
  EXPECT_EQ(left(system).accepted, 1U);
}

TEST(CutShortTurn, may_be_the_first_one_of_an_instance) {
  TestSystem system;
  const Looks looks(system, [&] { system.order_stop(); });
  start(system, "endless", kEndless, for_an_hour("initialize"));
  EXPECT_LE(looks.count, 7);
  EXPECT_FALSE(system.info(kEndless));
}

TEST(LastTurns, have_a_quarter_of_a_second_of_cpu_in_a_system_that_ends) {
  TestSystem system;
  start(system, "endless", kEndless, for_an_hour("stop"));
  int looks = 0;
  system.at_each_look([&looks] { ++looks; });
  system.order_stop();
  system.settle();
  EXPECT_GE(looks, 20) << "a look is 10 ms of CPU here";
  EXPECT_LE(looks, 30);
  EXPECT_FALSE(system.info(kEndless));
}

TEST(LastTurns, have_two_seconds_together_in_a_system_that_ends) {
  TestSystem system;
  for (int i = 1; i <= 40; ++i) {
    start(system, "endless", core::make_checked_address("test/endless/" + std::to_string(i)), for_an_hour("stop"));
  }
  const Looks looks(system, {});
  system.order_stop();
  system.settle();
  EXPECT_LE(looks.count, 22);
  EXPECT_FALSE(system.info(kEndless));
}

TEST(OrderedStop, cuts_a_turn_short_that_goes_on_for_ten_seconds) {
  TestSystem system;
  start(system, "endless", kEndless, for_an_hour("message"));
  ASSERT_TRUE(system.post(kEndless, raw("x")));
  const Looks looks(system, [&] { ASSERT_TRUE(system.assembly().actors().stop(kEndless.text())); }, 1s);
  system.settle();
  EXPECT_GE(looks.count, 10);
  EXPECT_LE(looks.count, 12);
  ASSERT_EQ(system.crashes().size(), 1U);
  EXPECT_EQ(system.crashes()[0].reason, "it was ordered to stop or to restart, and its turn went on for 10 s");
  EXPECT_EQ(system.crashes()[0].decision, "it is stopped");
  EXPECT_FALSE(system.info(kEndless));
}

TEST(OrderedStop, gives_the_last_turn_ten_seconds) {
  TestSystem system;
  start(system, "endless", kEndless, for_an_hour("stop"));
  const Looks looks(system, {}, 1s);
  ASSERT_TRUE(system.stop(kEndless));
  EXPECT_LE(looks.count, 12);
  EXPECT_FALSE(system.info(kEndless));
}

TEST(OrderedRestart, cuts_a_turn_short_that_goes_on_for_ten_seconds_and_counts_no_death) {
  TestSystem system;
  simulation::TestSpawn spawn = for_an_hour("message");
  spawn.restart = core::RestartPolicy{.max_restarts = 0};
  start(system, "endless", kEndless, spawn);
  ASSERT_TRUE(system.post(kEndless, raw("x")));
  const Looks looks(system, [&] { ASSERT_TRUE(system.assembly().actors().restart(kEndless.text())); }, 1s);
  system.settle();
  EXPECT_LE(looks.count, 12);
  ASSERT_EQ(system.crashes().size(), 1U);
  EXPECT_EQ(system.crashes()[0].decision, "a new instance is started");
  EXPECT_EQ(ask(system, kEndless, "fine"), "reply fine");
}

/// Two that pass on what they get, for ever. `begin`: what the first one does when it starts.
void play_ping_pong(TestSystem& system, const std::function<Result<void>(Turn&)>& begin) {
  const auto pass_on_to = [](const Address& other) {
    return [other](Turn& turn, const MessageView&) -> Result<Response> {
      AIRSSYS_TRY(turn.send(other, raw("for ever")));
      return done();
    };
  };
  play(system, kB, {.on_message = pass_on_to(kA)});
  // Not settled: they would never rest.
  const auto make = [pass_on_to, begin] {
    return std::make_unique<ScriptActor>(
        Script{.on_message = pass_on_to(kB), .on_start = [begin](Turn& turn, const core::Start&) { return begin(turn); }});
  };
  ASSERT_TRUE(system.assembly().spawn_native({.actor = {.address = kA}, .make = make}));
}

void run(TestSystem& system, int batches) {
  for (int i = 0; i < batches; ++i) ASSERT_TRUE(system.step());
}

TEST(Distance, makes_what_actors_began_by_themselves_their_own_however_soon_the_end_comes) {
  for (int before = 1; before < 20; ++before) {
    for (const int during : {0, 1, 2, 10}) {
      TestSystem system;
      play_ping_pong(system, [](Turn& turn) { return turn.send(kB, raw("begin")); });
      run(system, before);
      system.begin_end();
      run(system, during);
      system.order_stop();
      system.settle();
      EXPECT_EQ(left(system).accepted, 0U) << before << ", " << during;
      EXPECT_EQ(left(system).of_its_own, 1U) << before << ", " << during;
    }
  }
}

TEST(Distance, is_counted_from_where_a_message_comes_from_and_not_from_the_end) {
  // A batch has one turn here. What has passed on the message that often, before the end or after its beginning, counts the
  // same.
  for (const int turns : {1, 10, 990, 1010, 3000}) {
    for (const int during : {0, 1, turns}) {
      TestSystem system;
      play_ping_pong(system, [](Turn&) -> Result<void> { return {}; });
      system.settle();
      ASSERT_TRUE(system.post(kA, raw("begin")));
      run(system, turns - during);
      system.begin_end();
      run(system, during);
      system.order_stop();
      system.settle();
      EXPECT_EQ(left(system).accepted, turns < actor::Ending::kOfItsOwn ? 1U : 0U) << turns << ", " << during;
      EXPECT_EQ(left(system).of_its_own, turns < actor::Ending::kOfItsOwn ? 0U : 1U) << turns << ", " << during;
    }
  }
}

TEST(Distance, of_what_a_timer_sends_is_that_of_what_armed_it) {
  for (const bool ends_before : {false, true}) {
    TestSystem system;
    play(system, kA,
         {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
            AIRSSYS_TRY(turn.arm(Tag{1}, 1ms));
            return done();
          },
          .on_timer = [](Turn& turn, const actor::Firing&) { return turn.send(kB, raw("collected")); }});
    play(system, kB, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return fail(ErrorCode::busy); }});
    ASSERT_TRUE(system.send(kA, raw("collect")));
    if (ends_before) system.begin_end();
    system.advance(1ms);
    system.order_stop();
    system.settle();
    EXPECT_EQ(left(system).accepted, ends_before ? 0U : 1U);
    EXPECT_EQ(left(system).of_its_own, ends_before ? 1U : 0U);
  }
}

Script handles_until(const bool& busy) {
  return {.on_message = [&busy](Turn&, const MessageView&) -> Result<Response> {
    if (busy) return fail(ErrorCode::busy);
    return done();
  }};
}

/// Something has gone on each millisecond: what the last one has left is so far away that the system keeps itself busy with it.
void expect_its_own_after_a_thousand(TestSystem& system, bool& busy) {
  system.advance(1010ms);
  busy = true;
  system.advance(1ms);
  system.order_stop();
  system.settle();
  EXPECT_EQ(left(system).accepted, 0U);
  EXPECT_EQ(left(system).of_its_own, 1U);
}

TEST(Distance, grows_with_each_firing_of_a_periodic_timer) {
  TestSystem system;
  play(system, kA,
       {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.arm(Tag{1}, 1ms, 1ms));
          return done();
        },
        .on_timer = [](Turn& turn, const actor::Firing&) { return turn.send(kB, raw("tick")); }});
  bool busy = false;
  play(system, kB, handles_until(busy));
  ASSERT_TRUE(system.send(kA, raw("go")));
  expect_its_own_after_a_thousand(system, busy);
}

TEST(Distance, of_an_outcome_that_is_none_is_that_of_its_request) {
  // A asks, its request times out, and it asks again, for ever.
  TestSystem system;
  const auto ask_again = [](Turn& turn) -> Result<void> {
    AIRSSYS_TRY(turn.request(kB, raw("q"), 1ms, Tag{1}));
    return turn.send(kC, raw("asked"));
  };
  play(system, kB, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  bool busy = false;
  play(system, kC, handles_until(busy));
  play(system, kA,
       {.on_message = [ask_again](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(ask_again(turn));
          return done();
        },
        .on_reply = [ask_again](Turn& turn, const OutcomeView&) { return ask_again(turn); }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  expect_its_own_after_a_thousand(system, busy);
}

TEST(OwnRequests, of_timers_hold_no_drain_up_and_are_not_missed) {
  TestSystem system;
  play(system, kB, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  play(system, kA,
       {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.arm(Tag{1}, 10ms, 10ms));
          return done();
        },
        .on_reply = [](Turn&, const OutcomeView&) -> Result<void> { return {}; },
        .on_timer = [](Turn& turn, const actor::Firing&) -> Result<void> {
          AIRSSYS_TRY(turn.request(kB, raw("q"), 500ms, Tag{2}));
          return {};
        }});
  ASSERT_TRUE(system.post(kA, raw("go")));
  system.advance(100ms);
  EXPECT_FALSE(system.assembly().owes_nothing()) << "what was asked before the end follows from the message";
  system.begin_end();
  system.advance(600ms);
  EXPECT_TRUE(system.assembly().owes_nothing()) << "it goes on asking, and nobody waits for that";
  system.order_stop();
  system.settle();
  EXPECT_EQ(left(system).unanswered, 0U);
}

TEST(OrderedStop, is_not_taken_back_by_a_restart_that_comes_before_it_is_done) {
  TestSystem system;
  play(system, kA, {});
  ASSERT_TRUE(system.assembly().actors().stop(kA.text()));
  const auto again = system.assembly().actors().restart(kA.text());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::unavailable);
  EXPECT_EQ(again.error().message(), "test/a/1 is being stopped: restart it when it has");
  system.settle();
  EXPECT_FALSE(system.info(kA));
}

}  // namespace
}  // namespace airssys::contract
