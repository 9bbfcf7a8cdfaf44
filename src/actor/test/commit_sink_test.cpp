#include "airssys/actor/commit_sink.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/edge.hpp"
#include "testing/fakes.hpp"

namespace airssys::actor {
namespace {

/// A requester's end, of which the test says where outcomes go.
class FakeSlot final : public ReplySlot {
 public:
  FakeSlot(ActorRef requester, Way way) : requester_(std::move(requester)), way_(way) {}
  Destination settle(Envelope&) override {
    ++settled;
    return {.requester = requester_.get(), .way = way_};
  }
  bool waiting() const noexcept override { return true; }
  bool defer(ActorCell&, core::MessageId) override { return true; }

  int settled = 0;

 private:
  ActorRef requester_;
  Way way_;
};

class CommitSinkTest : public ::testing::Test {
 protected:
  CommitSinkTest() {
    auto made = std::make_unique<testing::FakeCorrespondence>();
    books = made.get();
    author->attach(std::move(made));
    commit.actor = author.get();
    commit.permits = &permits;
  }
  /// What is left in a mailbox, or on an actor's books, keeps its edge, and with it both ends.
  void TearDown() override {
    permits.flush();
    books->rest.clear();
    books->expanded.clear();
    commit.effects.clear();
    for (const ActorRef& actor : {near, far, author}) ids_in(*actor);
  }

  EnvelopePtr message(const EdgePtr& edge, std::uint64_t id, EnvelopeKind kind = EnvelopeKind::send) {
    EXPECT_TRUE(edge->try_acquire(0));
    EnvelopePtr envelope = make_envelope();
    envelope->kind = kind;
    envelope->id = core::MessageId{id};
    envelope->edge = edge.get();
    return envelope;
  }
  /// What the author has in hand.
  EnvelopePtr consumed(EnvelopeKind kind = EnvelopeKind::send) { return message(to_author, 99, kind); }
  EnvelopePtr outcome(const core::IntrusivePtr<FakeSlot>& slot) {
    EnvelopePtr envelope = make_outcome(core::MessageId{7}, {});
    envelope->slot = slot;
    return envelope;
  }
  static std::vector<std::uint64_t> ids_in(ActorCell& actor) {
    std::vector<std::uint64_t> ids;
    EnvelopeQueue queue;
    if (!actor.mailbox().asleep()) actor.mailbox().take_into(queue);
    while (const EnvelopePtr envelope = queue.pop_front()) ids.push_back(core::to_number(envelope->id));
    return ids;
  }

