// What operators order of an actor, and what they are told: stop, restart, who gave up, who was denied.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "script_actor.hpp"

namespace airssys::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

actor::ActorSystem& actors_of(TestSystem& system) {
  return system.assembly().actors();
}

void order_restart(TestSystem& system, const Address& address) {
  const auto ordered = actors_of(system).restart(address.text());
  ASSERT_TRUE(ordered) << ordered.error();
  system.settle();
}

/// Writes down its starts and its messages; dies over "x".
Script diary(std::string& turns) {
  return {.on_message = [&turns](Turn&, const MessageView& message) -> Result<Response> {
            turns += message.text();
            if (message.text() == "x") return fail(ErrorCode::internal);
            return done();
          },
          .on_start = [&turns](Turn&, const core::Start& start) -> Result<void> {
            turns += start.reason == core::StartReason::first ? "<first>" : "<" + std::to_string(start.restarts) + ">";
            return {};
          }};
}

constexpr core::RestartPolicy kNoRestarts{.max_restarts = 0, .window = 60s, .backoff = 10ms, .backoff_max = 10ms};

TEST(RestartByOrder, keeps_address_and_mailbox_and_is_no_crash) {
  TestSystem system;
  std::string turns;
  play(system, kA, diary(turns));
  for (const char* text : {"1", "2"}) ASSERT_TRUE(system.post(kA, raw(text)));
  ASSERT_TRUE(actors_of(system).restart(kA.text()));
  system.advance(1s);
  EXPECT_EQ(turns, "<first><0>12");
  EXPECT_EQ(system.info(kA)->counts.restarts, 1U);
  EXPECT_EQ(system.info(kA)->counts.trapped, 0U);
  EXPECT_TRUE(system.crashes().empty());
  EXPECT_TRUE(system.dead_letters().empty());
}

TEST(RestartByOrder, uses_up_nothing_of_the_supervisors_patience) {
  TestSystem system;
  std::string turns;
  play(system, kA, diary(turns),
       {.restart = core::RestartPolicy{.max_restarts = 1, .window = 60s, .backoff = 10ms, .backoff_max = 10ms}});
  for (int i = 0; i < 5; ++i) order_restart(system, kA);
  ASSERT_TRUE(system.send(kA, raw("x")));
  system.advance(1s);
  EXPECT_EQ(turns, "<first><0><0><0><0><0>x<1>");
}

TEST(RestartByOrder, ends_a_backoff_at_once) {
  TestSystem system;
  std::string turns;
  play(system, kA, diary(turns),
       {.restart = core::RestartPolicy{.max_restarts = 5, .window = 60s, .backoff = 5s, .backoff_max = 5s}});
  ASSERT_TRUE(system.send(kA, raw("x")));
  order_restart(system, kA);
  EXPECT_EQ(turns, "<first>x<0>");
  ASSERT_TRUE(system.send(kA, raw("1")));
  system.advance(1min);
  EXPECT_EQ(turns, "<first>x<0>1") << "the alarm of the backoff must not start it again";
}

TEST(RestartByOrder, is_no_success_of_an_actor_that_only_dies) {
  TestSystem system;
  std::string turns;
  play(system, kA, diary(turns),
       {.restart = core::RestartPolicy{.max_restarts = 2, .window = 1s, .backoff = 400ms, .backoff_max = 400ms}});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(system.send(kA, raw("x"))) << i;
    system.advance(5s);
    if (system.info(kA)) order_restart(system, kA);
  }
  EXPECT_EQ(turns, "<first>x<1><0>x<2><0>x");
  EXPECT_FALSE(system.info(kA)) << "three deaths, and nothing else but starts";
}

TEST(RestartByOrder, ends_what_it_had_in_hand_as_interrupted) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return later(); }});
  std::string outcome;
  play(system, kB,
       {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.request(kA, raw("x"), 1h, Tag{1}));
          return done();
        },
        .on_reply = [&](Turn&, const OutcomeView& view) -> Result<void> {
          outcome = words(*view.outcome);
          return {};
        }});
  ASSERT_TRUE(system.send(kB, raw("go")));
  order_restart(system, kA);
  EXPECT_EQ(outcome, "interrupted");
}

TEST(RestartByOrder, of_nobody_is_not_found) {
  TestSystem system;
  EXPECT_EQ(actors_of(system).restart(kA.text()).error().code(), ErrorCode::not_found);
}

