// A request has exactly one outcome, whatever races.

#include <gtest/gtest.h>

#include "script_actor.hpp"

namespace airssys::contract {
namespace {

const Address kAsker = "test/asker/1"_address;
const Address kAsked = "test/asked/1"_address;
const Address kThird = "test/third/1"_address;

/// An asker that requests `kAsked` for each message and writes down every outcome.
Script asker(std::string& outcomes, std::chrono::milliseconds timeout = 1s) {
  return {.on_message = [&outcomes, timeout](Turn& turn, const MessageView& message) -> Result<Response> {
            if (message.text() == "die") return fail(ErrorCode::internal);
            const auto asked = turn.request(kAsked, raw(message.text()), timeout, Tag{message.text().size()});
            if (!asked) outcomes += std::string(core::name_of(asked.error().code())) + "; ";
            return done();
          },
          .on_reply = [&outcomes](Turn&, const OutcomeView& outcome) -> Result<void> {
            outcomes += std::to_string(core::to_number(outcome.tag)) + " " + words(*outcome.outcome) + "; ";
            return {};
          }};
}

TEST(Request, brings_the_reply_with_its_tag) {
  TestSystem system;
  std::string outcomes;
  play(system, kAsked, {.on_message = [](Turn&, const MessageView& message) -> Result<Response> {
         return reply(raw("re " + std::string(message.text())));
       }});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("abc")));
  system.advance(10s);
  EXPECT_EQ(outcomes, "3 reply re abc; ");
  EXPECT_TRUE(system.idle());
}

TEST(Request, answered_with_done_is_an_empty_reply) {
  TestSystem system;
  std::string outcomes;
  play(system, kAsked, {});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  EXPECT_EQ(outcomes, "1 reply ; ");
}

TEST(Request, whose_turn_fails_says_that_the_target_did_not_act) {
  for (const auto& [code, word] : {std::pair(ErrorCode::rejected, "rejected"), std::pair(ErrorCode::invalid, "invalid"),
                                   std::pair(ErrorCode::internal, "internal")}) {
    TestSystem system;
    std::string outcomes;
    play(system, kAsked, {.on_message = [code](Turn&, const MessageView&) -> Result<Response> { return fail(code, "no"); }});
    play(system, kAsker, asker(outcomes));
    ASSERT_TRUE(system.send(kAsker, raw("a")));
    EXPECT_EQ(outcomes, "1 failed " + std::string(word) + ": no; ");
    EXPECT_TRUE(system.dead_letters().empty()) << "its requester knows";
  }
}

TEST(Request, without_an_answer_times_out_once_and_a_late_answer_is_counted) {
  TestSystem system;
  std::string outcomes;
  core::MessageId asked{};
  play(system, kAsked, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.kind == core::MessageKind::request) {
           asked = message.id;
           return later();
         }
         outcomes += turn.answer(asked, raw("late")).value_or(true) ? "waited; " : "nobody waits; ";
         return done();
       }});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  system.advance(999ms);
  EXPECT_EQ(outcomes, "");
  system.advance(1ms);
  EXPECT_EQ(outcomes, "1 timeout; ");
  ASSERT_TRUE(system.send(kAsked, raw("answer now")));
  EXPECT_EQ(outcomes, "1 timeout; nobody waits; ");
  EXPECT_EQ(system.stats().service.timeouts, 1U);
  EXPECT_EQ(system.stats().responses.orphaned, 1U);
  EXPECT_TRUE(system.idle());
}

TEST(Request, past_its_deadline_is_not_run) {
  TestSystem system;
  std::string outcomes;
  int ran = 0;
  // The asked one crashes on its first message and comes back only after the second one's deadline.
  play(system, kAsked, {.on_message = [&](Turn&, const MessageView& message) -> Result<Response> {
         if (message.text() == "crash") return fail(ErrorCode::internal);
         ++ran;
         return done();
       }},
       {.restart = core::RestartPolicy{.max_restarts = 5, .window = 60s, .backoff = 5s, .backoff_max = 5s}});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsked, raw("crash")));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  system.advance(20s);
  EXPECT_EQ(outcomes, "1 timeout; ");
  EXPECT_EQ(ran, 0);
}

