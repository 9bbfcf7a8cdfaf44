#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "airssys/core/block_cache.hpp"
#include "airssys/core/intrusive_ptr.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/trace.hpp"

namespace airssys::actor {

class ActorCell;
class Edge;
class PlacesBack;
struct Envelope;

struct FreeEnvelope {
  void operator()(Envelope* envelope) const noexcept;
};
using EnvelopePtr = std::unique_ptr<Envelope, FreeEnvelope>;

/// The asker's end of a request, as the asked side holds it. Whoever takes the request out of a mailbox ends it exactly
/// once with `settle`, whatever happens to the turn, the instance or the actor. Implemented by messaging.
class ReplySlot : public core::RefCounted<ReplySlot> {
 public:
  virtual ~ReplySlot() = default;

  /// Brings the outcome (`Envelope::kind` is `reply`) to the requester. Once. Any thread.
  virtual void settle(EnvelopePtr outcome) = 0;
  /// The requester has neither had an outcome nor given up. Any thread; may be outdated at once.
  virtual bool waiting() const noexcept = 0;
};

/// What an envelope is about. The last two never reach a mailbox: they are what a turn does to its own subscriptions, among
/// its effects so that they happen in order.
enum class EnvelopeKind : std::uint8_t { send, request, event, reply, subscribe, unsubscribe };

/// A message on its way: what mailboxes hold. Made by messaging when something is sent, owned by the turn's effects, then
/// by the mailbox, then by the turn that handles it.
struct Envelope : core::BlockAllocated {
  Envelope* next = nullptr;  ///< For the mailbox that holds it.
  core::MessageId id{};      ///< Of the message; of a reply: of its request; of an event: the same in all its copies.
  EnvelopeKind kind = EnvelopeKind::send;
  std::uint8_t attempt = 1;
  core::Codec codec = core::Codec::raw;
  std::uint32_t place = 0;  ///< Of a reply: where its requester keeps the request.
  core::Body body;
  /// The way it goes, along which it holds one place of `body.size()`, given back when it is freed. Null: a reply, which
  /// needs none, or something that is not for one target.
  Edge* edge = nullptr;
  core::IntrusivePtr<ActorCell> author;  ///< Whose it is, where no edge says so: a reply, a copy that found no place.
  std::uint64_t sent_at_ms = 0;
  core::MonotonicTime deadline{};       ///< 0: none.
  core::MonotonicTime first_attempt{};  ///< When a turn first answered `busy`; 0: never.
  core::TraceContext trace;
  core::IntrusivePtr<ReplySlot> slot;         ///< Of a request, and of its reply.
  std::unique_ptr<core::RequestError> error;  ///< A reply that is none.
  std::shared_ptr<const std::string> topic;   ///< Of an event; of a change of subscriptions: the pattern.

  bool has_deadline() const noexcept { return deadline.count() != 0; }
  /// Null: nobody is known.
  ActorCell* sender() const noexcept;
  /// Gives its place back now. Only where the target is kept alive, as by whoever runs it; freeing an envelope does the same
  /// anywhere, at a price.
  void give_place_back() noexcept;
  /// The same, with others of its edge.
  void give_place_back(PlacesBack& places) noexcept;
};

/// One that this thread has done with, or a new one.
EnvelopePtr make_envelope();

/// Envelopes for one mailbox, one or more, linked as the mailbox wants them: the newest first.
class EnvelopeChain {
 public:
  explicit EnvelopeChain(EnvelopePtr first) noexcept : newest_(first.release()), oldest_(newest_) {}
  EnvelopeChain(EnvelopeChain&& other) noexcept : newest_(std::exchange(other.newest_, nullptr)), oldest_(other.oldest_) {}
  EnvelopeChain& operator=(EnvelopeChain&&) = delete;
  ~EnvelopeChain() {
    while (newest_ != nullptr) FreeEnvelope{}(std::exchange(newest_, newest_->next));
  }

  void add(EnvelopePtr envelope) noexcept {
    envelope->next = newest_;
    newest_ = envelope.release();
  }
  /// The newest and the oldest. They are the caller's then.
  std::pair<Envelope*, Envelope*> release() noexcept { return {std::exchange(newest_, nullptr), oldest_}; }

 private:
  Envelope* newest_;
  Envelope* oldest_;
};

/// A queue of envelopes owned by one thread: first in, first out, with a way back to the front.
class EnvelopeQueue {
 public:
  EnvelopeQueue() = default;
  EnvelopeQueue(const EnvelopeQueue&) = delete;
  EnvelopeQueue& operator=(const EnvelopeQueue&) = delete;
  ~EnvelopeQueue() { clear(); }

  bool empty() const noexcept { return head_ == nullptr; }
  void push_back(EnvelopePtr envelope) noexcept;
  void push_front(EnvelopePtr envelope) noexcept;
  EnvelopePtr pop_front() noexcept;
  const Envelope* front() const noexcept { return head_; }
  /// Takes a chain in which the newest comes first, as the mailbox hands it over.
  void append_reversed(Envelope* newest) noexcept;
  void clear() noexcept;

 private:
  Envelope* head_ = nullptr;
  Envelope* tail_ = nullptr;
};

}  // namespace airssys::actor
