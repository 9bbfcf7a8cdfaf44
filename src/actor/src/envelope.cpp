#include "airssys/actor/envelope.hpp"

#include <utility>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/edge.hpp"

namespace airssys::actor {
namespace {

/// Envelopes that this thread has done with, made and wiped: cheaper than to make one anew. Bounded: what is beyond goes the
/// way of all small blocks, to threads that send more than they receive.
class Recycler {
 public:
  static constexpr std::size_t kMost = 512;

  ~Recycler() {
    while (Envelope* envelope = take()) delete envelope;
  }
  Envelope* take() noexcept {
    if (first_ == nullptr) return nullptr;
    --size_;
    return std::exchange(first_, first_->next);
  }
  bool keep(Envelope* envelope) noexcept {
    if (size_ == kMost) return false;
    envelope->next = std::exchange(first_, envelope);
    ++size_;
    return true;
  }

 private:
  Envelope* first_ = nullptr;
  std::size_t size_ = 0;
};

thread_local Recycler recycler;

void wipe(Envelope& envelope) noexcept {
  if (envelope.edge != nullptr) {
    const ActorRef keep(&envelope.edge->target());
    envelope.give_permit_back();
  }
  envelope.kind = EnvelopeKind::send;
  envelope.attempt = 1;
  envelope.distance = 0;
  envelope.body = {};
  if (envelope.author) envelope.author = {};
  envelope.deadline = {};
  envelope.first_attempt = {};
  if (envelope.slot) envelope.slot = {};
  if (envelope.extra) envelope.extra = {};
}

/// Has the processor bring the second line of an envelope that comes next, and the first of the one after it. Another core may
/// have written them, and from there a line takes as long as a turn of a native actor. Reads only what was fetched before.
void fetch_ahead(const Envelope& envelope) noexcept {
  const auto* const bytes = reinterpret_cast<const std::byte*>(&envelope);
  __builtin_prefetch(bytes + 64);
  if (envelope.next != nullptr) __builtin_prefetch(envelope.next);
}

}  // namespace

ActorCell* Envelope::sender() const noexcept {
  return edge != nullptr ? &edge->sender() : author.get();
}

void Envelope::give_permit_back() noexcept {
  if (edge == nullptr) return;
  std::exchange(edge, nullptr)->release(1, body.size());
}

void Envelope::give_permit_back(PermitsBack& permits) noexcept {
  if (edge != nullptr) permits.add(*std::exchange(edge, nullptr), body.size());
}

void FreeEnvelope::operator()(Envelope* envelope) const noexcept {
  wipe(*envelope);
  if (!recycler.keep(envelope)) delete envelope;
}

EnvelopePtr make_envelope() {
  Envelope* envelope = recycler.take();
  if (envelope == nullptr) envelope = new Envelope;
  envelope->next = nullptr;
  return EnvelopePtr(envelope);
}

EnvelopePtr make_outcome(core::MessageId id, const core::TraceContext& trace) {
  EnvelopePtr outcome = make_envelope();
  outcome->kind = EnvelopeKind::reply;
  outcome->id = id;
  outcome->codec = core::Codec::raw;
  outcome->sent_at_ms = 0;
  outcome->trace = trace;
  return outcome;
}

void EnvelopeQueue::push_back(EnvelopePtr envelope) noexcept {
  Envelope* last = envelope.release();
  last->next = nullptr;
  if (tail_ == nullptr) {
    head_ = last;
  } else {
    tail_->next = last;
  }
  tail_ = last;
}

void EnvelopeQueue::push_front(EnvelopePtr envelope) noexcept {
  Envelope* first = envelope.release();
  first->next = head_;
  head_ = first;
  if (tail_ == nullptr) tail_ = first;
}

EnvelopePtr EnvelopeQueue::pop_front() noexcept {
  if (head_ == nullptr) return nullptr;
  Envelope* first = std::exchange(head_, head_->next);
  if (head_ == nullptr) {
    tail_ = nullptr;
  } else {
    fetch_ahead(*head_);
  }
  first->body.fetch_ahead();
  first->next = nullptr;
  return EnvelopePtr(first);
}

void EnvelopeQueue::append_chains(Envelope* newest) noexcept {
  if (newest == nullptr) return;
  Envelope* const last = newest->chain_last;
  Envelope* first = nullptr;
  while (newest != nullptr) {
    Envelope* const older = std::exchange(newest->chain_last->next, first);
    newest->first_attempt = {};
    first = std::exchange(newest, older);
  }
  if (tail_ == nullptr) {
    head_ = first;
  } else {
    tail_->next = first;
  }
  tail_ = last;
}

void EnvelopeQueue::clear() noexcept {
  while (pop_front() != nullptr) {
  }
}

}  // namespace airssys::actor
