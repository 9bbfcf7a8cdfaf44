// What is withdrawn leaves nothing behind, and what one kind of turn brings does not starve the others.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "airssys/actor/transaction.hpp"
#include "script_actor.hpp"

namespace airssys::contract {
namespace {

actor::ActorRef cell_of(TestSystem& system, const Address& address) {
  return system.assembly().actors().registry().find(address.text());
}
std::size_t alarms(TestSystem& system) {
  return system.assembly().actors().alarms().size();
}

// ---- alarms and timers --------------------------------------------------------------------------------------------------

TEST(Alarms, are_one_for_each_actor_however_often_it_arms_a_timer_anew) {
  TestSystem system;
  std::chrono::milliseconds delay = std::chrono::hours(24 * 300);
  int turns = 0;
  // Two that play ping-pong, so that each comes to rest in between.
  const auto ping = [&](const Address& other) {
    return Script{.on_message = [&, other](Turn& turn, const MessageView&) -> Result<Response> {
      if (++turns > 2'000) return done();
      delay -= 20ms;
      AIRSSYS_TRY(turn.arm(Tag{1}, delay));
      AIRSSYS_TRY(turn.send(other, raw("x")));
      return done();
    }};
  };
  play(system, kA, ping(kB));
  play(system, kB, ping(kA));
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_GT(turns, 2'000);
  EXPECT_LE(alarms(system), 2U);
  ASSERT_TRUE(system.stop(kA));
  ASSERT_TRUE(system.stop(kB));
  EXPECT_EQ(alarms(system), 0U) << "a stopped actor has none";
}

TEST(Alarms, of_an_actor_with_a_short_period_and_a_long_request_stay_one) {
  TestSystem system;
  int fired = 0;
  play(system, kB, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  play(system, kA,
       {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.request(kB, raw("q"), 23h, Tag{1}));
          AIRSSYS_TRY(turn.arm(Tag{1}, 1ms, 1ms));
          return done();
        },
        .on_timer = [&](Turn&, const actor::Firing&) -> Result<void> {
          ++fired;
          return {};
        }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  system.advance(1s);
  EXPECT_EQ(fired, 1'000);
  EXPECT_EQ(alarms(system), 1U);
}

TEST(Alarms, of_a_timer_that_is_disarmed_are_withdrawn) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.text() == "disarm") {
           EXPECT_TRUE(turn.disarm(Tag{1}));
         } else {
           AIRSSYS_TRY(turn.arm(Tag{1}, 100h));
         }
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("arm")));
  EXPECT_EQ(alarms(system), 1U);
  ASSERT_TRUE(system.send(kA, raw("disarm")));
  EXPECT_EQ(alarms(system), 0U);
  EXPECT_TRUE(cell_of(system, kA)->done());
}

TEST(Timer, of_ever_new_tags_in_one_turn_is_kept_no_more_often_than_its_limit) {
  TestSystem system;
  constexpr std::uint32_t kTimers = 4;
  std::size_t most = 0;
  int refused = 0;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         for (std::uint64_t tag = 1; tag <= 10'000; ++tag) {
           if (!turn.arm(Tag{tag}, 1h)) ++refused;
           if (tag > kTimers) turn.disarm(Tag{tag});
           most = std::max(most, actor::Transaction::of(turn).timer_changes());
         }
         // What is armed goes, what is new comes: both sides of the limit in one turn.
         for (std::uint64_t tag = 1; tag <= kTimers; ++tag) turn.disarm(Tag{tag});
         for (std::uint64_t tag = 1; tag <= kTimers; ++tag) AIRSSYS_TRY(turn.arm(Tag{100 + tag}, 1h));
         most = std::max(most, actor::Transaction::of(turn).timer_changes());
         return done();
       }},
       {.limits = core::Limits{.timers = kTimers}});
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(system.send(kA, raw("go")));
    EXPECT_LE(most, 2 * kTimers);
  }
  EXPECT_GT(refused, 0);
}

// ---- turns for everybody ------------------------------------------------------------------------------------------------

/// Fires again at once, for ever.
Result<void> fire_again(Turn& turn) {
  AIRSSYS_TRY(turn.arm(Tag{1}, 0ms));
  return {};
}

