#include "airssys/messaging/correlation_tracker.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "airssys/messaging/dead_letters.hpp"
#include "testing/cells.hpp"

namespace airssys::messaging {
namespace {

using std::chrono::milliseconds;

class CorrelationTrackerTest : public ::testing::Test {
 protected:
  core::IntrusivePtr<OpenRequest> open(core::MessageId id, int deadline_ms, std::uint64_t tag = 0) {
    return open_along(*edge, id, deadline_ms, tag);
  }
  core::IntrusivePtr<OpenRequest> open_along(actor::Edge& way, core::MessageId id, int deadline_ms, std::uint64_t tag = 0) {
    CorrelationTracker::Opened opened = tracker.open_request(id, way, milliseconds(deadline_ms));
    opened.request.tag = core::Tag{tag};
    return std::move(opened.slot);
  }
  /// With an outcome that brings `slot` home.
  std::optional<CorrelationTracker::Request> close(core::MessageId id, core::IntrusivePtr<actor::ReplySlot> slot) {
    return tracker.close(id, slot);
  }
  core::IntrusivePtr<OpenRequest> owed_slot() { return core::make_counted<OpenRequest>(responses, *edge, 0U); }

  testing::Cells cells;
  MessagingMetrics metrics;
  ResponseRouter responses{metrics};
  actor::ActorRef asker = cells.make("test/asker/1");
  actor::EdgePtr edge = actor::Edge::make(asker, cells.make("test/asked/1"));
  CorrelationTracker tracker{responses};
};

constexpr core::MessageId kFirst{1};
constexpr core::MessageId kSecond{2};

TEST_F(CorrelationTrackerTest, gives_a_request_to_whoever_comes_first) {
  const auto slot = open(kFirst, 10, 7);
  tracker.commit();
  EXPECT_TRUE(slot->waiting());
  const auto closed = close(kFirst, slot);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->tag, core::Tag{7});
  EXPECT_FALSE(slot->waiting());
  EXPECT_FALSE(close(kFirst, slot)) << "the outcome that comes second finds nothing";
  EXPECT_FALSE(tracker.take_expired(milliseconds(99)));
  EXPECT_FALSE(tracker.cancel(kFirst));
}

TEST_F(CorrelationTrackerTest, lets_requests_expire_by_their_deadline_then_by_their_id) {
  open(kSecond, 20);
  open(kFirst, 20);
  open(core::MessageId{3}, 10);
  tracker.commit();
  EXPECT_EQ(tracker.next_deadline(), core::MonotonicTime(milliseconds(10)));
  EXPECT_FALSE(tracker.take_expired(milliseconds(9)));
  EXPECT_EQ(tracker.take_expired(milliseconds(30))->id, core::MessageId{3});
  EXPECT_EQ(tracker.take_expired(milliseconds(30))->id, kFirst);
  EXPECT_EQ(tracker.take_expired(milliseconds(30))->id, kSecond);
  EXPECT_FALSE(tracker.take_expired(milliseconds(30)));
  EXPECT_FALSE(tracker.next_deadline());
}

TEST_F(CorrelationTrackerTest, uses_a_place_again_and_knows_whose_it_is_by_then) {
  const auto first = open(kFirst, 10);
  tracker.commit();
  ASSERT_TRUE(close(kFirst, first));
  const auto second = open(kSecond, 10);
  EXPECT_EQ(second->place(), first->place());
  EXPECT_FALSE(close(kFirst, first)) << "a second outcome of the first";
  EXPECT_FALSE(close(kSecond, core::make_counted<OpenRequest>(responses, *edge, 7U))) << "no such place";
  EXPECT_EQ(tracker.open(), 1U);
  EXPECT_TRUE(close(kSecond, second));
}

TEST_F(CorrelationTrackerTest, uses_a_slot_again_once_the_asked_side_has_let_go_of_it) {
  auto first = open(kFirst, 10);
  tracker.commit();
  ASSERT_TRUE(tracker.take_expired(milliseconds(10)));
  // The asked side still owes its answer.
  auto second = open(kSecond, 20);
  tracker.commit();
  EXPECT_NE(second.get(), first.get());
  EXPECT_FALSE(first->waiting()) << "a late answer to the first must not become one to the second";
  const OpenRequest* const used = second.get();
  ASSERT_TRUE(close(kSecond, std::move(second)));
  const auto third = open(core::MessageId{3}, 10);
  EXPECT_EQ(third.get(), used);
  EXPECT_TRUE(third->waiting());
}

TEST_F(CorrelationTrackerTest, knows_whom_a_slot_that_is_used_again_asks) {
  const actor::EdgePtr other = actor::Edge::make(asker, cells.make("test/other/1"));
  ASSERT_TRUE(close(kFirst, open(kFirst, 10)));
  const auto slot = open_along(*other, kSecond, 10);
  EXPECT_EQ(&slot->asked(), &other->target());
  EXPECT_EQ(&slot->requester(), asker.get());
}

TEST_F(CorrelationTrackerTest, keeps_slots_of_a_few_places_only) {
  constexpr std::uint64_t kMany = 1000;
  for (std::uint64_t id = 1; id <= kMany; ++id) {
    const actor::EdgePtr way = actor::Edge::make(asker, cells.make("test/asked/" + std::to_string(id)));
    open_along(*way, core::MessageId{id}, 10);
    if (id == kMany) edge = actor::EdgePtr::share(*way);
  }
  tracker.commit();
  while (tracker.take_expired(milliseconds(10))) {
  }
  EXPECT_EQ(tracker.open(), 0U);
  EXPECT_TRUE(edge->is_idle()) << "the last place keeps nobody";
}

TEST_F(CorrelationTrackerTest, keeps_edges_no_longer_than_to_a_reset) {
  for (const core::MessageId id : {kFirst, kSecond}) open(id, 10);
  tracker.commit();
  EXPECT_TRUE(tracker.take_expired(milliseconds(10)));
  EXPECT_FALSE(edge->is_idle());
  tracker.reset();
  EXPECT_TRUE(edge->is_idle());
}

TEST_F(CorrelationTrackerTest, keeps_the_place_of_what_a_turn_cancels_until_it_ends) {
  const auto slot = open(kFirst, 10);
  tracker.commit();
  EXPECT_TRUE(tracker.cancel(kFirst));
  EXPECT_FALSE(tracker.cancel(kFirst));
  open(kSecond, 20);
  EXPECT_EQ(tracker.open(), 1U);
  tracker.abort();
  EXPECT_EQ(tracker.open(), 1U);
  EXPECT_TRUE(close(kFirst, slot)) << "an undone turn has cancelled nothing";
}

TEST_F(CorrelationTrackerTest, keeps_the_place_of_a_reply_that_nobody_waits_for_until_it_is_taken) {
  const auto slot = open(kFirst, 10);
  const auto unanswered = open(kSecond, 10);
  tracker.commit();
  EXPECT_TRUE(slot->answer());
  EXPECT_TRUE(tracker.cancel(kFirst));
  EXPECT_TRUE(tracker.cancel(kSecond));
  EXPECT_EQ(tracker.kept(), 1U) << "the reply of one, and nothing of the other";
  tracker.commit();
  EXPECT_EQ(tracker.open(), 0U);
  EXPECT_EQ(tracker.kept(), 1U);
  EXPECT_FALSE(unanswered->answer()) << "who answers now hears that nobody waits";
  EXPECT_FALSE(close(kFirst, slot));
  EXPECT_EQ(tracker.kept(), 0U);
}

TEST_F(CorrelationTrackerTest, keeps_the_places_of_replies_over_a_reset) {
  const auto slot = open(kFirst, 10);
  tracker.commit();
  EXPECT_TRUE(slot->answer());
  tracker.reset();
  EXPECT_EQ(tracker.kept(), 1U);
  const auto expired = open(kSecond, 10);
  tracker.commit();
  EXPECT_TRUE(expired->answer());
  ASSERT_TRUE(tracker.take_expired(milliseconds(10)));
  EXPECT_EQ(tracker.kept(), 2U);
  EXPECT_FALSE(close(kFirst, slot));
  EXPECT_FALSE(close(kSecond, expired));
  EXPECT_EQ(tracker.kept(), 0U);
}

TEST_F(CorrelationTrackerTest, forgets_what_is_withdrawn_and_owes_nothing_that_was_withdrawn_before) {
  const auto gone = owed_slot();
  EXPECT_FALSE(gone->withdraw(kFirst)) << "no reply is on its way";
  tracker.defer(kFirst, {.slot = gone, .trace = {}}, edge->target());
  EXPECT_EQ(tracker.owed(), 0U);
  tracker.defer(kSecond, {.slot = owed_slot(), .trace = {}}, edge->target());
  EXPECT_EQ(tracker.owed(), 1U);
  tracker.withdraw(kSecond);
  tracker.withdraw(core::MessageId{99});
  tracker.forget_withdrawn();
  EXPECT_EQ(tracker.owed(), 0U);
  EXPECT_TRUE(tracker.take_owed(kSecond, nullptr)) << "its answer goes to the dead letters";
}

TEST_F(CorrelationTrackerTest, undoes_what_a_failed_turn_changed) {
  const auto first = open(kFirst, 10);
  tracker.commit();
  const auto second = open(kSecond, 20);
  EXPECT_TRUE(tracker.cancel(kFirst));
  EXPECT_TRUE(tracker.cancel(kSecond)) << "opened and cancelled in one turn";
  tracker.abort();
  EXPECT_EQ(tracker.open(), 1U);
  EXPECT_TRUE(close(kFirst, first));
  EXPECT_FALSE(close(kSecond, second));
}

TEST_F(CorrelationTrackerTest, keeps_what_is_owed_until_a_turn_that_answered_stands) {
  tracker.defer(kFirst, {.slot = owed_slot(), .trace = {}}, edge->target());
  EXPECT_TRUE(tracker.take_owed(kFirst, nullptr));
  EXPECT_FALSE(tracker.take_owed(kFirst, nullptr)) << "the first answer counts";
  tracker.abort();
  EXPECT_TRUE(tracker.take_owed(kFirst, nullptr)) << "the turn was undone";
  tracker.commit();
  EXPECT_FALSE(tracker.take_owed(kFirst, nullptr));
  EXPECT_EQ(tracker.owed(), 0U);
}

TEST_F(CorrelationTrackerTest, closes_what_is_open_and_hands_over_what_is_owed_at_a_reset) {
  const auto open_slot = open(kFirst, 10);
  tracker.commit();
  tracker.defer(kSecond, {.slot = owed_slot(), .trace = {}}, edge->target());
  const auto owed = tracker.reset();
  ASSERT_EQ(owed.size(), 1U);
  EXPECT_EQ(owed[0].first, kSecond);
  EXPECT_FALSE(open_slot->waiting());
  EXPECT_EQ(tracker.open() + tracker.owed(), 0U);
}

}  // namespace
}  // namespace airssys::messaging