TEST(Request, deferred_is_answered_in_a_later_turn) {
  TestSystem system;
  std::string outcomes;
  core::MessageId asked{};
  play(system, kThird, {.on_message = [](Turn&, const MessageView& message) -> Result<Response> {
         return reply(raw("third " + std::string(message.text())));
       }});
  play(system, kAsked,
       {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
          asked = message.id;
          AIRSSYS_TRY(turn.request(kThird, raw(message.text()), 500ms, Tag{1}));
          return later();
        },
        .on_reply = [&](Turn& turn, const OutcomeView& outcome) -> Result<void> {
          AIRSSYS_TRY(turn.answer(asked, **outcome.outcome));
          return {};
        }});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  EXPECT_EQ(outcomes, "1 reply third a; ");
  EXPECT_TRUE(system.idle());
}

TEST(Request, deferred_by_an_actor_that_dies_is_interrupted) {
  TestSystem system;
  std::string outcomes;
  play(system, kAsked, {.on_message = [](Turn&, const MessageView& message) -> Result<Response> {
         if (message.kind == core::MessageKind::request) return later();
         return fail(ErrorCode::internal);
       }});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  ASSERT_TRUE(system.send(kAsked, raw("die")));
  system.advance(10s);
  EXPECT_EQ(outcomes, "1 interrupted; ");
}

TEST(Request, to_an_actor_that_stops_ends_as_target_gone) {
  TestSystem system;
  std::string outcomes;
  play(system, kAsked, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  ASSERT_TRUE(system.stop(kAsked));
  system.advance(10s);
  EXPECT_EQ(outcomes, "1 target-gone; ");
}

TEST(Request, of_an_actor_that_died_ends_with_it) {
  TestSystem system;
  std::string outcomes;
  core::MessageId asked{};
  play(system, kAsked, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.kind == core::MessageKind::request) {
           asked = message.id;
           return later();
         }
         outcomes += turn.answer(asked, raw("x")).value_or(true) ? "waited; " : "nobody waits; ";
         return done();
       }});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  ASSERT_TRUE(system.send(kAsker, raw("die")));
  system.advance(10s);
  ASSERT_TRUE(system.send(kAsked, raw("answer now")));
  system.advance(10s);
  EXPECT_EQ(outcomes, "nobody waits; ");
  EXPECT_TRUE(system.idle());
}

TEST(Request, cancelled_has_no_outcome) {
  TestSystem system;
  std::string outcomes;
  core::MessageId id{};
  play(system, kAsked, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  play(system, kAsker,
       {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
          if (message.text() == "ask") {
            id = *turn.request(kAsked, raw("x"), 1s, Tag{1});
          } else {
            outcomes += turn.cancel(id) ? "cancelled; " : "unknown; ";
          }
          return done();
        },
        .on_reply = [&](Turn&, const OutcomeView& outcome) -> Result<void> {
          outcomes += words(*outcome.outcome);
          return {};
        }});
  for (const char* text : {"ask", "cancel", "cancel"}) ASSERT_TRUE(system.send(kAsker, raw(text)));
  system.advance(10s);
  EXPECT_EQ(outcomes, "cancelled; unknown; ");
  EXPECT_EQ(system.stats().service.cancelled, 1U);
}

TEST(Request, cancelled_in_a_turn_that_fails_is_still_open) {
  TestSystem system;
  std::string outcomes;
  core::MessageId id{};
  play(system, kAsked, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  play(system, kAsker,
       {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
          if (message.text() == "ask") {
            id = *turn.request(kAsked, raw("x"), 1s, Tag{1});
            return done();
          }
          turn.cancel(id);
          return fail(ErrorCode::rejected);
        },
        .on_reply = [&](Turn&, const OutcomeView& outcome) -> Result<void> {
          outcomes += words(*outcome.outcome);
          return {};
        }});
  for (const char* text : {"ask", "cancel and fail"}) ASSERT_TRUE(system.send(kAsker, raw(text)));
  system.advance(10s);
  EXPECT_EQ(outcomes, "timeout");
}

TEST(Request, made_in_a_turn_that_fails_was_never_made) {
  TestSystem system;
  int asked = 0;
  int outcomes = 0;
  play(system, kAsked, {.on_message = [&](Turn&, const MessageView&) -> Result<Response> {
         ++asked;
         return done();
       }});
  play(system, kAsker,
       {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.request(kAsked, raw("x"), 1s, Tag{1}));
          return fail(ErrorCode::rejected);
        },
        .on_reply = [&](Turn&, const OutcomeView&) -> Result<void> {
          ++outcomes;
          return {};
        }});
  ASSERT_TRUE(system.send(kAsker, raw("x")));
  system.advance(10s);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(outcomes, 0);
  EXPECT_TRUE(system.idle());
}