TEST(Timer, that_is_always_due_leaves_messages_their_turn) {
  TestSystem system;
  std::string order;
  play(system, kA,
       {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
          order += message.text();
          if (message.text() == "go") AIRSSYS_TRY(fire_again(turn));
          return done();
        },
        .on_timer = [&](Turn& turn, const actor::Firing&) -> Result<void> {
          order += ".";
          return order.size() < 40 ? fire_again(turn) : Result<void>{};
        }});
  for (const char* text : {"go", "a", "b", "c"}) ASSERT_TRUE(system.post(kA, raw(text)));
  system.settle();
  EXPECT_TRUE(order.starts_with("go.a.b.c.....")) << order;
}

TEST(Timer, that_is_always_due_leaves_replies_their_turn) {
  TestSystem system;
  std::string order;
  play(system, kB, {});
  play(system, kA,
       {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.request(kB, raw("q"), 1s, Tag{1}));
          AIRSSYS_TRY(fire_again(turn));
          return done();
        },
        .on_reply = [&](Turn&, const OutcomeView&) -> Result<void> {
          order += "reply";
          return {};
        },
        .on_timer = [&](Turn& turn, const actor::Firing&) -> Result<void> {
          order += ".";
          return order.find("reply") == order.npos && order.size() < 10'000 ? fire_again(turn) : Result<void>{};
        }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_TRUE(order.find("reply") != order.npos) << order.size();
}

TEST(Outcome, that_ran_out_of_time_leaves_messages_and_timers_their_turn) {
  TestSystem system;
  std::string order;
  play(system, kB, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  play(system, kA,
       {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
          order += message.text();
          if (message.text() != "go") return done();
          for (std::uint64_t tag = 1; tag <= 4; ++tag) AIRSSYS_TRY(turn.request(kB, raw("q"), 1s, Tag{tag}));
          for (std::uint64_t tag = 1; tag <= 2; ++tag) AIRSSYS_TRY(turn.arm(Tag{tag}, 1s));
          return done();
        },
        .on_reply = [&](Turn& turn, const OutcomeView&) -> Result<void> {
          order += "t";
          AIRSSYS_TRY(turn.send(kA, raw("m")));
          return {};
        },
        .on_timer = [&](Turn&, const actor::Firing&) -> Result<void> {
          order += ".";
          return {};
        }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  system.advance(1s);
  EXPECT_EQ(order, "gotm.tm.tmtm");
}

// ---- requests -----------------------------------------------------------------------------------------------------------

TEST(Request, that_is_cancelled_when_its_reply_is_here_keeps_its_place_until_the_reply_is_taken) {
  TestSystem system;
  int asked = 0;
  int refused = 0;
  int cancelled = 0;
  std::vector<core::MessageId> open;
  const auto ask_four = [&](Turn& turn) -> Result<void> {
    for (int i = 0; i < 4; ++i) {
      const auto id = turn.request(kB, raw("q"), 1h, Tag{1});
      if (id) open.push_back(*id);
      ++(id ? asked : refused);
    }
    return {};
  };
  play(system, kB, {});
  // "hold" stays at the head of the mailbox, and the replies behind it.
  play(system, kA,
       {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
          if (message.text() == "hold") return fail(ErrorCode::busy);
          AIRSSYS_TRY(turn.arm(Tag{1}, 10ms, 10ms));
          AIRSSYS_TRY(ask_four(turn));
          return done();
        },
        .on_timer = [&](Turn& turn, const actor::Firing&) -> Result<void> {
          for (const core::MessageId id : std::exchange(open, {})) cancelled += turn.cancel(id) ? 1 : 0;
          return ask_four(turn);
        }},
       {.limits = core::Limits{.requests = 4}});
  ASSERT_TRUE(system.post(kA, raw("go")));
  ASSERT_TRUE(system.post(kA, raw("hold")));
  system.advance(1s);
  EXPECT_EQ(cancelled, 4);
  EXPECT_EQ(asked, 4) << "four replies lie there, and that is the limit";
  EXPECT_GT(refused, 100);
  EXPECT_EQ(cell_of(system, kA)->correspondence().open_requests(), 0U);
  // After 30 s the head is given up, and what lay behind it is taken.
  system.advance(31s);
  EXPECT_GT(asked, 4);
}

/// Defers every request; `answered` says how many it could take on.
Script debtor(int& deferred) {
  return {.on_message = [&deferred](Turn&, const MessageView&) -> Result<Response> {
    ++deferred;
    return later();
  }};
}

TEST(Answer, that_nobody_waits_for_any_more_is_not_owed_and_gives_its_place_back) {
  TestSystem system;
  int deferred = 0;
  std::string outcomes;
  core::MessageId last{};
  play(system, kB, debtor(deferred), {.limits = core::Limits{.deferred = 4}});
  play(system, kA,
       {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
          if (message.text() == "die") return fail(ErrorCode::internal);
          if (message.text() == "cancel") {
            EXPECT_TRUE(turn.cancel(last));
          } else {
            last = *turn.request(kB, raw("q"), 1s, Tag{1});
          }
          return done();
        },
        .on_reply = [&](Turn&, const OutcomeView& outcome) -> Result<void> {
          outcomes += words(*outcome.outcome) + "; ";
          return {};
        }});
  const auto owed = [&] { return cell_of(system, kB)->correspondence().owed_answers(); };
  const auto ask = [&](int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(system.send(kA, raw("ask")));
  };
  // Out of time.
  ask(4);
  EXPECT_EQ(owed(), 4U);
  EXPECT_FALSE(system.idle()) << "four wait for an answer";
  system.advance(2s);
  EXPECT_EQ(owed(), 0U);
  EXPECT_TRUE(system.idle());
  EXPECT_EQ(outcomes, "timeout; timeout; timeout; timeout; ");
  // Cancelled.
  ask(4);
  ASSERT_TRUE(system.send(kA, raw("cancel")));
  EXPECT_EQ(owed(), 3U);
  ask(1);
  EXPECT_EQ(owed(), 4U);
  // Its requester has died.
  ASSERT_TRUE(system.send(kA, raw("die")));
  EXPECT_EQ(owed(), 0U);
  system.advance(1s);
  ask(4);
  // Its requester has stopped.
  ASSERT_TRUE(system.stop(kA));
  EXPECT_EQ(owed(), 0U);
  // Asked from outside.
  EXPECT_EQ(contract::ask(system, kB, "q", 1s), "timeout");
  EXPECT_EQ(owed(), 0U);
  EXPECT_EQ(deferred, 14) << "none was refused";
  EXPECT_TRUE(system.idle());
}

