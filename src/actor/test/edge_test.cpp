#include "airssys/actor/edge.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "testing/fakes.hpp"

namespace airssys::actor {
namespace {

class EdgeTest : public ::testing::Test {
 protected:
  ActorRef target_with(std::uint32_t messages, core::Bytes bytes = 1'000'000) {
    return core::make_counted<ActorCell>(
        core::ActorSpec{.address = core::make_checked_address("test/target/1"),
                        .limits = core::Limits{.mailbox_messages = messages, .mailbox_bytes = bytes}},
        std::make_unique<testing::IdleBehaviour>(), scheduler);
  }
  EdgePtr edge_to(const ActorRef& target, std::string_view sender = "test/sender/1") {
    EdgePtr edge = Edge::make(testing::make_actor(sender, scheduler), target);
    made.push_back(EdgePtr::share(*edge));
    return edge;
  }
  /// A permit that is never given back keeps the edge and both its ends for ever.
  void TearDown() override {
    for (const EdgePtr& edge : made) {
      for (core::Bytes bytes = edge->bytes(); edge->messages() > 0; bytes = 0) edge->release(1, bytes);
    }
  }
  /// Takes permits until there are no more.
  static int fill(Edge& edge, std::size_t bytes = 1) {
    int taken = 0;
    while (edge.try_acquire(bytes)) ++taken;
    return taken;
  }

