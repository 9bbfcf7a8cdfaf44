// What was accepted and not handled can be put back, as it was, by the operator.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "script_actor.hpp"

namespace airssys::contract {
namespace {

Result<void> retry(TestSystem& system, std::uint64_t number) {
  auto retried = system.assembly().messaging().dead_letters().retry(number, system.assembly().actors().registry(),
                                                                    system.assembly().messaging().door());
  system.settle();
  return retried;
}

/// Refuses everything while `willing` is false, and writes down what it took.
Script choosy(bool& willing, std::vector<std::string>& taken) {
  return {.on_message = [&](Turn&, const MessageView& message) -> Result<Response> {
    if (!willing) return fail(ErrorCode::rejected, "not today");
    taken.push_back(std::string(message.sender) + " " + std::to_string(core::to_number(message.id)) + " " +
                    core::to_string(message.codec) + " " + std::string(message.text()));
    return done();
  }};
}

TEST(DeadLetter, that_is_put_back_is_handled_with_its_sender_id_codec_and_body) {
  TestSystem system;
  bool willing = false;
  std::vector<std::string> taken;
  play(system, kB, choosy(willing, taken));
  play(system, kA, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         AIRSSYS_TRY(turn.send(kB, core::json("{}")));
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  const auto letters = system.dead_letters();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].why, "not today");
  EXPECT_EQ(letters[0].sender, kA.text());
  willing = true;
  ASSERT_TRUE(retry(system, letters[0].number));
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0], "test/a/1 " + std::to_string(letters[0].id) + " json {}");
  EXPECT_TRUE(system.dead_letters().empty());
  EXPECT_EQ(system.info(kB)->mailbox_messages, 0U) << "its permit was given back";
  EXPECT_TRUE(system.idle());
}

TEST(DeadLetter, that_is_put_back_in_vain_is_a_new_one_of_a_later_attempt) {
  TestSystem system;
  bool willing = false;
  std::vector<std::string> taken;
  play(system, kB, choosy(willing, taken));
  ASSERT_TRUE(system.send(kB, raw("x")));
  for (std::uint32_t attempt = 1; attempt < 4; ++attempt) {
    const auto letters = system.dead_letters();
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].number, attempt);
    EXPECT_EQ(letters[0].attempt, attempt);
    ASSERT_TRUE(retry(system, letters[0].number));
  }
}

TEST(DeadLetter, outlives_its_sender_and_waits_for_its_target) {
  TestSystem system;
  bool willing = false;
  std::vector<std::string> taken;
  play(system, kB, choosy(willing, taken));
  play(system, kA, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         AIRSSYS_TRY(turn.send(kB, raw("late")));
         return done();
       }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  ASSERT_TRUE(system.stop(kA));
  ASSERT_TRUE(system.stop(kB));
  system.settle();
  const auto nobody = retry(system, 1);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code(), ErrorCode::not_found);
  EXPECT_EQ(system.dead_letters().size(), 1U) << "it stays";
  willing = true;
  play(system, kB, choosy(willing, taken));
  ASSERT_TRUE(retry(system, 1));
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_TRUE(taken[0].starts_with("test/a/1 ") && taken[0].ends_with(" late")) << taken[0];
}

TEST(DeadLetter, of_a_request_or_a_reply_that_nobody_waits_for_can_only_be_dropped) {
  TestSystem system;
  play(system, kB, {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return reply(raw("re")); }});
  play(system, kA,
       {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
          AIRSSYS_TRY(turn.request(kB, raw("x"), 1s, Tag{1}));
          return done();
        },
        .on_reply = [](Turn&, const OutcomeView&) -> Result<void> { return fail(ErrorCode::rejected); }});
  ASSERT_TRUE(system.send(kA, raw("go")));
  ASSERT_EQ(system.dead_letters().size(), 1U);
  EXPECT_EQ(system.dead_letters()[0].why, "on purpose");
  const auto refused = retry(system, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::rejected);
  EXPECT_TRUE(system.assembly().messaging().dead_letters().drop(1));
  EXPECT_TRUE(system.dead_letters().empty());
}

/// "reason from sender to target; " for each.
std::string ways(const TestSystem& system) {
  std::string text;
  for (const auto& letter : system.dead_letters()) {
    text += std::string(actor::name_of(letter.reason)) + " from " + letter.sender + " to " + letter.target + "; ";
  }
  return text;
}

