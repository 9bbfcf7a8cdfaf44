#include "airssys/messaging/dead_letters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "airssys/actor/edge.hpp"
#include "airssys/messaging/outgoing.hpp"
#include "testing/cells.hpp"

namespace airssys::messaging {
namespace {

using namespace airssys::literals;
using actor::DeadReason;
using actor::EnvelopeKind;
using core::ErrorCode;
using ::testing::HasSubstr;

class StoppedClock final : public core::ClockPort {
 public:
  core::MonotonicTime monotonic() const noexcept override { return {}; }
  std::uint64_t wall_ms() const noexcept override { return 1'234; }
  core::MonotonicTime thread_cpu() const noexcept override { return {}; }
};

class DeadLettersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    letters.use(clock);
    registry.insert(target);
  }

  actor::EnvelopePtr message(std::string_view body, EnvelopeKind kind = EnvelopeKind::send) {
    const actor::EdgePtr edge = actor::Edge::make(sender, target);
    EXPECT_TRUE(edge->try_acquire(body.size()));
    actor::EnvelopePtr envelope = seal(kind, core::MessageId{17}, core::Codec::json, core::Body::copy_of(body), *edge);
    envelope->attempt = 3;
    envelope->sent_at_ms = 1'000;
    envelope->trace = {.trace_high = 1, .trace_low = 2, .span = 3};
    if (kind == EnvelopeKind::event) envelope->extra = core::make_counted<actor::Extra>("words.new");
    return envelope;
  }
  std::uint64_t bury(actor::EnvelopePtr envelope, DeadReason reason = DeadReason::rejected) {
    letters.bury(std::move(envelope), target->address(), reason, "not this one");
    return letters.letters().back().number;
  }
  /// Takes what is in the target's mailbox.
  std::vector<actor::EnvelopePtr> delivered() {
    std::vector<actor::EnvelopePtr> all;
    actor::EnvelopeQueue queue;
    if (target->mailbox().asleep()) return all;
    target->mailbox().take_into(queue);
    while (auto envelope = queue.pop_front()) all.push_back(std::move(envelope));
    return all;
  }
  ErrorCode code_of_retry(std::uint64_t number) {
    const auto retried = letters.retry(number, registry, door);
    EXPECT_FALSE(retried);
    return retried ? ErrorCode::internal : retried.error().code();
  }

