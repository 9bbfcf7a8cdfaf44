// Requests that lead to requests: trace and deadline are taken along and come back, whoever dies in between.

#include <gtest/gtest.h>

#include <map>

#include "airssys/actor/transaction.hpp"
#include "script_actor.hpp"

namespace airssys::contract {
namespace {

/// Asks B for each message and writes down what became of it.
Script asker(std::string& outcomes, std::chrono::milliseconds timeout) {
  return {.on_message = [timeout](Turn& turn, const MessageView& message) -> Result<Response> {
            AIRSSYS_TRY(turn.request(kB, raw(message.text()), timeout, Tag{7}));
            return done();
          },
          .on_reply = [&outcomes](Turn&, const OutcomeView& outcome) -> Result<void> {
            outcomes += words(*outcome.outcome) + "; ";
            return {};
          }};
}

/// Asks C, and answers with what C said. "die" kills it.
Script middle(std::chrono::milliseconds timeout, std::string* outcomes = nullptr) {
  return {
      .on_message = [timeout](Turn& turn, const MessageView& message) -> Result<Response> {
        if (message.text() == "die") return fail(ErrorCode::internal);
        AIRSSYS_TRY(turn.request(kC, raw(message.text()), timeout, Tag{core::to_number(message.id)}));
        return later();
      },
      .on_reply = [outcomes](Turn& turn, const OutcomeView& outcome) -> Result<void> {
        if (outcomes != nullptr) *outcomes += words(*outcome.outcome) + "; ";
        const core::MessageId asked{core::to_number(outcome.tag)};
        if (*outcome.outcome) {
          AIRSSYS_TRY(turn.answer(asked, **outcome.outcome));
        } else {
          AIRSSYS_TRY(turn.answer(asked, std::unexpected(core::Failure{core::FailureKind::rejected, words(*outcome.outcome)})));
        }
        return {};
      }};
}

TEST(Chain, brings_the_last_ones_answer_back_to_the_first) {
  TestSystem system;
  std::string outcomes;
  play(system, kC, {.on_message = [](Turn&, const MessageView& message) -> Result<Response> {
         return reply(raw("c says " + std::string(message.text())));
       }});
  play(system, kB, middle(1s));
  play(system, kA, asker(outcomes, 5s));
  ASSERT_TRUE(system.send(kA, raw("x")));
  EXPECT_EQ(outcomes, "reply c says x; ");
  EXPECT_TRUE(system.idle());
}

TEST(Chain, whose_last_one_dies_says_that_it_did_not_act) {
  TestSystem system;
  std::string outcomes;
  play(system, kC, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return fail(ErrorCode::internal); }});
  play(system, kB, middle(1s));
  play(system, kA, asker(outcomes, 5s));
  ASSERT_TRUE(system.send(kA, raw("x")));
  EXPECT_EQ(outcomes, "answered rejected: failed internal: on purpose; ");
}

TEST(Chain, whose_last_one_dies_after_it_put_the_answer_off_is_interrupted) {
  TestSystem system;
  std::string outcomes;
  play(system, kC, {.on_message = [](Turn&, const MessageView& message) -> Result<Response> {
         if (message.kind == core::MessageKind::request) return later();
         return fail(ErrorCode::internal);
       }});
  play(system, kB, middle(1s));
  play(system, kA, asker(outcomes, 5s));
  ASSERT_TRUE(system.send(kA, raw("x")));
  ASSERT_TRUE(system.send(kC, raw("die")));
  EXPECT_EQ(outcomes, "answered rejected: interrupted; ");
}

TEST(Chain, whose_middle_dies_is_interrupted_and_the_last_ones_answer_goes_to_the_dead_letters) {
  TestSystem system;
  std::string outcomes;
  core::MessageId asked{};
  play(system, kC, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.kind == core::MessageKind::request) {
           asked = message.id;
           return later();
         }
         AIRSSYS_TRY(turn.answer(asked, raw("too late")));
         return done();
       }});
  play(system, kB, middle(1s));
  play(system, kA, asker(outcomes, 5s));
  ASSERT_TRUE(system.send(kA, raw("x")));
  ASSERT_TRUE(system.send(kB, raw("die")));
  EXPECT_EQ(outcomes, "interrupted; ");
  system.advance(10s);
  ASSERT_TRUE(system.send(kC, raw("answer")));
  EXPECT_EQ(outcomes, "interrupted; ") << "one outcome";
  EXPECT_EQ(system.dead_letters().back().body.text(), "too late");
  EXPECT_EQ(system.dead_letters().back().reason, actor::DeadReason::orphaned_reply);
  EXPECT_TRUE(system.idle());
}