TEST(Answer, can_be_given_only_by_the_one_who_was_asked) {
  TestSystem system;
  std::string outcomes;
  core::MessageId asked{};
  play(system, kAsked, {.on_message = [&](Turn&, const MessageView& message) -> Result<Response> {
         asked = message.id;
         return later();
       }});
  play(system, kThird, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         outcomes += turn.answer(asked, raw("forged")).value_or(true) ? "answered; " : "not mine; ";
         return done();
       }});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  ASSERT_TRUE(system.send(kThird, raw("x")));
  system.advance(10s);
  EXPECT_EQ(outcomes, "not mine; 1 timeout; ");
}

TEST(Answer, the_first_one_counts_also_against_the_response) {
  TestSystem system;
  std::string outcomes;
  std::string said;
  play(system, kAsked, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         said += turn.answer(message.id, raw("first")).value_or(false) ? "yes " : "no ";
         said += turn.answer(message.id, raw("second")).value_or(false) ? "yes " : "no ";
         return reply(raw("third"));
       }});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  system.advance(10s);
  EXPECT_EQ(said, "yes no ");
  EXPECT_EQ(outcomes, "1 reply first; ");
}

TEST(Answer, of_a_failure_says_that_the_turn_stands) {
  TestSystem system;
  std::string outcomes;
  play(system, kAsked, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         AIRSSYS_TRY(turn.answer(message.id, std::unexpected(core::Failure{core::FailureKind::rejected, "no such account"})));
         return done();
       }});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  EXPECT_EQ(outcomes, "1 answered rejected: no such account; ");
}

TEST(Answer, in_a_turn_that_fails_was_never_given) {
  TestSystem system;
  std::string outcomes;
  core::MessageId asked{};
  play(system, kAsked, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.kind == core::MessageKind::request) {
           asked = message.id;
           return later();
         }
         AIRSSYS_TRY(turn.answer(asked, raw(message.text())));
         if (message.text() == "undone") return fail(ErrorCode::rejected);
         return done();
       }});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  ASSERT_TRUE(system.send(kAsked, raw("undone")));
  EXPECT_EQ(outcomes, "");
  ASSERT_TRUE(system.send(kAsked, raw("stands")));
  EXPECT_EQ(outcomes, "1 reply stands; ");
}

TEST(Request, beyond_the_limit_of_open_ones_is_refused) {
  TestSystem system;
  std::string outcomes;
  play(system, kAsked, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  play(system, kAsker, asker(outcomes), {.limits = core::Limits{.requests = 2}});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(system.send(kAsker, raw("a")));
  EXPECT_EQ(outcomes, "limit-reached; ");
}

TEST(Request, whose_reply_has_no_room_at_the_requester_says_so) {
  TestSystem system;
  std::string outcomes;
  play(system, kAsked, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return reply(raw("0123456789")); }});
  play(system, kAsker, asker(outcomes), {.limits = core::Limits{.reply_bytes = 9}});
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  EXPECT_EQ(outcomes, "1 reply-refused; ");
  EXPECT_EQ(system.stats().responses.refused, 1U);
}

TEST(Request, with_a_reply_beyond_the_body_limit_is_the_repliers_fault) {
  TestSystem system;
  std::string outcomes;
  play(system, kAsked, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return reply(raw("0123456789")); }},
       {.limits = core::Limits{.body_bytes = 9}});
  play(system, kAsker, asker(outcomes));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  EXPECT_TRUE(outcomes.starts_with("1 failed internal: a reply of 10 bytes")) << outcomes;
}

TEST(Request, with_no_timeout_or_more_than_a_day_is_refused) {
  TestSystem system;
  std::string outcomes;
  play(system, kAsked, {});
  play(system, kAsker, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         for (const auto timeout : {0ms, std::chrono::milliseconds(24h) + 1ms, -5ms}) {
           const auto asked = turn.request(kAsked, raw("x"), timeout, Tag{});
           outcomes += asked ? "asked " : std::string(core::name_of(asked.error().code())) + " ";
         }
         return done();
       }});
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  EXPECT_EQ(outcomes, "invalid invalid invalid ");
}

