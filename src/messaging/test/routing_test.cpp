#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "airssys/actor/commit_sink.hpp"
#include "airssys/messaging/dead_letters.hpp"
#include "airssys/messaging/message_ids.hpp"
#include "airssys/messaging/message_router.hpp"
#include "airssys/messaging/outgoing.hpp"
#include "airssys/messaging/response_router.hpp"
#include "testing/cells.hpp"

namespace airssys::messaging {
namespace {

using namespace airssys::literals;
using core::SendErrorKind;
using security::Verb;

class RoutingTest : public ::testing::Test {
 protected:
  void SetUp() override { registry.insert(target); }
  auto resolve(std::string_view to, Verb verb = Verb::send) { return router.resolve(*sender, edges, to, verb, {}, tally); }
  /// A permit that is never given back keeps the edge and both its ends for ever.
  static void give_back(const Channel& channel) {
    for (core::Bytes bytes = channel.edge->bytes(); channel.edge->messages() > 0; bytes = 0) channel.edge->release(1, bytes);
  }
  void allow(core::AddressPattern to) {
    ASSERT_TRUE(grants.add({.from = "test/a/1"_pattern, .to = to, .allow = {Verb::send}}));
  }

  testing::Cells cells;
  actor::Registry registry;
  security::GrantTable grants;
  MessageRouter router{registry, grants};
  Tally tally{nullptr};
  actor::ActorRef sender = cells.make("test/a/1");
  EdgeCache edges;
  actor::ActorRef target = cells.make("test/b/1", core::Limits{.mailbox_messages = 2, .mailbox_bytes = 100, .body_bytes = 60});
};

TEST_F(RoutingTest, says_what_is_wrong_in_the_order_that_gives_nothing_away) {
  EXPECT_EQ(resolve("not an address").error().kind, SendErrorKind::invalid_address);
  EXPECT_EQ(resolve("test/b/1").error().kind, SendErrorKind::denied);
  EXPECT_EQ(resolve("test/nobody/1").error().kind, SendErrorKind::denied) << "the same whether or not it exists";
  allow("test/*/*"_pattern);
  EXPECT_EQ(resolve("test/nobody/1").error().kind, SendErrorKind::not_found);
  EXPECT_TRUE(resolve("test/b/1"));
}

TEST_F(RoutingTest, judges_each_verb_by_itself) {
  allow("test/b/1"_pattern);
  EXPECT_TRUE(resolve("test/b/1", Verb::send));
  EXPECT_EQ(resolve("test/b/1", Verb::request).error().kind, SendErrorKind::denied);
}

TEST_F(RoutingTest, keeps_an_edge_until_a_grant_changes) {
  allow("test/b/1"_pattern);
  Channel* first = *resolve("test/b/1");
  EXPECT_EQ(*resolve("test/b/1"), first);
  allow("test/c/1"_pattern);
  EXPECT_EQ(edges.find("test/b/1", Verb::send, grants.version()), nullptr) << "it was decided under other grants";
  EXPECT_TRUE(resolve("test/b/1"));
}

TEST_F(RoutingTest, takes_the_smaller_of_the_targets_and_the_grants_body_size) {
  allow("test/b/1"_pattern);
  EXPECT_EQ((*resolve("test/b/1"))->body_bytes_max, 60U);
  ASSERT_TRUE(
      grants.add({.from = "test/a/2"_pattern, .to = "test/b/1"_pattern, .allow = {Verb::send}, .rate = {}, .body_bytes = 7}));
  EdgeCache other;
  EXPECT_EQ((*router.resolve(*cells.make("test/a/2"), other, "test/b/1", Verb::send, {}, tally))->body_bytes_max, 7U);
}

TEST_F(RoutingTest, takes_a_permit_only_if_everything_fits) {
  allow("test/b/1"_pattern);
  Channel& channel = **resolve("test/b/1");
  EXPECT_EQ(take_permit(channel, core::Codec::raw, 61, {}).error().kind, SendErrorKind::too_large);
  EXPECT_EQ(take_permit(channel, core::Codec::raw, 61, {}).error().largest_bytes, 60U);
  EXPECT_TRUE(take_permit(channel, core::Codec::raw, 60, {}));
  EXPECT_EQ(take_permit(channel, core::Codec::raw, 60, {}).error().kind, SendErrorKind::mailbox_full) << "by bytes";
  EXPECT_TRUE(take_permit(channel, core::Codec::raw, 0, {}));
  EXPECT_EQ(take_permit(channel, core::Codec::raw, 0, {}).error().kind, SendErrorKind::mailbox_full) << "by count";
  give_back(channel);
}

TEST_F(RoutingTest, refuses_a_codec_that_the_target_does_not_accept) {
  cells.only_codec = core::Codec::json;
  registry.insert(cells.make("test/json/1"));
  allow("test/*/*"_pattern);
  Channel& channel = **resolve("test/json/1");
  EXPECT_EQ(take_permit(channel, core::Codec::raw, 1, {}).error().kind, SendErrorKind::codec_not_accepted);
  EXPECT_TRUE(take_permit(channel, core::Codec::json, 1, {}));
  give_back(channel);
}

TEST_F(RoutingTest, gives_a_metered_token_back_when_there_is_no_room) {
  ASSERT_TRUE(grants.add({.from = "test/a/1"_pattern, .to = "test/b/1"_pattern, .allow = {Verb::send}, .rate = core::Rate{3}}));
  Channel& channel = **resolve("test/b/1");
  EXPECT_TRUE(take_permit(channel, core::Codec::raw, 1, {}));
  EXPECT_TRUE(take_permit(channel, core::Codec::raw, 1, {}));
  EXPECT_EQ(take_permit(channel, core::Codec::raw, 1, {}).error().kind, SendErrorKind::mailbox_full);
  channel.edge->release(1, 1);
  EXPECT_TRUE(take_permit(channel, core::Codec::raw, 1, {})) << "the refused one did not use up the rate";
  channel.edge->release(1, 1);
  EXPECT_EQ(take_permit(channel, core::Codec::raw, 1, {}).error().kind, SendErrorKind::rate_limited);
  give_back(channel);
}

TEST(ResponseRouter, refuses_a_reply_beyond_the_requesters_budget_and_gives_the_bytes_back) {
  testing::Cells cells;
  MessagingMetrics metrics;
  DeadLetters dead_letters;
  actor::VolatileSink sink(dead_letters);
  ResponseRouter responses(metrics);
  const actor::ActorRef requester = cells.make("test/a/1", core::Limits{.reply_bytes = 10});
  const actor::EdgePtr edge = actor::Edge::make(requester, cells.make("test/b/1"));
  const auto settle_one = [&](std::size_t bytes) {
    const auto slot = core::make_counted<OpenRequest>(responses, *edge, 0U);
    actor::EnvelopePtr outcome = actor::make_envelope();
    outcome->kind = actor::EnvelopeKind::reply;
    outcome->body = core::Body::copy_of(std::string(bytes, 'x'));
    outcome->slot = slot;
    sink.outcome(std::move(outcome), edge->target());
  };
  settle_one(6);
  settle_one(6);
  settle_one(4);
  EXPECT_EQ(requester->waiting_reply_bytes(), 10U);
  EXPECT_EQ(metrics.stats().responses.refused, 1U);
  // Outcomes that nobody takes hold their slots, and these both ends.
  actor::EnvelopeQueue taken;
  requester->mailbox().take_into(taken);
}

TEST(ResponseRouter, buries_an_outcome_that_nobody_waits_for) {
  testing::Cells cells;
  MessagingMetrics metrics;
  DeadLetters dead_letters;
  actor::VolatileSink sink(dead_letters);
  ResponseRouter responses(metrics);
  const actor::EdgePtr edge = actor::Edge::make(cells.make("test/a/1"), cells.make("test/b/1"));
  const auto slot = core::make_counted<OpenRequest>(responses, *edge, 0U);
  slot->close();
  actor::EnvelopePtr outcome = actor::make_envelope();
  outcome->kind = actor::EnvelopeKind::reply;
  outcome->slot = slot;
  sink.outcome(std::move(outcome), edge->target());
  EXPECT_EQ(metrics.stats().responses.orphaned, 1U);
  EXPECT_EQ(metrics.stats().responses.routed, 0U);
  EXPECT_EQ(dead_letters.counts()[static_cast<std::size_t>(actor::DeadReason::orphaned_reply)], 1U);
  EXPECT_EQ(dead_letters.letters().front().sender, "test/b/1") << "whoever answered too late";
}

TEST(DeadLetters, keep_the_last_and_count_them_all) {
  DeadLetters dead_letters;
  for (std::uint64_t i = 0; i < DeadLetters::kMost + 5; ++i) {
    actor::EnvelopePtr envelope = actor::make_envelope();
    envelope->id = core::MessageId{i};
    dead_letters.bury(std::move(envelope), "test/a/1"_address, actor::DeadReason::crashed);
  }
  EXPECT_EQ(dead_letters.total(), DeadLetters::kMost + 5);
  EXPECT_EQ(dead_letters.letters().size(), DeadLetters::kMost);
  EXPECT_EQ(dead_letters.letters().front().id, 5U) << "the oldest go first";
}

TEST(DeadLetters, are_bounded_in_bytes_too) {
  DeadLetters dead_letters;
  const core::Body body = core::Body::copy_of(std::string(1 << 20, 'x'));
  for (int i = 0; i < 10; ++i) {
    actor::EnvelopePtr envelope = actor::make_envelope();
    envelope->body = body;
    dead_letters.bury(std::move(envelope), "test/a/1"_address, actor::DeadReason::rejected);
  }
  EXPECT_EQ(dead_letters.letters().size(), 4U);
}

TEST(MessageIds, beyond_the_range_of_a_run_are_reserved_before_they_are_used) {
  int reserved = 0;
  bool disk_is_full = false;
  MessageIds ids(1, 1 + 2 * MessageIds::kBlock, [&] {
    if (disk_is_full) return false;
    ++reserved;
    return true;
  });
  EXPECT_EQ(ids.take_block(), 1U);
  EXPECT_EQ(ids.take_block(), 1U + MessageIds::kBlock);
  EXPECT_EQ(reserved, 0);
  disk_is_full = true;
  EXPECT_EQ(ids.take_block(), 1U + 2 * MessageIds::kBlock) << "none comes twice, whatever happens";
  disk_is_full = false;
  EXPECT_EQ(ids.take_block(), 1U + 3 * MessageIds::kBlock);
  EXPECT_EQ(reserved, 1) << "made up for";
  EXPECT_EQ(ids.take_block(), 1U + 4 * MessageIds::kBlock);
  EXPECT_EQ(reserved, 1);
}

TEST(MessageIds, of_two_senders_never_meet) {
  MessageIds ids(1);
  MessageIdBlock first;
  MessageIdBlock second;
  std::vector<core::MessageId> seen;
  for (int i = 0; i < 200; ++i) {
    seen.push_back(first.next(ids));
    seen.push_back(second.next(ids));
  }
  std::ranges::sort(seen);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

}  // namespace
}  // namespace airssys::messaging