TEST(GivenUp, stays_known_with_its_reason_and_what_it_left_and_comes_back_by_order) {
  TestSystem system;
  std::string turns;
  play(system, kA, diary(turns), {.restart = kNoRestarts});
  for (const char* text : {"x", "2", "3"}) ASSERT_TRUE(system.post(kA, raw(text)));
  system.advance(1s);
  EXPECT_FALSE(system.info(kA));
  const auto gave_up = actors_of(system).stopped().find(kA.text());
  ASSERT_TRUE(gave_up);
  EXPECT_EQ(gave_up->cause, actor::StopCause::gave_up);
  EXPECT_THAT(gave_up->why, HasSubstr("stopped for good: it died after 0 restarts"));
  EXPECT_EQ(gave_up->unhandled, 3U) << "the two that waited and the one that killed it";
  const auto info = system::info_of(*gave_up);
  EXPECT_EQ(info.state, "gave-up");
  EXPECT_EQ(info.counts.trapped, 1U);

  order_restart(system, kA);
  ASSERT_TRUE(system.send(kA, raw("4")));
  EXPECT_EQ(turns, "<first>x<0>4");
  EXPECT_EQ(system.info(kA)->state, "running");
  EXPECT_FALSE(actors_of(system).stopped().find(kA.text())) << "it has been replaced";
}

TEST(GivenUp, counts_what_others_sent_and_not_what_it_sent_itself) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.text() == "x") return fail(ErrorCode::internal);
         AIRSSYS_TRY(turn.send(kA, raw("x")));
         AIRSSYS_TRY(turn.send(kA, raw("mine")));
         return done();
       }},
       {.restart = kNoRestarts});
  ASSERT_TRUE(system.send(kA, raw("go")));
  system.advance(1s);
  EXPECT_EQ(system.dead_letters().size(), 2U);
  EXPECT_EQ(actors_of(system).stopped().find(kA.text())->unhandled, 0U);
}

TEST(GivenUp, of_a_guest_comes_back_with_its_configuration_and_its_memory_new) {
  TestSystem system;
  start(system, "trapping", kA, {.config = {{"top", "3"}}, .restart = kNoRestarts});
  EXPECT_EQ(ask(system, kA, "divide"), "failed internal: the component trapped");
  EXPECT_FALSE(system.info(kA));
  order_restart(system, kA);
  EXPECT_EQ(ask(system, kA, "again"), "reply 1");
  EXPECT_EQ(actors_of(system).registry().find(kA.text())->config(), (core::ConfigValues{{"top", "3"}}));
}

TEST(StoppedByOrder, stays_known_until_it_is_removed) {
  TestSystem system;
  start(system, "echo", kA);
  EXPECT_EQ(actors_of(system).remove(kA.text()).error().code(), ErrorCode::already_exists);
  ASSERT_TRUE(system.stop(kA));
  ASSERT_TRUE(actors_of(system).stopped().find(kA.text()));
  EXPECT_EQ(actors_of(system).stopped().find(kA.text())->cause, actor::StopCause::ordered);
  EXPECT_TRUE(actors_of(system).remove(kA.text()));
  EXPECT_EQ(actors_of(system).remove(kA.text()).error().code(), ErrorCode::not_found);
}

TEST(StoppedByOrder, is_replaced_by_who_takes_its_address) {
  TestSystem system;
  start(system, "echo", kA);
  ASSERT_TRUE(system.stop(kA));
  start(system, "echo", kA);
  EXPECT_FALSE(actors_of(system).stopped().find(kA.text()));
}

TEST(StoppedByOrder, is_gone_if_it_is_native_with_all_that_its_factory_holds) {
  TestSystem system;
  const auto held = std::make_shared<int>(1);
  ASSERT_TRUE(system.spawn_native(kA, [held] { return std::make_unique<ScriptActor>(Script{}); }));
  ASSERT_TRUE(system.stop(kA));
  EXPECT_FALSE(actors_of(system).stopped().find(kA.text()));
  EXPECT_EQ(held.use_count(), 1);
}