  StoppedClock clock;
  testing::Cells cells;
  actor::Registry registry;
  actor::ActorRef sender = cells.make("test/a/1");
  actor::ActorRef target = cells.make("test/b/1", core::Limits{.mailbox_messages = 2, .body_bytes = 60});
  DeadLetters letters;
  actor::CommitDoor door{letters};
};

TEST_F(DeadLettersTest, say_all_that_is_known_of_a_message) {
  const std::uint64_t number = bury(message("{}", EnvelopeKind::event));
  const auto letter = letters.find(number);
  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->number, 1U);
  EXPECT_EQ(letter->time_ms, 1'234U);
  EXPECT_EQ(letter->id, 17U);
  EXPECT_EQ(name_of(letter->kind), "event");
  EXPECT_EQ(actor::name_of(letter->reason), "rejected");
  EXPECT_EQ(letter->why, "not this one");
  EXPECT_EQ(letter->sender, "test/a/1");
  EXPECT_EQ(letter->target, "test/b/1");
  EXPECT_EQ(letter->topic, "words.new");
  EXPECT_EQ(letter->attempt, 3U);
  EXPECT_EQ(letter->sent_at_ms, 1'000U);
  EXPECT_EQ(letter->trace.trace_low, 2U);
  EXPECT_EQ(letter->codec, core::Codec::json);
  EXPECT_EQ(letter->body.text(), "{}");
  EXPECT_FALSE(letters.find(number + 1));
}

TEST_F(DeadLettersTest, of_an_outcome_have_its_words) {
  actor::EnvelopePtr outcome = message("", EnvelopeKind::reply);
  outcome->extra = core::make_counted<actor::Extra>(
      core::RequestError{.kind = core::RequestErrorKind::target_gone, .failure = {}, .text = {}});
  letters.bury(std::move(outcome), target->address(), DeadReason::orphaned_reply);
  EXPECT_EQ(letters.letters()[0].why, "the target stopped for good; whether it acted is unknown");
}

TEST_F(DeadLettersTest, have_numbers_of_their_own_even_if_they_are_copies_of_one_event) {
  EXPECT_EQ(bury(message("x", EnvelopeKind::event)), 1U);
  EXPECT_EQ(bury(message("x", EnvelopeKind::event)), 2U);
  EXPECT_EQ(letters.letters()[0].id, letters.letters()[1].id);
}

TEST_F(DeadLettersTest, are_put_back_as_they_were_as_one_attempt_more) {
  for (const EnvelopeKind kind : {EnvelopeKind::send, EnvelopeKind::event}) {
    const std::uint64_t number = bury(message("body", kind));
    ASSERT_TRUE(letters.retry(number, registry, door));
    const auto messages = delivered();
    ASSERT_EQ(messages.size(), 1U);
    const actor::Envelope& again = *messages[0];
    EXPECT_EQ(again.kind, kind);
    EXPECT_EQ(again.id, core::MessageId{17});
    EXPECT_EQ(again.attempt, 4U);
    EXPECT_EQ(again.sender(), sender.get());
    EXPECT_EQ(again.codec, core::Codec::json);
    EXPECT_EQ(again.body.text(), "body");
    EXPECT_EQ(again.sent_at_ms, 1'000U);
    EXPECT_EQ(again.trace, (core::TraceContext{.trace_high = 1, .trace_low = 2, .span = 3}));
    EXPECT_EQ(again.topic() == nullptr, kind == EnvelopeKind::send);
    EXPECT_FALSE(letters.find(number)) << "it is no dead letter any more";
    target->mailbox().try_sleep();
  }
  EXPECT_EQ(letters.total(), 2U) << "they were, and stay counted";
  EXPECT_EQ(cells.scheduled.size(), 2U) << "each woke its target";
}

TEST_F(DeadLettersTest, stay_where_their_target_has_no_room_and_can_be_put_back_later) {
  const std::uint64_t number = bury(message("body"));
  ASSERT_TRUE(target->mailbox().try_acquire(1) && target->mailbox().try_acquire(1));
  const auto refused = letters.retry(number, registry, door);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::mailbox_full);
  EXPECT_EQ(refused.error().message(),
            "the mailbox of test/b/1 has no room for dead letter 1 (2 of 2 messages): try again later");
  EXPECT_TRUE(letters.find(number));
  target->mailbox().release(1, 1);
  EXPECT_TRUE(letters.retry(number, registry, door));
  EXPECT_EQ(delivered().size(), 1U);
}

TEST_F(DeadLettersTest, that_nobody_waits_for_or_can_take_are_refused_and_stay) {
  EXPECT_EQ(code_of_retry(9), ErrorCode::not_found);
  EXPECT_EQ(code_of_retry(bury(message("", EnvelopeKind::reply), DeadReason::orphaned_reply)), ErrorCode::rejected);
  EXPECT_EQ(code_of_retry(bury(message("", EnvelopeKind::request), DeadReason::expired)), ErrorCode::rejected);
  EXPECT_EQ(code_of_retry(bury(message(std::string(61, 'x')))), ErrorCode::too_large);
  actor::EnvelopePtr nobodys = actor::make_envelope();
  EXPECT_EQ(code_of_retry(bury(std::move(nobodys))), ErrorCode::rejected);
  cells.only_codec = core::Codec::cbor;
  const actor::ActorRef picky = cells.make("test/picky/1");
  registry.insert(picky);
  letters.bury(message("{}"), picky->address(), DeadReason::codec_not_accepted);
  EXPECT_EQ(code_of_retry(letters.letters().back().number), ErrorCode::codec_not_accepted);
  registry.erase(*picky);
  EXPECT_EQ(code_of_retry(letters.letters().back().number), ErrorCode::not_found);
  EXPECT_EQ(letters.letters().size(), 5U);
  EXPECT_EQ(target->mailbox().messages(), 0U) << "no permit was kept";
  EXPECT_TRUE(delivered().empty());
}

TEST_F(DeadLettersTest, are_dropped_once) {
  const std::uint64_t number = bury(message("x"));
  EXPECT_TRUE(letters.drop(number));
  const auto again = letters.drop(number);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message(), "there is no dead letter 1 any more: see `airssys dead list`");
  EXPECT_EQ(letters.drop(2).error().message(), "there is no dead letter 2: see `airssys dead list`");
  EXPECT_EQ(letters.forgotten(), 0U) << "the operator's order is no loss";
}

TEST_F(DeadLettersTest, that_the_bound_pushed_out_are_counted_as_forgotten) {
  for (std::size_t i = 0; i < DeadLetters::kMost + 3; ++i) bury(message("x"));
  EXPECT_EQ(letters.forgotten(), 3U);
  EXPECT_EQ(letters.letters().front().number, 4U);
  EXPECT_THAT(letters.retry(3, registry, door).error().message(), HasSubstr("any more"));
}

TEST_F(DeadLettersTest, of_one_actor_push_out_no_other_actors_however_many_they_are_and_however_large) {
  const std::uint64_t first = bury(message("x"));
  const actor::ActorRef flood = cells.make("test/flood/1", core::Limits{.body_bytes = 1_MiB});
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{10'000}}) {
    for (std::size_t i = 0; i < DeadLetters::kMost + 10; ++i) {
      const actor::EdgePtr edge = actor::Edge::make(flood, flood);
      ASSERT_TRUE(edge->try_acquire(bytes));
      auto own =
          seal(EnvelopeKind::send, core::MessageId{1}, core::Codec::raw, core::Body::copy_of(std::string(bytes, 'y')), *edge);
      letters.bury(std::move(own), flood->address(), DeadReason::rejected);
    }
    EXPECT_TRUE(letters.find(first));
  }
  EXPECT_EQ(letters.counts()[static_cast<std::size_t>(DeadReason::rejected)], 2 * (DeadLetters::kMost + 10) + 1);
  EXPECT_EQ(letters.forgotten() + letters.letters().size(), letters.total());
}

TEST_F(DeadLettersTest, are_put_back_once_whoever_else_tries) {
  const actor::ActorRef roomy = cells.make("test/roomy/1");
  registry.insert(roomy);
  for (int i = 0; i < 400; ++i) letters.bury(message("x"), roomy->address(), DeadReason::rejected);
  std::atomic<int> retried{0};
  std::vector<std::thread> operators;
  for (int i = 0; i < 4; ++i) {
    operators.emplace_back([&] {
      for (const DeadLetter& letter : letters.letters()) retried += letters.retry(letter.number, registry, door) ? 1 : 0;
    });
  }
  for (std::thread& one : operators) one.join();
  EXPECT_EQ(retried.load(), 400);
  EXPECT_EQ(roomy->mailbox().messages(), 400U);
  EXPECT_TRUE(letters.letters().empty());
  actor::EnvelopeQueue taken;
  roomy->mailbox().take_into(taken);
}

}  // namespace
}  // namespace airssys::messaging
