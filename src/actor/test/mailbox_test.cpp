#include "airssys/actor/mailbox.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "testing/fakes.hpp"

namespace airssys::actor {
namespace {

EnvelopePtr numbered(std::uint64_t id) {
  EnvelopePtr envelope = make_envelope();
  envelope->id = core::MessageId{id};
  return envelope;
}

std::uint64_t number_of(const Envelope& envelope) {
  return core::to_number(envelope.id);
}

TEST(Mailbox, hands_messages_over_in_the_order_in_which_they_came) {
  Mailbox mailbox(10, 1000);
  EnvelopeQueue queue;
  for (std::uint64_t id = 1; id <= 3; ++id) mailbox.push(numbered(id));
  ASSERT_TRUE(mailbox.take_into(queue));
  mailbox.push(numbered(4));
  ASSERT_TRUE(mailbox.take_into(queue));
  for (std::uint64_t id = 1; id <= 4; ++id) EXPECT_EQ(number_of(*queue.pop_front()), id);
  EXPECT_TRUE(queue.empty());
}

TEST(Mailbox, takes_a_chain_in_one_step_and_in_its_order) {
  Mailbox mailbox(10, 1000);
  EnvelopeQueue queue;
  EnvelopeChain chain(numbered(1));
  chain.add(numbered(2));
  chain.add(numbered(3));
  EXPECT_TRUE(mailbox.push(std::move(chain)));
  mailbox.push(numbered(4));
  EnvelopeChain later(numbered(5));
  later.add(numbered(6));
  EXPECT_FALSE(mailbox.push(std::move(later)));
  ASSERT_TRUE(mailbox.take_into(queue));
  for (std::uint64_t id = 1; id <= 6; ++id) EXPECT_EQ(number_of(*queue.pop_front()), id);
  EXPECT_TRUE(queue.empty());
}

TEST(Mailbox, only_the_push_that_finds_the_actor_asleep_schedules_it) {
  Mailbox mailbox(10, 1000);
  EXPECT_TRUE(mailbox.push(numbered(1)));
  EXPECT_FALSE(mailbox.push(numbered(2)));
  EXPECT_FALSE(mailbox.wake());
}

TEST(Mailbox, does_not_sleep_while_a_message_waits) {
  Mailbox mailbox(10, 1000);
  EnvelopeQueue queue;
  mailbox.push(numbered(1));
  EXPECT_FALSE(mailbox.try_sleep());
  mailbox.take_into(queue);
  EXPECT_TRUE(mailbox.try_sleep());
  EXPECT_TRUE(mailbox.asleep());
}

TEST(Mailbox, refuses_beyond_its_count_and_beyond_its_bytes) {
  Mailbox by_count(2, 1000);
  EXPECT_TRUE(by_count.try_acquire(1));
  EXPECT_TRUE(by_count.try_acquire(0));
  EXPECT_FALSE(by_count.try_acquire(0));
  Mailbox by_bytes(10, 100);
  EXPECT_TRUE(by_bytes.try_acquire(60));
  EXPECT_FALSE(by_bytes.try_acquire(41));
  EXPECT_TRUE(by_bytes.try_acquire(40));
  by_bytes.release(1, 60);
  EXPECT_EQ(by_bytes.messages(), 1U);
  EXPECT_EQ(by_bytes.bytes(), 40U);
}

TEST(Mailbox, refuses_a_size_that_would_overflow_the_sum) {
  Mailbox mailbox(10, 100);
  ASSERT_TRUE(mailbox.try_acquire(100));
  EXPECT_FALSE(mailbox.try_acquire(~std::size_t{0}));
}

TEST(Mailbox, tells_who_waits_once_a_quarter_is_free) {
  Mailbox mailbox(8, 1000);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(mailbox.try_acquire(1));
  const auto waiter = core::make_counted<testing::CountingWaiter>();
  mailbox.wait_for_room(waiter, {});
  mailbox.release(1, 1);
  EXPECT_EQ(waiter->told, 0);
  mailbox.release(1, 1);
  EXPECT_EQ(waiter->told, 1);
  mailbox.release(1, 1);
  EXPECT_EQ(waiter->told, 1) << "one wait, one answer";
}

TEST(Mailbox, tells_at_once_who_waits_for_room_that_is_there) {
  Mailbox mailbox(8, 1000);
  const auto waiter = core::make_counted<testing::CountingWaiter>();
  mailbox.wait_for_room(waiter, {});
  EXPECT_EQ(waiter->told, 1);
}

TEST(Mailbox, keeps_nothing_of_who_waits_no_longer) {
  Mailbox mailbox(1, 1000);
  ASSERT_TRUE(mailbox.try_acquire(1));
  const auto stays = core::make_counted<testing::CountingWaiter>();
  const auto goes = core::make_counted<testing::CountingWaiter>();
  mailbox.wait_for_room(stays, {});
  for (int i = 0; i < 3; ++i) {
    mailbox.wait_for_room(goes, {});
    EXPECT_EQ(mailbox.waiters(), 2U);
    mailbox.wait_no_longer(*goes);
    EXPECT_EQ(mailbox.waiters(), 1U);
  }
  mailbox.release(1, 1);
  EXPECT_EQ(stays->told, 1);
  EXPECT_EQ(goes->told, 0);
  EXPECT_EQ(mailbox.waiters(), 0U);
}

TEST(Mailbox, with_one_permit_still_tells_who_waits) {
  Mailbox mailbox(1, 1000);
  ASSERT_TRUE(mailbox.try_acquire(1));
  const auto waiter = core::make_counted<testing::CountingWaiter>();
  mailbox.wait_for_room(waiter, {});
  EXPECT_EQ(waiter->told, 0);
  mailbox.release(1, 1);
  EXPECT_EQ(waiter->told, 1);
}

// Four producers and one consumer that sleeps whenever it can: each producer's messages arrive once and in order, and
// whoever is told to wake the consumer finds it asleep.
TEST(Mailbox, loses_and_doubles_nothing_under_threads) {
  constexpr std::uint64_t kProducers = 4;
  constexpr std::uint64_t kEach = 20'000;
  Mailbox mailbox(1'000'000, 1'000'000);
  std::atomic<bool> running{false};
  std::atomic<std::uint64_t> handled{0};
  std::vector<std::uint64_t> last(kProducers, 0);
  EnvelopeQueue queue;
  const auto consume = [&] {
    bool asleep = false;
    do {
      ASSERT_FALSE(running.exchange(true)) << "two would run the actor at once";
      mailbox.take_into(queue);
      while (EnvelopePtr envelope = queue.pop_front()) {
        const std::uint64_t producer = number_of(*envelope) % kProducers;
        ASSERT_TRUE(last[producer] == 0 || number_of(*envelope) == last[producer] + kProducers);
        last[producer] = number_of(*envelope);
        handled.fetch_add(1);
      }
      running.store(false);
      asleep = mailbox.try_sleep();
    } while (!asleep);
  };
  const auto produce = [&](std::uint64_t producer) {
    for (std::uint64_t i = 1; i <= kEach; ++i) {
      if (mailbox.push(numbered(i * kProducers + producer))) consume();
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t producer = 0; producer < kProducers; ++producer) threads.emplace_back(produce, producer);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(handled, kProducers * kEach);
  EXPECT_TRUE(mailbox.asleep());
}

TEST(Mailbox, counts_its_room_exactly_under_threads) {
  Mailbox mailbox(100, 10'000);
  std::vector<std::thread> threads;
  std::atomic<int> most{0};
  std::atomic<int> holding{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20'000; ++round) {
        if (!mailbox.try_acquire(50)) continue;
        const int now = holding.fetch_add(1) + 1;
        int seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        holding.fetch_sub(1);
        mailbox.release(1, 50);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 100);
  EXPECT_EQ(mailbox.messages(), 0U);
  EXPECT_EQ(mailbox.bytes(), 0U);
}

TEST(EnvelopeQueue, takes_back_to_the_front) {
  EnvelopeQueue queue;
  queue.push_back(numbered(1));
  queue.push_back(numbered(2));
  EnvelopePtr first = queue.pop_front();
  queue.push_front(std::move(first));
  EXPECT_EQ(number_of(*queue.pop_front()), 1U);
  EXPECT_EQ(number_of(*queue.pop_front()), 2U);
  queue.push_front(numbered(3));
  queue.push_back(numbered(4));
  EXPECT_EQ(number_of(*queue.pop_front()), 3U);
  EXPECT_EQ(number_of(*queue.pop_front()), 4U);
  EXPECT_EQ(queue.pop_front(), nullptr);
}

TEST(Envelope, is_clean_when_it_is_used_again) {
  EnvelopePtr envelope = make_envelope();
  envelope->body = core::Body::copy_of("old");
  envelope->deadline = core::MonotonicTime(5);
  envelope->attempt = 7;
  envelope->extra = core::make_counted<Extra>(core::RequestError{});
  envelope.reset();
  const EnvelopePtr again = make_envelope();
  EXPECT_TRUE(again->body.empty());
  EXPECT_FALSE(again->has_deadline());
  EXPECT_EQ(again->attempt, 1);
  EXPECT_EQ(again->edge, nullptr);
  EXPECT_EQ(again->error(), nullptr);
}

}  // namespace
}  // namespace airssys::actor