  testing::RecordingScheduler scheduler;
  std::vector<EdgePtr> made;
};

TEST_F(EdgeTest, gets_half_of_a_mailbox_alone_and_leaves_room_for_who_comes_late) {
  const ActorRef target = target_with(1024);
  const EdgePtr first = edge_to(target);
  const EdgePtr second = edge_to(target, "test/sender/2");
  const EdgePtr third = edge_to(target, "test/sender/3");
  EXPECT_EQ(fill(*first), 512);
  EXPECT_EQ(fill(*second), 256);
  EXPECT_EQ(fill(*third), 128);
  EXPECT_EQ(target->mailbox().messages(), 896U);
  EXPECT_FALSE(first->try_acquire(1)) << "it holds more than is free";
}

TEST_F(EdgeTest, may_have_eight_messages_even_where_little_is_free) {
  const ActorRef target = target_with(20);
  const EdgePtr first = edge_to(target);
  const EdgePtr second = edge_to(target, "test/sender/2");
  const EdgePtr third = edge_to(target, "test/sender/3");
  EXPECT_EQ(fill(*first), 10);
  EXPECT_EQ(fill(*second), 8);
  EXPECT_EQ(fill(*third), 2) << "the mailbox has no more";
}

TEST_F(EdgeTest, shares_bytes_as_it_shares_permits_but_always_allows_one_body) {
  const ActorRef target = target_with(1024, 1000);
  const EdgePtr first = edge_to(target);
  EXPECT_EQ(fill(*first, 100), 5);
  EXPECT_TRUE(first->try_acquire(0)) << "nothing takes no bytes";
  EXPECT_TRUE(edge_to(target, "test/sender/2")->try_acquire(500)) << "a first body of another sender, as large as is free";
}

TEST_F(EdgeTest, gives_back_what_it_took) {
  const ActorRef target = target_with(1024);
  const EdgePtr edge = edge_to(target);
  const int taken = fill(*edge, 7);
  for (int i = 0; i < taken; ++i) edge->release(1, 7);
  EXPECT_EQ(edge->messages(), 0U);
  EXPECT_EQ(edge->bytes(), 0U);
  EXPECT_EQ(target->mailbox().messages(), 0U);
  EXPECT_EQ(target->mailbox().bytes(), 0U);
  made.clear();
  EXPECT_TRUE(edge->is_idle());
}

TEST_F(EdgeTest, gets_its_permits_back_together_where_the_mailbox_is_large_and_at_once_where_it_is_small) {
  const ActorRef large = target_with(1024);
  const ActorRef small = target_with(64);
  const EdgePtr to_large = edge_to(large);
  const EdgePtr to_small = edge_to(small);
  for (int i = 0; i < 9; ++i) {
    ASSERT_TRUE(to_large->try_acquire(10));
    ASSERT_TRUE(to_small->try_acquire(10));
  }
  PermitsBack permits;
  for (int i = 0; i < 7; ++i) permits.add(*to_large, 10);
  EXPECT_EQ(large->mailbox().messages(), 9U) << "some are collected";
  permits.add(*to_large, 10);
  EXPECT_EQ(large->mailbox().messages(), 1U);
  permits.add(*to_large, 10);
  permits.add(*to_small, 10);
  EXPECT_EQ(large->mailbox().messages(), 0U) << "another edge's turn";
  EXPECT_EQ(small->mailbox().messages(), 8U);
  permits.flush();
  for (int i = 0; i < 8; ++i) to_small->release(1, 10);
  EXPECT_EQ(small->mailbox().bytes(), 0U);
  EXPECT_EQ(large->mailbox().bytes(), 0U);
}

TEST_F(EdgeTest, collects_permits_by_their_bytes_too) {
  const ActorRef target = target_with(1024, 64'000);
  const EdgePtr edge = edge_to(target);
  PermitsBack permits;
  ASSERT_TRUE(edge->try_acquire(999));
  ASSERT_TRUE(edge->try_acquire(1));
  permits.add(*edge, 999);
  EXPECT_EQ(target->mailbox().bytes(), 1000U);
  permits.add(*edge, 1);
  EXPECT_EQ(target->mailbox().bytes(), 0U) << "a sixty-fourth of the mailbox";
}

TEST_F(EdgeTest, lives_until_its_last_message_is_done_and_lets_its_ends_go_then) {
  const ActorRef target = target_with(10);
  const ActorRef sender = testing::make_actor("test/sender/1", scheduler);
  EdgePtr edge = Edge::make(sender, target);
  ASSERT_TRUE(edge->try_acquire(3));
  EnvelopePtr envelope = make_envelope();
  envelope->body = core::Body::copy_of("abc");
  envelope->edge = edge.get();
  edge.reset();
  EXPECT_EQ(envelope->sender(), sender.get());
  envelope.reset();
  EXPECT_EQ(target->mailbox().messages(), 0U);
}

TEST_F(EdgeTest, is_told_of_room_when_a_fair_part_of_its_own_share_is_free) {
  const ActorRef target = target_with(1024);
  const EdgePtr edge = edge_to(target);
  ASSERT_EQ(fill(*edge), 512);
  const auto waiter = core::make_counted<testing::CountingWaiter>();
  target->mailbox().wait_for_room(waiter, EdgePtr::share(*edge));
  EXPECT_EQ(waiter->told, 0) << "half of the mailbox is free, but not for this one";
  edge->release(1, 1);
  EXPECT_EQ(waiter->told, 0) << "not for each permit";
  for (int i = 0; i < 100; ++i) edge->release(1, 1);
  EXPECT_EQ(waiter->told, 1) << "one wait, one answer";
}

TEST_F(EdgeTest, that_waits_is_dismissed_when_the_target_stops) {
  const ActorRef target = target_with(1024);
  const EdgePtr edge = edge_to(target);
  fill(*edge);
  const auto waiter = core::make_counted<testing::CountingWaiter>();
  target->mailbox().wait_for_room(waiter, EdgePtr::share(*edge));
  target->mailbox().dismiss_waiters();
  EXPECT_EQ(waiter->told, 1);
}

TEST_F(EdgeTest, has_its_sender_wait_once_until_it_is_told) {
  const ActorRef target = target_with(16);
  const EdgePtr edge = edge_to(target, "test/sender/1");
  const EdgePtr other = edge_to(target, "test/sender/2");
  fill(*edge);
  fill(*other);
  const auto wait = [&](const EdgePtr& one) {
    target->mailbox().wait_for_room(ActorRef(&one->sender()), EdgePtr::share(*one));
  };
  for (int i = 0; i < 3; ++i) wait(edge);
  wait(other);
  EXPECT_EQ(target->mailbox().waiters(), 2U);
  while (edge->messages() > 0) edge->release(1, 1);
  while (other->messages() > 0) other->release(1, 1);
  EXPECT_EQ(target->mailbox().waiters(), 0U);
  fill(*edge);
  fill(*other);
  wait(edge);
  wait(edge);
  EXPECT_EQ(target->mailbox().waiters(), 1U) << "told once, it may wait again";
  target->mailbox().wait_no_longer(edge->sender());
  EXPECT_EQ(target->mailbox().waiters(), 0U);
  wait(edge);
  EXPECT_EQ(target->mailbox().waiters(), 1U);
  target->mailbox().dismiss_waiters();
}

// Senders that take and a target that gives back, each on its thread: nothing is lost, and each waiter is told in the end.
TEST_F(EdgeTest, counts_exactly_and_loses_no_waiter_under_threads) {
  constexpr int kSenders = 3;
  constexpr int kEach = 20'000;
  const ActorRef target = target_with(64);
  std::atomic<int> done{0};
  std::vector<EdgePtr> edges;
  for (int i = 0; i < kSenders; ++i) edges.push_back(edge_to(target, "test/sender/" + std::to_string(i + 1)));
  std::vector<std::atomic<int>> held(kSenders);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kSenders; ++i) {
    threads.emplace_back([&, i] {
      const auto waiter = core::make_counted<testing::CountingWaiter>();
      for (int sent = 0; sent < kEach;) {
        if (edges[i]->try_acquire(1)) {
          ++sent;
          held[i].fetch_add(1);
          continue;
        }
        const int told = waiter->told;
        target->mailbox().wait_for_room(waiter, EdgePtr::share(*edges[i]));
        while (waiter->told == told) std::this_thread::yield();
      }
      done.fetch_add(1);
    });
  }
  while (true) {
    const bool last = done == kSenders;
    bool any = false;
    for (std::size_t i = 0; i < kSenders; ++i) {
      if (held[i].load() == 0) continue;
      held[i].fetch_sub(1);
      edges[i]->release(1, 1);
      any = true;
    }
    if (last && !any) break;
    if (!any) std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(target->mailbox().messages(), 0U);
  EXPECT_EQ(target->mailbox().bytes(), 0U);
  for (const EdgePtr& edge : edges) EXPECT_EQ(edge->messages(), 0U);
}

}  // namespace
}  // namespace airssys::actor