TEST(Chain, whose_first_one_stops_waiting_ends_in_a_timeout_and_late_answers_harm_nobody) {
  TestSystem system;
  std::string outcomes;
  std::string at_b;
  core::MessageId asked{};
  play(system, kC, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.kind == core::MessageKind::request) {
           asked = message.id;
           return later();
         }
         AIRSSYS_TRY(turn.answer(asked, raw("too late")));
         return done();
       }});
  play(system, kB, middle(10s, &at_b));
  play(system, kA, asker(outcomes, 100ms));
  ASSERT_TRUE(system.send(kA, raw("x")));
  system.advance(100ms);
  EXPECT_EQ(outcomes, "timeout; ");
  EXPECT_EQ(at_b, "timeout; ") << "its request was bounded by the first one's deadline";
  ASSERT_TRUE(system.send(kC, raw("answer")));
  EXPECT_EQ(outcomes, "timeout; ");
  EXPECT_EQ(at_b, "timeout; ");
  EXPECT_TRUE(system.idle());
}

TEST(Chain, gives_a_reply_handler_the_deadline_of_the_turn_that_asked_not_of_the_request) {
  TestSystem system;
  std::string outcomes;
  std::vector<std::chrono::milliseconds> left;
  play(system, kC, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  Script script = middle(200ms);
  script.on_reply = [&](Turn& turn, const OutcomeView& outcome) -> Result<void> {
    left.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(actor::Transaction::of(turn).deadline() -
                                                                         actor::Transaction::of(turn).now()));
    AIRSSYS_TRY(turn.answer(core::MessageId{core::to_number(outcome.tag)}, raw(words(*outcome.outcome))));
    return {};
  };
  play(system, kB, script);
  play(system, kA, asker(outcomes, 1s));
  ASSERT_TRUE(system.send(kA, raw("x")));
  system.advance(5s);
  EXPECT_EQ(outcomes, "reply timeout; ");
  EXPECT_EQ(left, std::vector<std::chrono::milliseconds>{800ms});
}

TEST(Chain, of_two_actors_that_ask_each_other_does_not_lock) {
  TestSystem system;
  std::string outcomes;
  const auto both = [&](const Address& other) {
    return Script{.on_message = [&, other](Turn& turn, const MessageView& message) -> Result<Response> {
                    if (message.text() == "leaf") return reply(raw("leaf of " + turn.self().text()));
                    AIRSSYS_TRY(turn.request(other, raw("leaf"), 1s, Tag{core::to_number(message.id)}));
                    return message.kind == core::MessageKind::request ? later() : done();
                  },
                  .on_reply = [&](Turn&, const OutcomeView& outcome) -> Result<void> {
                    outcomes += words(*outcome.outcome) + "; ";
                    return {};
                  }};
  };
  play(system, kA, both(kB));
  play(system, kB, both(kA));
  ASSERT_TRUE(system.post(kA, raw("go")));
  ASSERT_TRUE(system.post(kB, raw("go")));
  system.settle();
  EXPECT_TRUE(outcomes == "reply leaf of test/b/1; reply leaf of test/a/1; " ||
              outcomes == "reply leaf of test/a/1; reply leaf of test/b/1; ")
      << outcomes;
}

// ---- traces

/// "actor turn <- actor turn": each recorded turn with the one that caused it.
std::string tree(const TestSystem& system) {
  std::map<std::uint64_t, std::string> names;
  for (const auto& record : system.traces()) {
    names[record.trace.span] = record.actor.substr(5, 1) + " " + std::string(record.turn);
  }
  std::string text;
  for (const auto& record : system.traces()) {
    if (record.turn == "initialize") continue;
    const auto parent = names.find(record.parent_span);
    text += names[record.trace.span] + " <- " + (parent == names.end() ? "host" : parent->second) + "; ";
  }
  return text;
}