TEST(Answer, that_nobody_waits_for_any_more_goes_to_the_dead_letters_for_the_last_of_them) {
  TestSystem system;
  int deferred = 0;
  std::vector<core::MessageId> asked;
  Script late = debtor(deferred);
  late.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
    if (message.kind == core::MessageKind::request) {
      asked.push_back(message.id);
      return later();
    }
    for (const core::MessageId id : asked) EXPECT_FALSE(turn.answer(id, raw("late")).value_or(true));
    EXPECT_FALSE(turn.answer(core::MessageId{0}, raw("to nobody")).value_or(true));
    return done();
  };
  play(system, kB, late);
  play(system, kA, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         AIRSSYS_TRY(turn.request(kB, raw("q"), 1s, Tag{1}));
         return done();
       }});
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(system.send(kA, raw("ask")));
  system.advance(2s);
  ASSERT_TRUE(system.send(kB, raw("answer")));
  EXPECT_EQ(system.dead_letters().size(), 256U) << "those that came last; what is kept for it is bounded";
  ASSERT_TRUE(system.send(kB, raw("again")));
  EXPECT_EQ(system.dead_letters().size(), 256U);
}

TEST(Answer, that_is_withdrawn_in_the_turn_that_gives_it_is_not_owed_again_when_that_fails) {
  TestSystem system;
  core::MessageId asked{};
  play(system, kB, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.kind == core::MessageKind::request) {
           asked = message.id;
           return later();
         }
         EXPECT_TRUE(turn.answer(asked, raw("now")));
         return message.text() == "fail" ? Result<Response>(fail(ErrorCode::rejected)) : Result<Response>(done());
       }});
  play(system, kA, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         AIRSSYS_TRY(turn.request(kB, raw("q"), 1s, Tag{1}));
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("ask")));
  system.advance(2s);
  ASSERT_TRUE(system.send(kB, raw("fail")));
  EXPECT_EQ(cell_of(system, kB)->correspondence().owed_answers(), 0U);
  EXPECT_TRUE(system.idle());
}

