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
  // Others only lower this word, and never below zero: what is decided here stays allowed.
  const std::uint64_t held = word_.load(std::memory_order_relaxed);
  const std::uint32_t messages = messages_of(held);
  if (messages >= std::min(std::max(kMessagesAlways, mailbox.messages_free()), kMostMessages)) return false;
  const core::Bytes held_bytes = bytes_of(held);
  if (held_bytes != 0 && bytes != 0 && held_bytes + bytes > mailbox.bytes_free()) return false;
  if (bytes > kMostBytes - held_bytes || !mailbox.try_acquire(bytes)) return false;
  word_.fetch_add(kOneMessage + bytes, std::memory_order_relaxed);
  return true;
}

void Edge::release(std::uint32_t messages, std::size_t bytes) noexcept {
  // First the share, then the mailbox: whoever is told of room by the mailbox must see the share's, too.
  ActorCell* const target = target_.get();
  const std::uint64_t gone = messages * kOneMessage + bytes;
  const std::uint64_t before = word_.fetch_sub(gone, std::memory_order_seq_cst);
  AIRSSYS_ASSERT(messages_of(before) >= messages && bytes_of(before) >= bytes);
  if (before == gone) delete this;
  target->mailbox().release(messages, bytes);
}

bool Edge::has_fair_share() const noexcept {
  // Three quarters, not one place: else a sender would come back for each message that leaves.
  const std::uint64_t held = word_.load(std::memory_order_seq_cst);
  if (messages_of(held) == 0) return true;
  const Mailbox& mailbox = target_->mailbox();
  const std::uint64_t may = std::max(kMessagesAlways, mailbox.messages_free());
  return std::uint64_t{messages_of(held)} * 4 <= may * 3 && bytes_of(held) <= mailbox.bytes_free() / 4 * 3;
}

void PlacesBack::add(Edge& edge, std::size_t bytes) noexcept {
  if (edge_ != &edge) flush();
  edge_ = &edge;
  ++messages_;
  bytes_ += bytes;
  const Mailbox& mailbox = edge.target().mailbox();
  const std::uint32_t most = std::min(kMost, mailbox.messages_max() / kPartOfMailbox);
  if (messages_ >= most || bytes_ >= mailbox.bytes_max() / kPartOfMailbox) hand_over();
}

void PlacesBack::hand_over() noexcept {
  std::exchange(edge_, nullptr)->release(std::exchange(messages_, 0), std::exchange(bytes_, 0));
}

EdgePtr EdgePtr::share(Edge& edge) noexcept {
  std::uint64_t word = edge.word_.load(std::memory_order_relaxed);
  do {
    if (word >> Edge::kOwnerShift == Edge::kMostOwners) return {};
  } while (!edge.word_.compare_exchange_weak(word, word + Edge::kOneOwner, std::memory_order_relaxed));
  return EdgePtr(&edge);
}

void EdgePtr::reset() noexcept {
  Edge* const edge = std::exchange(edge_, nullptr);
  if (edge == nullptr) return;
  if (edge->word_.fetch_sub(Edge::kOneOwner, std::memory_order_acq_rel) == Edge::kOneOwner) delete edge;
}

}  // namespace airssys::actor