TEST(Trace, follows_sends_requests_replies_timers_and_events_without_any_help) {
  TestSystem system;
  std::string outcomes;
  play(system, kC, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return reply(raw("r")); }});
  Script script = middle(1s);
  const auto on_message = script.on_message;
  script.on_message = [on_message](Turn& turn, const MessageView& message) -> Result<Response> {
    if (message.kind == core::MessageKind::event) return done();
    AIRSSYS_TRY(turn.arm(Tag{1}, 10ms));
    return on_message(turn, message);
  };
  script.on_timer = [](Turn& turn, const actor::Firing&) -> Result<void> { return turn.publish("t", raw("x")); };
  play(system, kB, script);
  play(system, kA, asker(outcomes, 5s));
  system.subscribe({.topic = *security::TopicPattern::parse("t"), .actors = kB});
  ASSERT_TRUE(system.send(kA, raw("x")));
  system.advance(1s);
  EXPECT_EQ(tree(system),
            "a handle-message <- host; b handle-message <- a handle-message; c handle-message <- b handle-message; "
            "b handle-reply <- c handle-message; a handle-reply <- b handle-reply; b handle-timer <- b handle-message; "
            "b handle-message <- b handle-timer; ");
  std::vector<core::TraceContext> traces;
  for (const auto& record : system.traces()) {
    if (record.turn != "initialize") traces.push_back(record.trace);
  }
  for (const core::TraceContext& trace : traces) EXPECT_TRUE(trace.is_same_trace(traces[0]));
}

TEST(Trace, of_something_that_never_ends_is_recorded_for_a_while_only) {
  TestSystem system;
  int turns = 0;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         if (++turns < 1000) AIRSSYS_TRY(turn.send(kA, raw(message.text())));
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("x")));
  EXPECT_EQ(turns, 1000);
  std::size_t recorded = 0;
  for (const auto& record : system.traces()) recorded += record.turn == "handle-message" ? 1U : 0U;
  EXPECT_EQ(recorded, core::TraceContext::kTurns);
}

TEST(Trace, of_something_that_multiplies_is_recorded_as_far_as_its_number_of_turns_goes) {
  TestSystem system;
  int turns = 0;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         for (int i = 0; i < 20; ++i) AIRSSYS_TRY(turn.send(kB, raw("x")));
         return done();
       }});
  play(system, kB, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         for (int i = 0; i < 20; ++i) AIRSSYS_TRY(turn.send(kC, raw("x")));
         return done();
       }});
  play(system, kC, {.on_message = [&](Turn&, const MessageView&) -> Result<Response> {
         ++turns;
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("x")));
  EXPECT_EQ(turns, 400);
  std::map<std::string, int> recorded;
  for (const auto& record : system.traces()) recorded[record.actor] += record.turn == "handle-message" ? 1 : 0;
  EXPECT_EQ(recorded[std::string(kA.text())], 1);
  EXPECT_EQ(recorded[std::string(kB.text())], 20) << "the nearest first";
  EXPECT_EQ(recorded[std::string(kC.text())], core::TraceContext::kTurns - 21);
}

TEST(Trace, of_an_actor_that_starts_over_and_over_leaves_those_that_others_begin) {
  TestSystem system;
  system.advance(200ms);  // begins within one of the seconds that are counted, not at its end
  play(system, kA, {.on_start = [](Turn&, const core::Start&) -> Result<void> { return fail(ErrorCode::internal); }},
       {.restart = core::RestartPolicy{.max_restarts = 1'000, .backoff = 1ms, .backoff_max = 1ms}});
  system.advance(100ms);
  EXPECT_GT(system.crashes().size(), 30U);
  play(system, kB, {});
  std::map<std::string, int> begun;
  for (const auto& record : system.traces()) ++begun[record.actor];
  EXPECT_EQ(begun[std::string(kA.text())], 5);
  EXPECT_EQ(begun[std::string(kB.text())], 1);
}

TEST(Trace, tells_a_guest_its_own_span_in_the_form_of_w3c) {
  TestSystem system;
  std::string first;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         const auto text = actor::Transaction::of(turn).trace().traceparent();
         first = std::string(text.data(), text.size());
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("x")));
  ASSERT_EQ(first.size(), 55U);
  EXPECT_EQ(first.substr(0, 3), "00-");
  EXPECT_EQ(first.substr(52), "-01") << "recorded";
}

// ---- timers

TEST(Timer, whose_turn_is_busy_comes_again_instead_of_being_lost) {
  TestSystem system;
  int fired = 0;
  play(system, kA,
       {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.arm(Tag{1}, 10ms));
          return done();
        },
        .on_timer = [&](Turn&, const actor::Firing&) -> Result<void> {
          if (++fired < 3) return fail(ErrorCode::busy);
          return {};
        }});
  ASSERT_TRUE(system.send(kA, raw("x")));
  system.advance(1s);
  EXPECT_EQ(fired, 3);
  EXPECT_TRUE(system.idle());
}