// ---- deaths -------------------------------------------------------------------------------------------------------------

TEST(Supervision, knows_who_has_died_and_lives_and_nobody_else) {
  TestSystem system;
  const auto play_mortal = [&system](const Address& address, std::uint32_t max_restarts) {
    play(system, address, {.on_message = [](Turn&, const MessageView& message) -> Result<Response> {
           return message.text() == "die" ? Result<Response>(fail(ErrorCode::internal)) : Result<Response>(done());
         }},
         {.restart = core::RestartPolicy{.max_restarts = max_restarts}});
  };
  const auto& usual = *system.assembly().actors().supervisors().get("", {});
  const auto severe = system.assembly().actors().supervisors().get("", {.max_restarts = 1});
  play_mortal(kA, core::RestartPolicy{}.max_restarts);
  play_mortal(kB, 1);
  for (const Address& address : {kA, kB}) ASSERT_TRUE(system.send(address, raw("live")));
  EXPECT_EQ(usual.remembered() + severe->remembered(), 0U);
  for (const Address& address : {kA, kB}) ASSERT_TRUE(system.send(address, raw("die")));
  system.advance(1s);
  EXPECT_EQ(usual.remembered(), 1U);
  EXPECT_EQ(severe->remembered(), 1U);
  ASSERT_TRUE(system.send(kB, raw("die")));
  system.advance(1s);
  ASSERT_FALSE(system.info(kB));
  EXPECT_EQ(severe->remembered(), 0U) << "one that gave up is done with";
  ASSERT_TRUE(system.stop(kA));
  EXPECT_EQ(usual.remembered(), 0U) << "and one that was stopped";
}

// ---- idle and done ------------------------------------------------------------------------------------------------------

TEST(Idle, means_that_nothing_is_owed_now_whatever_timers_are_armed) {
  TestSystem system;
  const auto arm = [](std::chrono::milliseconds delay, std::optional<std::chrono::milliseconds> period) {
    return Script{.on_start = [=](Turn& turn, const core::Start&) -> Result<void> { return turn.arm(Tag{1}, delay, period); }};
  };
  play(system, kA, arm(1s, 1s));
  EXPECT_TRUE(system.idle());
  EXPECT_TRUE(system.assembly().done()) << "a periodic timer never ends, so it promises nothing";
  play(system, kB, arm(1s, std::nullopt));
  EXPECT_TRUE(system.idle());
  EXPECT_FALSE(system.assembly().done());
  system.advance(1s);
  EXPECT_TRUE(system.assembly().done());
}

TEST(Idle, is_an_actor_that_waits_for_its_restart_but_not_with_messages) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return fail(ErrorCode::internal); }},
       {.restart = core::RestartPolicy{.max_restarts = 5, .window = 60s, .backoff = 1s, .backoff_max = 1s}});
  ASSERT_TRUE(system.send(kA, raw("die")));
  EXPECT_TRUE(system.idle());
  EXPECT_FALSE(system.assembly().done()) << "a restart is due";
  ASSERT_TRUE(system.send(kA, raw("die later")));
  EXPECT_FALSE(system.idle());
  system.advance(5s);
  EXPECT_TRUE(system.assembly().done());
}

TEST(Idle, is_nobody_whose_outcome_was_put_off) {
  TestSystem system;
  bool busy = true;
  play(system, kB, {});
  play(system, kA,
       {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.request(kB, raw("q"), 1s, Tag{1}));
          return done();
        },
        .on_reply = [&](Turn&, const OutcomeView&) -> Result<void> {
          if (busy) return fail(ErrorCode::busy);
          return {};
        }});
  ASSERT_TRUE(system.send(kA, raw("ask")));
  EXPECT_FALSE(system.idle());
  busy = false;
  system.advance(1s);
  EXPECT_TRUE(system.idle());
}

}  // namespace
}  // namespace airssys::contract