/// B answers at once, or as late as it is told; A asks it, for 1 s, and does with the outcome what it was told.
class OutcomeAmongDeadLetters : public ::testing::Test {
 protected:
  void SetUp() override {
    play(system, kB, {.on_message = [this](Turn& turn, const MessageView& message) -> Result<Response> {
           if (message.text() == "answer") {
             AIRSSYS_TRY(turn.answer(owed, raw("late")));
             return done();
           }
           if (message.text() == "at once") return reply(raw("re"));
           owed = message.id;
           return later();
         }});
    play(system, kA,
         {.on_message = [](Turn& turn, const MessageView& message) -> Result<Response> {
            AIRSSYS_TRY(turn.request(kB, raw(message.text()), 1s, Tag{}));
            return done();
          },
          .on_reply = [this](Turn& turn, const OutcomeView&) -> Result<void> {
            // Another request, so that what the first one had is in use again.
            if (also_ask) AIRSSYS_TRY(turn.request(kC, raw("x"), 1s, Tag{}));
            if (with_outcome) return fail(*with_outcome);
            return {};
          }});
    ASSERT_TRUE(system.listen(kC));
  }

  TestSystem system;
  core::MessageId owed{};
  std::optional<ErrorCode> with_outcome;
  bool also_ask = false;
};

TEST_F(OutcomeAmongDeadLetters, that_its_requester_refuses_names_both) {
  with_outcome = ErrorCode::rejected;
  also_ask = true;
  ASSERT_TRUE(system.send(kA, raw("at once")));
  EXPECT_EQ(ways(system), "rejected from test/b/1 to test/a/1; ");
}

TEST_F(OutcomeAmongDeadLetters, that_kills_its_requester_names_both) {
  with_outcome = ErrorCode::internal;
  also_ask = true;
  ASSERT_TRUE(system.send(kA, raw("at once")));
  EXPECT_EQ(ways(system), "crashed from test/b/1 to test/a/1; ");
}

TEST_F(OutcomeAmongDeadLetters, that_its_requester_is_too_busy_for_names_both) {
  with_outcome = ErrorCode::busy;
  also_ask = true;
  ASSERT_TRUE(system.send(kA, raw("at once")));
  system.advance(31s);
  EXPECT_EQ(ways(system), "never-had-room from test/b/1 to test/a/1; ");
}

TEST_F(OutcomeAmongDeadLetters, that_was_put_off_when_its_requester_stopped_names_both) {
  with_outcome = ErrorCode::busy;
  also_ask = true;
  ASSERT_TRUE(system.send(kA, raw("at once")));
  ASSERT_TRUE(system.stop(kA));
  system.settle();
  EXPECT_EQ(ways(system), "target-stopped from test/b/1 to test/a/1; ");
}

TEST_F(OutcomeAmongDeadLetters, that_is_a_timeout_and_refused_names_whom_was_asked) {
  with_outcome = ErrorCode::rejected;
  ASSERT_TRUE(system.send(kA, raw("later")));
  system.advance(2s);
  EXPECT_EQ(ways(system), "rejected from test/b/1 to test/a/1; ");
}

TEST_F(OutcomeAmongDeadLetters, that_comes_too_late_names_both) {
  ASSERT_TRUE(system.send(kA, raw("later")));
  system.advance(2s);
  ASSERT_TRUE(system.send(kB, raw("answer")));
  EXPECT_EQ(ways(system), "orphaned-reply from test/b/1 to test/a/1; ");
}

TEST_F(OutcomeAmongDeadLetters, that_comes_too_late_for_the_host_names_who_asked) {
  EXPECT_EQ(ask(system, kB, "later"), "timeout");
  ASSERT_TRUE(system.send(kB, raw("answer")));
  EXPECT_EQ(ways(system), "orphaned-reply from test/b/1 to test/host/1; ");
}

TEST_F(OutcomeAmongDeadLetters, whose_requester_has_stopped_names_both) {
  ASSERT_TRUE(system.send(kA, raw("later")));
  ASSERT_TRUE(system.stop(kA));
  ASSERT_TRUE(system.send(kB, raw("answer")));
  EXPECT_EQ(ways(system), "orphaned-reply from test/b/1 to test/a/1; ");
}

}  // namespace
}  // namespace airssys::contract