TEST(Request, made_while_serving_one_is_bounded_by_its_deadline) {
  TestSystem system;
  std::string outcomes;
  std::string inner;
  play(system, kThird, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  play(system, kAsked,
       {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.request(kThird, raw("x"), 1h, Tag{1}));
          return later();
        },
        .on_reply = [&](Turn& turn, const OutcomeView& outcome) -> Result<void> {
          inner = words(*outcome.outcome) + " at " + std::to_string(turn.now_ms() % 1000);
          return {};
        }});
  play(system, kAsker, asker(outcomes, 300ms));
  ASSERT_TRUE(system.send(kAsker, raw("a")));
  system.advance(2s);
  EXPECT_EQ(outcomes, "1 timeout; ");
  EXPECT_EQ(inner, "timeout at 300") << "the inner request ends with the outer one, not after an hour";
}

TEST(Request, replies_and_sends_of_one_pair_arrive_in_the_order_of_their_turns) {
  TestSystem system;
  std::string seen;
  play(system, kAsked, {.on_message = [](Turn& turn, const MessageView& message) -> Result<Response> {
         AIRSSYS_TRY(turn.send(kAsker, raw("s" + std::string(message.text()))));
         return reply(raw("r" + std::string(message.text())));
       }});
  play(system, kAsker,
       {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
          if (message.sender == kAsked.text()) {
            seen += message.text();
          } else {
            for (const char* text : {"1", "2", "3"}) AIRSSYS_TRY(turn.request(kAsked, raw(text), 1s, Tag{}));
          }
          return done();
        },
        .on_reply = [&](Turn&, const OutcomeView& outcome) -> Result<void> {
          seen += (*outcome.outcome)->text();
          return {};
        }});
  ASSERT_TRUE(system.send(kAsker, raw("go")));
  EXPECT_EQ(seen, "s1r1s2r2s3r3");
}

TEST(Outcome, whose_turn_is_busy_comes_again_before_anything_else) {
  TestSystem system;
  std::string seen;
  int refusals = 2;
  play(system, kAsked, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return reply(raw("re")); }});
  play(system, kAsker,
       {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
          seen += std::string(message.text()) + " ";
          if (message.text() == "ask") AIRSSYS_TRY(turn.request(kAsked, raw("x"), 1s, Tag{1}));
          return done();
        },
        .on_reply = [&](Turn&, const OutcomeView& outcome) -> Result<void> {
          if (refusals-- > 0) return fail(ErrorCode::busy);
          seen += words(*outcome.outcome) + " ";
          return {};
        }});
  ASSERT_TRUE(system.send(kAsker, raw("ask")));
  ASSERT_TRUE(system.send(kAsker, raw("after")));
  system.advance(1s);
  EXPECT_EQ(seen, "ask reply re after ");
  EXPECT_TRUE(system.idle());
}

TEST(Outcome, whose_turn_fails_is_in_the_dead_letters) {
  for (const ErrorCode code : {ErrorCode::rejected, ErrorCode::internal, ErrorCode::busy}) {
    TestSystem system;
    play(system, kAsked, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return reply(raw("re")); }});
    play(system, kAsker,
         {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
            AIRSSYS_TRY(turn.request(kAsked, raw("x"), 1s, Tag{1}));
            return done();
          },
          .on_reply = [code](Turn&, const OutcomeView&) -> Result<void> { return fail(code); }});
    ASSERT_TRUE(system.send(kAsker, raw("ask")));
    system.advance(40s);
    ASSERT_EQ(system.dead_letters().size(), 1U) << core::name_of(code);
    EXPECT_EQ(system.dead_letters()[0].body.text(), "re");
    EXPECT_TRUE(system.idle());
  }
}

TEST(HostRequest, gets_the_reply_or_the_reason) {
  TestSystem system;
  play(system, kAsked, {.on_message = [](Turn&, const MessageView& message) -> Result<Response> {
         if (message.text() == "defer") return later();
         return reply(raw("re"));
       }});
  EXPECT_EQ(words(*system.request(kAsked, raw("x"))), "reply re");
  EXPECT_EQ(words(*system.request(kAsked, raw("defer"), 50ms)), "timeout");
  EXPECT_EQ(system.request("test/nobody/1"_address, raw("x")).error().code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace airssys::contract