TEST(StopSelf, is_no_reason_to_stay_listed) {
  TestSystem system;
  play(system, kA, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         turn.stop_self();
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_EQ(actors_of(system).stopped().size(), 0U);
}

// ---- denials ----------------------------------------------------------------------------------------------------------------

std::vector<std::string> denials_in(const TestSystem& system) {
  std::vector<std::string> lines;
  for (const std::string& line : system.log()) {
    if (line.find("may not") != std::string::npos) lines.push_back(line);
  }
  return lines;
}

TEST(Denial, is_told_to_the_operator_once_an_edge_and_second_and_the_guest_learns_nothing_new) {
  TestSystem system({.grant_everything = false});
  ASSERT_TRUE(system.listen(kB));
  std::string learned;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         for (const Address& to : {kB, kC}) {
           for (int i = 0; i < 100; ++i) learned = std::string(core::name_of(turn.send(to, raw("x")).error().code()));
         }
         EXPECT_FALSE(turn.request(kB, raw("x"), 1s, Tag{1}));
         EXPECT_FALSE(turn.publish("words.new", raw("x")));
         EXPECT_FALSE(turn.subscribe("words.#"));
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_EQ(learned, "denied");
  EXPECT_THAT(denials_in(system), ElementsAre("airssys warn test/a/1 may not send to test/b/1: no [[grant]] covers it",
                                              "airssys warn test/a/1 may not send to test/c/1: no [[grant]] covers it",
                                              "airssys warn test/a/1 may not request test/b/1: no [[grant]] covers it",
                                              "airssys warn test/a/1 may not publish on words.new: no [[grant]] covers it"));
  system.advance(2s);
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_EQ(denials_in(system)[4], "airssys warn test/a/1 may not send to test/b/1: no [[grant]] covers it; 99 more before");
  EXPECT_EQ(system.info(kA)->counts.denied, 406U);
  EXPECT_TRUE(system.sent_to(kB).empty());
}

TEST(Gone, target_is_told_to_the_operator_with_its_end_once_a_second_and_the_sender_learns_nothing_new) {
  TestSystem system;
  std::string turns;
  play(system, kB, diary(turns), {.restart = kNoRestarts});
  std::string learned;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         for (int i = 0; i < 100; ++i) learned = turn.send(kB, raw("hello")).error().message();
         EXPECT_FALSE(turn.request(kB, raw("hello"), 1s, Tag{1}));
         EXPECT_FALSE(turn.send("test/nobody/1"_address, raw("hello")));
         return done();
       }});
  const auto told = [&system] {
    std::vector<std::string> lines;
    for (const std::string& line : system.log()) {
      if (line.find("could not") != std::string::npos) lines.push_back(line);
    }
    return lines;
  };
  ASSERT_TRUE(system.send(kB, raw("x")));
  ASSERT_TRUE(system.send(kA, raw("go")));
  const std::string line =
      "airssys warn test/a/1 could not send to test/b/1: test/b/1 is no more: stopped for good: it died after 0 restarts "
      "within "
      "60 s; `airssys restart test/b/1` starts it again";
  EXPECT_THAT(told(), ElementsAre(line));
  EXPECT_EQ(learned, "cannot send to test/b/1: there is no such actor");
  system.advance(2s);
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_THAT(told(), ElementsAre(line, line));
  EXPECT_EQ(system.info(kA)->counts.denied, 0U);
  order_restart(system, kB);
  EXPECT_TRUE(system.send(kB, raw("1")));
  EXPECT_EQ(turns, "<first>x<0>1");
}

TEST(Denial, of_targets_of_a_broadcast_is_told_for_each) {
  TestSystem system({.grant_everything = false});
  play(system, kA, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         const std::array<Address, 2> to{kB, kC};
         EXPECT_EQ(turn.broadcast(to, raw("x"))->size(), 2U);
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_EQ(denials_in(system).size(), 2U);
}

TEST(Denial, is_in_the_crash_report_and_the_dead_letter_of_its_turn_and_not_in_its_answer) {
  TestSystem system({.grant_everything = false});
  start(system, "forwarder", kA, {.config = {{"to", "test/b/1"}}});
  const std::string told = "test/a/1 may not send to test/b/1: no [[grant]] covers it";
  ASSERT_TRUE(system.send(kA, raw("x")));
  ASSERT_EQ(system.crashes().size(), 1U);
  EXPECT_THAT(system.crashes()[0].reason, HasSubstr(told));
  ASSERT_EQ(system.dead_letters().size(), 1U);
  EXPECT_THAT(system.dead_letters()[0].why, HasSubstr(told));
  system.advance(10s);
  EXPECT_THAT(ask(system, kA, "x"), ::testing::Not(HasSubstr("grant")));
}

TEST(Denial, of_an_earlier_turn_is_in_no_report_of_a_later_one) {
  TestSystem system({.grant_everything = false});
  play(system, kA, {.on_message = [](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.text() == "fail") return fail(ErrorCode::rejected, "no");
         EXPECT_FALSE(turn.send(kB, raw("x")));
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  ASSERT_TRUE(system.send(kA, raw("fail")));
  ASSERT_EQ(system.dead_letters().size(), 1U);
  EXPECT_EQ(system.dead_letters()[0].why, "no");
}

}  // namespace
}  // namespace airssys::contract