  testing::RecordingScheduler scheduler;
  testing::KeptDeadLetters letters;
  VolatileSink sink{letters};
  ActorRef author = testing::make_actor("test/author/1", scheduler);
  ActorRef near = testing::make_actor("test/near/1", scheduler);
  ActorRef far = testing::make_actor("test/far/1", scheduler);
  EdgePtr to_near = Edge::make(author, near);
  EdgePtr to_far = Edge::make(author, far);
  EdgePtr to_author = Edge::make(near, author);
  testing::FakeCorrespondence* books = nullptr;
  PermitsBack permits;
  Commit commit;
};

using Ids = std::vector<std::uint64_t>;

TEST_F(CommitSinkTest, puts_messages_into_their_mailboxes_in_order) {
  for (const std::uint64_t id : {1U, 2U, 4U}) commit.effects.push_back(message(to_near, id));
  commit.effects.insert(commit.effects.begin() + 2, message(to_far, 3));
  EXPECT_EQ(sink.release(commit), 4U);
  EXPECT_EQ(ids_in(*near), (Ids{1, 2, 4}));
  EXPECT_EQ(ids_in(*far), (Ids{3}));
  EXPECT_TRUE(commit.effects.empty());
  EXPECT_EQ(books->commits, 1);
  EXPECT_EQ(author->counters().handled.read(), 1U);
  EXPECT_EQ(author->counters().sent.read(), 4U);
  EXPECT_EQ(author->counters().messages.read(), 0U) << "none was in hand";
}

TEST_F(CommitSinkTest, gives_the_permit_of_what_was_handled_back_after_it_was_counted) {
  commit.consumed = consumed();
  sink.release(commit);
  permits.flush();
  EXPECT_EQ(commit.consumed, nullptr);
  EXPECT_EQ(author->counters().messages.read(), 1U);
  EXPECT_EQ(author->mailbox().messages(), 0U);
  EXPECT_TRUE(letters.all.empty());
}

TEST_F(CommitSinkTest, answers_a_request_in_the_requests_own_envelope) {
  const auto slot = core::make_counted<FakeSlot>(far, ReplySlot::Way::mailbox);
  commit.consumed = consumed(EnvelopeKind::request);
  commit.consumed->slot = slot;
  const Envelope* const envelope = commit.consumed.get();
  core::Payload answer{.codec = core::Codec::json, .body = core::Body::copy_of("{}")};
  commit.answer = &answer;
  sink.release(commit);
  EnvelopeQueue queue;
  ASSERT_TRUE(far->mailbox().take_into(queue));
  EXPECT_EQ(queue.front(), envelope);
  const EnvelopePtr came = queue.pop_front();
  EXPECT_EQ(came->kind, EnvelopeKind::reply);
  EXPECT_EQ(came->body.text(), "{}");
  EXPECT_EQ(came->edge, nullptr) << "its permit was given back";
  EXPECT_EQ(commit.answer, nullptr);
}

TEST_F(CommitSinkTest, puts_an_answer_by_behind_what_was_put_by_before_it) {
  std::vector<EnvelopePtr> earlier;
  earlier.push_back(message(to_near, 1));
  books->put_by(earlier);
  commit.consumed = consumed(EnvelopeKind::request);
  commit.consumed->slot = core::make_counted<FakeSlot>(far, ReplySlot::Way::mailbox);
  core::Payload answer{.codec = core::Codec::raw, .body = {}};
  commit.answer = &answer;
  sink.release(commit);
  ASSERT_EQ(books->rest.size(), 2U);
  EXPECT_EQ(books->rest[1]->kind, EnvelopeKind::reply);
  EXPECT_TRUE(far->mailbox().asleep());
}

TEST_F(CommitSinkTest, lets_out_a_slice_and_leaves_the_rest_with_the_actor) {
  // In turns, so that they are not handed over at once.
  for (std::uint64_t id = 0; id < Correspondence::kSlice + 10; ++id) {
    EnvelopePtr envelope = make_envelope();
    envelope->id = core::MessageId{id};
    envelope->kind = EnvelopeKind::event;
    commit.effects.push_back(std::move(envelope));
  }
  EXPECT_EQ(sink.release(commit), Correspondence::kSlice);
  EXPECT_EQ(books->expanded.size(), Correspondence::kSlice);
  EXPECT_EQ(books->rest.size(), 10U);
  EXPECT_TRUE(books->has_put_by());
  EXPECT_FALSE(author->owes_nothing()) << "who looks whether anything is left sees it";
}

TEST_F(CommitSinkTest, buries_what_a_turn_that_does_not_stand_had_in_hand) {
  commit.kind = CommitKind::undone;
  commit.consumed = consumed();
  commit.dead.emplace(DeadReason::rejected, "not this one");
  sink.release(commit);
  ASSERT_EQ(letters.all.size(), 1U);
  EXPECT_EQ(letters.all[0].target, "test/author/1");
  EXPECT_EQ(letters.all[0].reason, DeadReason::rejected);
  EXPECT_EQ(letters.all[0].why, "not this one");
  EXPECT_FALSE(commit.dead) << "the commit is empty";
  EXPECT_EQ(books->commits, 0) << "nothing of its books stands";
  EXPECT_EQ(author->counters().handled.read(), 0U);
}

TEST_F(CommitSinkTest, brings_outcomes_of_what_was_owed_home_before_that_of_the_request_in_hand) {
  commit.kind = CommitKind::undone;
  const auto owed = core::make_counted<FakeSlot>(far, ReplySlot::Way::mailbox);
  const auto in_hand = core::make_counted<FakeSlot>(far, ReplySlot::Way::mailbox);
  commit.effects.push_back(outcome(owed));
  commit.effects.back()->id = core::MessageId{1};
  commit.consumed = outcome(in_hand);
  commit.consumed->id = core::MessageId{2};
  EXPECT_EQ(sink.release(commit), 0U) << "outcomes are no messages";
  EXPECT_EQ(ids_in(*far), (Ids{1, 2}));
}

TEST_F(CommitSinkTest, buries_an_outcome_that_nobody_waits_for_with_who_gave_it) {
  commit.kind = CommitKind::without_turn;
  commit.effects.push_back(outcome(core::make_counted<FakeSlot>(far, ReplySlot::Way::orphan)));
  sink.release(commit);
  ASSERT_EQ(letters.all.size(), 1U);
  EXPECT_EQ(letters.all[0].reason, DeadReason::orphaned_reply);
  EXPECT_EQ(letters.all[0].target, "test/far/1");
  EXPECT_EQ(letters.all[0].envelope->author.get(), author.get());
}

TEST_F(CommitSinkTest, has_no_more_to_do_with_an_outcome_that_the_requester_has_taken) {
  const auto slot = core::make_counted<FakeSlot>(far, ReplySlot::Way::taken);
  commit.kind = CommitKind::without_turn;
  commit.effects.push_back(outcome(slot));
  sink.release(commit);
  EXPECT_EQ(slot->settled, 1);
  EXPECT_TRUE(letters.all.empty());
  EXPECT_TRUE(far->mailbox().asleep());
}

TEST_F(CommitSinkTest, is_asked_through_a_door_that_another_may_be_set_over) {
  class Counting final : public CommitSink {
   public:
    std::size_t take(Commit& taken, VolatileSink& at_once) override {
      seen += taken.effects.size();
      return at_once.release(taken);
    }
    std::size_t seen = 0;
  };
  Counting counting;
  CommitDoor door{letters};
  door.use(counting);
  commit.effects.push_back(message(to_near, 1));
  EXPECT_EQ(door.release(commit), 1U);
  EXPECT_EQ(counting.seen, 1U);
  EXPECT_EQ(ids_in(*near), (Ids{1}));
}

}  // namespace
}  // namespace airssys::actor