TEST(Timer, armed_again_and_again_in_one_turn_is_one_change) {
  TestSystem system;
  int fired = 0;
  std::string said;
  play(system, kA,
       {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
          for (int i = 0; i < 10'000; ++i) AIRSSYS_TRY(turn.arm(Tag{1}, std::chrono::milliseconds(i + 1)));
          said += turn.disarm(Tag{1}) ? "armed; " : "not armed; ";
          said += turn.disarm(Tag{1}) ? "armed; " : "not armed; ";
          AIRSSYS_TRY(turn.arm(Tag{1}, 5ms));
          AIRSSYS_TRY(turn.arm(Tag{2}, 5ms));
          said += turn.arm(Tag{3}, 5ms) ? "third; " : "no third; ";
          return done();
        },
        .on_timer = [&](Turn&, const actor::Firing&) -> Result<void> {
          ++fired;
          return {};
        }},
       {.limits = core::Limits{.timers = 2}});
  ASSERT_TRUE(system.send(kA, raw("x")));
  system.advance(1s);
  EXPECT_EQ(said, "armed; not armed; no third; ");
  EXPECT_EQ(fired, 2);
}

// ---- host senders

TEST(HostSender, sends_once_for_each_key) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kA));
  const auto sender = system.assembly().open_sender("test/outside/1"_address);
  ASSERT_TRUE(sender);
  ASSERT_TRUE(system.grant({.from = "test/outside/1"_pattern, .to = kA, .allow = {security::Verb::send}}));
  const auto first = (*sender)->send_once("order-7", kA.text(), raw("x"));
  const auto again = (*sender)->send_once("order-7", kA.text(), raw("x"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first, again);
  EXPECT_FALSE((*sender)->send_once("order-7", kA.text(), raw("y"))) << "another message";
  ASSERT_TRUE((*sender)->send_once("order-8", kA.text(), raw("x")));
  system.settle();
  EXPECT_EQ(system.sent_to(kA).size(), 2U);
}

TEST(HostSender, that_was_refused_may_use_its_key_again) {
  TestSystem system;
  const auto sender = system.assembly().open_sender("test/outside/1"_address);
  ASSERT_TRUE(sender);
  ASSERT_TRUE(system.grant({.from = "test/outside/1"_pattern, .to = kA, .allow = {security::Verb::send}}));
  EXPECT_EQ((*sender)->send_once("k", kA.text(), raw("x")).error().kind, core::SendErrorKind::not_found);
  ASSERT_TRUE(system.listen(kA));
  EXPECT_TRUE((*sender)->send_once("k", kA.text(), raw("x")));
  system.settle();
  EXPECT_EQ(system.sent_to(kA).size(), 1U);
}

// ---- fair share

TEST(Share, of_a_mailbox_leaves_room_for_others_when_one_sender_floods_it) {
  TestSystem system;
  std::string said;
  play(system, kC, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return fail(ErrorCode::busy); }},
       {.limits = core::Limits{.mailbox_messages = 100}});
  const auto flood = [&](int count) {
    return Script{.on_message = [&, count](Turn& turn, const MessageView&) -> Result<Response> {
      int sent = 0;
      while (sent < count && turn.send(kC, raw("x"))) ++sent;
      said += turn.self().text().substr(5, 1) + std::to_string(sent) + " ";
      return done();
    }};
  };
  play(system, kA, flood(1000));
  play(system, kB, flood(10));
  ASSERT_TRUE(system.send(kA, raw("go")));
  ASSERT_TRUE(system.send(kB, raw("go")));
  EXPECT_EQ(said, "a50 b10 ");
}

TEST(Share, makes_a_busy_sender_wait_for_its_own_part_and_nothing_is_lost) {
  TestSystem system;
  int handled = 0;
  bool open = false;
  play(system, kC, {.on_message = [&](Turn&, const MessageView&) -> Result<Response> {
         if (!open) return fail(ErrorCode::busy);
         ++handled;
         return done();
       }},
       {.limits = core::Limits{.mailbox_messages = 100}});
  play(system, kA, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         for (int i = 0; i < 10; ++i) {
           if (!turn.send(kC, raw("x"))) return fail(ErrorCode::busy);
         }
         return done();
       }});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(system.post(kA, raw("ten")));
  system.advance(1s);
  EXPECT_EQ(system.info(kC)->mailbox_messages, 50U);
  open = true;
  system.advance(5s);
  EXPECT_EQ(handled, 200);
  EXPECT_TRUE(system.idle());
  EXPECT_EQ(system.info(kC)->mailbox_messages, 0U);
}

}  // namespace
}  // namespace airssys::contract
