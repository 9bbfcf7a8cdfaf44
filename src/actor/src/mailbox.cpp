#include "airssys/actor/mailbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/core/assert.hpp"

namespace airssys::actor {

Mailbox::~Mailbox() {
  Envelope* envelope = head_.load(std::memory_order_acquire);
  if (envelope == asleep_mark()) return;
  while (envelope != nullptr) FreeEnvelope{}(std::exchange(envelope, envelope->next));
}

bool Mailbox::try_acquire(std::size_t bytes) noexcept {
  std::uint64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (count_of(used) >= messages_max_ || bytes > bytes_max_ || bytes_of(used) > bytes_max_ - bytes) return false;
  } while (!used_.compare_exchange_weak(used, used + kOneMessage + bytes, std::memory_order_relaxed));
  return true;
}

void Mailbox::release(std::uint32_t messages, std::size_t bytes) noexcept {
  const std::uint64_t gone = messages * kOneMessage + bytes;
  // Sequentially consistent with wait_for_room: either the waiter sees this room, or this sees the waiter.
  const std::uint64_t before = used_.fetch_sub(gone, std::memory_order_seq_cst);
  AIRSSYS_ASSERT(count_of(before) >= messages && bytes_of(before) >= bytes);
  if (has_waiters_.load(std::memory_order_seq_cst) && has_fair_room(before - gone)) tell_waiters();
}

bool Mailbox::has_fair_room(std::uint64_t used) const noexcept {
  // A quarter free, not one permit: else each message would wake everybody who waits.
  return count_of(used) <= messages_max_ - messages_max_ / 4 - (messages_max_ < 4 ? 1 : 0) &&
         bytes_of(used) <= bytes_max_ - bytes_max_ / 4;
}

bool Mailbox::begins_to_wait(const RoomWaiter& waiter, Edge* edge) const noexcept {
  if (edge != nullptr && &edge->sender() == &waiter) return !std::exchange(edge->sender_waits_, true);
  return std::ranges::none_of(waiters_,
                              [&](const Waiting& known) { return known.who.get() == &waiter && known.edge.get() == edge; });
}

void Mailbox::wait_for_room(core::IntrusivePtr<RoomWaiter> waiter, EdgePtr edge) {
  {
    const std::lock_guard lock(waiters_mutex_);
    if (!begins_to_wait(*waiter, edge.get())) return;
    waiters_.push_back({.who = std::move(waiter), .edge = std::move(edge)});
    has_waiters_.store(true, std::memory_order_seq_cst);
  }
  if (has_fair_room(used_.load(std::memory_order_seq_cst))) tell_waiters();
}

std::vector<Mailbox::Waiting> Mailbox::take_waiters(std::vector<Waiting>::iterator first) noexcept {
  std::vector<Waiting> taken(std::make_move_iterator(first), std::make_move_iterator(waiters_.end()));
  waiters_.erase(first, waiters_.end());
  has_waiters_.store(!waiters_.empty(), std::memory_order_seq_cst);
  for (const Waiting& waiting : taken) {
    if (waiting.edge && &waiting.edge->sender() == waiting.who.get()) waiting.edge->sender_waits_ = false;
  }
  return taken;
}

void Mailbox::wait_no_longer(const RoomWaiter& waiter) noexcept {
  std::vector<Waiting> gone;
  const std::lock_guard lock(waiters_mutex_);
  gone = take_waiters(
      std::ranges::partition(waiters_, [&](const Waiting& waiting) { return waiting.who.get() != &waiter; }).begin());
}

std::size_t Mailbox::waiters() const noexcept {
  const std::lock_guard lock(waiters_mutex_);
  return waiters_.size();
}

void Mailbox::tell_waiters() noexcept {
  std::vector<Waiting> told;
  {
    const std::lock_guard lock(waiters_mutex_);
    const auto lacks_share = [](const Waiting& waiting) { return waiting.edge && !waiting.edge->has_fair_share(); };
    told = take_waiters(std::ranges::partition(waiters_, lacks_share).begin());
  }
  for (const Waiting& waiting : told) waiting.who->room_available();
}

void Mailbox::dismiss_waiters() noexcept {
  std::vector<Waiting> told;
  {
    const std::lock_guard lock(waiters_mutex_);
    told = take_waiters(waiters_.begin());
  }
  for (const Waiting& waiting : told) waiting.who->room_available();
}

bool Mailbox::push(EnvelopeChain&& chain) noexcept {
  Envelope* const first = chain.release();
  Envelope* head = head_.load(std::memory_order_relaxed);
  do {
    first->chain_last->next = head == asleep_mark() ? nullptr : head;
    // Acquire too: whoever finds the actor asleep runs it next and must see what its last run left.
  } while (!head_.compare_exchange_weak(head, first, std::memory_order_acq_rel, std::memory_order_relaxed));
  return head == asleep_mark();
}

bool Mailbox::wake() noexcept {
  Envelope* head = asleep_mark();
  return head_.compare_exchange_strong(head, nullptr, std::memory_order_seq_cst);
}

bool Mailbox::take_into(EnvelopeQueue& queue) noexcept {
  if (head_.load(std::memory_order_relaxed) == nullptr) return false;
  Envelope* newest = head_.exchange(nullptr, std::memory_order_acquire);
  AIRSSYS_ASSERT(newest != asleep_mark());
  queue.append_chains(newest);
  return newest != nullptr;
}

bool Mailbox::try_sleep() noexcept {
  Envelope* head = nullptr;
  return head_.compare_exchange_strong(head, asleep_mark(), std::memory_order_seq_cst);
}

}  // namespace airssys::actor
