#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "airssys/core/block_cache.hpp"
#include "airssys/core/intrusive_ptr.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/trace.hpp"

namespace airssys::actor {

class ActorCell;
class Edge;
class PermitsBack;
struct Envelope;

struct FreeEnvelope {
  void operator()(Envelope* envelope) const noexcept;
};
using EnvelopePtr = std::unique_ptr<Envelope, FreeEnvelope>;

/// The asker's end of a request, as the asked side holds it. Whoever takes the request out of a mailbox ends it exactly
/// once, whatever happens to the turn, the instance or the actor. Implemented by messaging.
class ReplySlot : public core::RefCounted<ReplySlot> {
 public:
  virtual ~ReplySlot() = default;

  /// How an outcome goes on.
  enum class Way : std::uint8_t {
    mailbox,  ///< Into the requester's mailbox.
    taken,    ///< The requester has taken what it is about.
    orphan,   ///< Nobody waits for it.
  };
  struct Destination {
    ActorCell* requester;
    Way way;
  };
  /// An outcome (`Envelope::kind` is `reply`), which holds this slot, comes home; it may be changed if it is refused. Once. Any
  /// thread.
  virtual Destination settle(Envelope& outcome) = 0;
  /// The requester has neither had an outcome nor given up. Any thread; may be outdated at once.
  virtual bool waiting() const noexcept = 0;
  /// `debtor` will answer `request` in a later turn. Once, before `settle`. Should the requester give up before, `debtor`'s
  /// books are told (`Correspondence::withdraw`). False: it has given up already. By whoever runs `debtor`.
  virtual bool defer(ActorCell& debtor, core::MessageId request) = 0;
};

/// What an envelope is about. The last two never reach a mailbox: they are what a turn does to its own subscriptions, among
/// its effects so that they happen in order.
enum class EnvelopeKind : std::uint8_t { send, request, event, reply, subscribe, unsubscribe };

/// What few messages have.
struct Extra final : core::RefCounted<Extra>, core::BlockAllocated {
  explicit Extra(std::string_view name) : topic(name) {}
  explicit Extra(core::RequestError failed) : error(std::move(failed)) {}

  const std::string topic;  ///< Of an event, shared by all its copies; of a change of subscriptions: the pattern.
  std::optional<core::RequestError> error;  ///< Of a reply that is none.
};

/// A message on its way: what mailboxes hold. Made by messaging when something is sent, owned by the turn's effects, then
/// by the mailbox, then by the turn that handles it. Two lines of memory, since it goes from core to core; the first has what
/// mailboxes and senders look at.
struct alignas(64) Envelope : core::BlockAllocated {
  Envelope* next = nullptr;  ///< For the mailbox or queue that holds it.
  union {
    /// For the mailbox: of the first of a chain, its last.
    Envelope* chain_last;
    /// Anywhere else: when a turn first answered `busy`; 0: never.
    core::MonotonicTime first_attempt{};
  };
  core::MessageId id{};  ///< Of the message; of a reply: of its request; of an event: the same in all its copies.
  EnvelopeKind kind = EnvelopeKind::send;
  std::uint8_t attempt = 1;
  std::uint16_t distance = 0;  ///< In turns, from what came from outside; see `Ending`.
  core::Codec codec = core::Codec::raw;
  core::Body body;
  /// The way it goes, along which it holds one permit of `body.size()`, given back when it is freed. Null: a reply, which
  /// needs none, or something that is not for one target.
  Edge* edge = nullptr;
  std::uint64_t sent_at_ms = 0;
  core::MonotonicTime deadline{};  ///< 0: none.

  core::TraceContext trace;
  core::IntrusivePtr<ActorCell> author;  ///< Whose it is, where no edge says so: of what goes to the dead letters.
  core::IntrusivePtr<ReplySlot> slot;    ///< Of a request, and of its outcome, on which it goes home.
  core::IntrusivePtr<Extra> extra;       ///< Null: nothing.

  bool has_deadline() const noexcept { return deadline.count() != 0; }
  /// Null: nobody is known.
  ActorCell* sender() const noexcept;
  /// Null: it has none.
  const std::string* topic() const noexcept { return extra && !extra->topic.empty() ? &extra->topic : nullptr; }
  core::RequestError* error() const noexcept { return extra && extra->error ? &*extra->error : nullptr; }
  /// Gives its permit back now. Only where the target is kept alive, as by whoever runs it; freeing an envelope does the same
  /// anywhere, at a price.
  void give_permit_back() noexcept;
  /// The same, with others of its edge.
  void give_permit_back(PermitsBack& permits) noexcept;
};

static_assert(sizeof(Envelope) == 128);

/// One that this thread has done with, or a new one. Its id, codec, time and trace are for the caller to set.
EnvelopePtr make_envelope();
/// The same for the outcome of request `id`, of which nothing is known yet.
EnvelopePtr make_outcome(core::MessageId id, const core::TraceContext& trace);

/// Envelopes for one mailbox, one or more, linked in their order.
class EnvelopeChain {
 public:
  explicit EnvelopeChain(EnvelopePtr only) noexcept : first_(only.release()), last_(first_) { last_->next = nullptr; }
  EnvelopeChain(EnvelopeChain&& other) noexcept : first_(std::exchange(other.first_, nullptr)), last_(other.last_) {}
  EnvelopeChain& operator=(EnvelopeChain&&) = delete;
  ~EnvelopeChain() {
    while (first_ != nullptr) FreeEnvelope{}(std::exchange(first_, first_->next));
  }

  void add(EnvelopePtr envelope) noexcept {
    last_->next = envelope.get();
    last_ = envelope.release();
    last_->next = nullptr;
  }
  /// The first, which knows the last. They are the caller's then.
  Envelope* release() noexcept {
    first_->chain_last = last_;
    return std::exchange(first_, nullptr);
  }

 private:
  Envelope* first_;
  Envelope* last_;
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
  /// Takes chains of which the newest comes first, each linked to the one before by its last, as the mailbox hands them over.
  /// Touches the ends of each only: what is between comes into the processor's cache when it is its turn.
  void append_chains(Envelope* newest) noexcept;
  void clear() noexcept;

 private:
  Envelope* head_ = nullptr;
  Envelope* tail_ = nullptr;
};

}  // namespace airssys::actor
