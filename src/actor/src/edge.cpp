#include "airssys/actor/edge.hpp"

#include <algorithm>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/core/assert.hpp"

namespace airssys::actor {

EdgePtr Edge::make(core::IntrusivePtr<ActorCell> sender, core::IntrusivePtr<ActorCell> target) {
  return EdgePtr(new Edge(std::move(sender), std::move(target)));
}

Edge::Edge(core::IntrusivePtr<ActorCell> sender, core::IntrusivePtr<ActorCell> target) noexcept
    : sender_(std::move(sender)), target_(std::move(target)) {}

Edge::~Edge() = default;

bool Edge::try_acquire(std::size_t bytes) noexcept {
  Mailbox& mailbox = target_->mailbox();
  // Others only lower what is held, and never below zero: what is decided here stays allowed.
  const std::uint64_t held = this->held(std::memory_order_relaxed);
  const std::uint32_t messages = messages_of(held);
  if (messages >= std::min(std::max(kMessagesAlways, mailbox.messages_free()), kMostMessages)) return false;
  const core::Bytes held_bytes = bytes_of(held);
  if (held_bytes != 0 && bytes != 0 && held_bytes + bytes > mailbox.bytes_free()) return false;
  if (bytes > kMostBytes - held_bytes || !mailbox.try_acquire(bytes)) return false;
  taken_.store(taken_.load(std::memory_order_relaxed) + word_of(1, bytes), std::memory_order_relaxed);
  return true;
}

void Edge::release(std::uint32_t messages, std::size_t bytes) noexcept {
  // First the share, then the mailbox: whoever is told of room by the mailbox must see the share's, too.
  ActorCell* const target = target_.get();
  const std::uint64_t back = word_of(messages, bytes);
  if (given_back_.fetch_add(back, std::memory_order_seq_cst) + back == kNoOwner) delete this;
  target->mailbox().release(messages, bytes);
}

void Edge::abandon() noexcept {
  // From here on what was given back lacks what is still held: the message that brings it to nothing but the mark is the last.
  const std::uint64_t taken = taken_.load(std::memory_order_relaxed);
  const std::uint64_t marked = kNoOwner - taken;
  if (given_back_.load(std::memory_order_acquire) == taken ||
      given_back_.fetch_add(marked, std::memory_order_acq_rel) + marked == kNoOwner) {
    delete this;
  }
}

bool Edge::has_fair_share() const noexcept {
  // Three quarters, not one permit: else a sender would come back for each message that leaves.
  const std::uint64_t held = this->held(std::memory_order_seq_cst);
  if (messages_of(held) == 0) return true;
  const Mailbox& mailbox = target_->mailbox();
  const std::uint64_t may = std::max(kMessagesAlways, mailbox.messages_free());
  return std::uint64_t{messages_of(held)} * 4 <= may * 3 && bytes_of(held) <= mailbox.bytes_free() / 4 * 3;
}

void PermitsBack::add(Edge& edge, std::size_t bytes) noexcept {
  if (edge_ != &edge) {
    flush();
    edge_ = &edge;
    // Looked at once, not for each: they share a line of memory with what senders write.
    const Mailbox& mailbox = edge.target().mailbox();
    most_ = std::min(kMost, mailbox.messages_max() / kPartOfMailbox);
    most_bytes_ = mailbox.bytes_max() / kPartOfMailbox;
  }
  ++messages_;
  bytes_ += bytes;
  if (messages_ >= most_ || bytes_ >= most_bytes_) hand_over();
}

void PermitsBack::hand_over() noexcept {
  std::exchange(edge_, nullptr)->release(std::exchange(messages_, 0), std::exchange(bytes_, 0));
}

EdgePtr EdgePtr::share(Edge& edge) noexcept {
  const std::uint32_t owners = edge.owners_.fetch_add(1, std::memory_order_relaxed);
  AIRSSYS_ASSERT(owners > 0);
  return EdgePtr(&edge);
}

void EdgePtr::reset() noexcept {
  Edge* const edge = std::exchange(edge_, nullptr);
  if (edge == nullptr) return;
  // A sole owner needs no atomic subtraction: nobody else can begin to share it meanwhile.
  if (edge->owners_.load(std::memory_order_acquire) == 1 || edge->owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    edge->abandon();
  }
}

}  // namespace airssys::actor
