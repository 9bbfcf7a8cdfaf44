#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "airssys/actor/actor_books.hpp"
#include "airssys/actor/edge.hpp"
#include "airssys/actor/envelope.hpp"
#include "airssys/actor/expander.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/trace.hpp"

namespace airssys::actor {

/// What the turn in hand does to requests.
struct RequestChanges {
  std::vector<core::MessageId> opened;     ///< Of its own.
  std::vector<core::MessageId> cancelled;  ///< Of its own.
  std::vector<core::MessageId> answered;   ///< Of others, which it owed.
};

/// An outcome on its way into `handle_reply`, with what its request took along.
struct Arrival {
  core::MessageId id{};
  core::Tag tag{};
  core::Outcome outcome;
  core::TraceContext trace;
  core::MonotonicTime deadline{};       ///< Of the turn that made the request. 0: none.
  core::MonotonicTime first_attempt{};  ///< When `handle_reply` first answered `busy`; 0: never.
  std::uint16_t distance = 0;           ///< As `Envelope::distance`.
  /// Along which the request went. Good until the turn that handles the outcome has ended; then for as long as it is `kept`.
  Edge* asked = nullptr;
  EdgePtr kept{};

  /// Before that turn ends, if the outcome is needed afterwards: most are not, and to own an edge takes two locked steps.
  void keep_asked() noexcept {
    if (asked != nullptr && !kept) kept = EdgePtr::share(*asked);
  }
};

/// What messaging keeps for one actor: whom it knows, what it has asked, what it owes. Touched only by whoever runs the
/// actor, one call at a time; so an actor's requests have one owner and need no lock: but for `withdraw`. Implemented by
/// messaging.
class Correspondence : public Expander {
 public:
  /// How many messages a commit, or one step of `carry_on`, carries out at most, about: part of a millisecond.
  static constexpr std::size_t kSlice = 1024;

  /// The actor has its address: whoever looks for it finds it.
  virtual void placed() = 0;

  /// The turn in hand may have changed something: `commit` or `abort` is to be called when it ends. Looked at for each turn, so
  /// it costs no call.
  bool has_changes() const noexcept { return has_changes_; }
  /// The turn's requests, cancels and answers stand, or never happened.
  virtual void commit() = 0;
  virtual void abort() noexcept = 0;
  /// What the turn in hand has changed of them. Valid until `commit` or `abort`.
  virtual RequestChanges changes() const = 0;
  /// What a turn that stands has not carried out yet, in order; after what was put by before. The actor has no other turn
  /// until `carry_on` has done all of it.
  virtual void put_by(std::span<EnvelopePtr> effects) = 0;
  /// Lets a slice of what was put by out. Returns the number of messages that left; nothing: there was nothing to do.
  virtual std::optional<std::size_t> carry_on(VolatileSink& sink) = 0;
  /// All of what was put by and has not been let out, in order: nothing is put by any more.
  virtual std::vector<EnvelopePtr> take_put_by() = 0;
  /// Something was put by. Then `may_have_expired` is true, so that looking costs nothing more.
  bool has_put_by() const noexcept { return none_ends_before_ == kPutBy; }
  /// A request that was answered `later`; kept until `answer`, a restart or the end, and while its requester waits. False:
  /// `Limits::deferred` is reached.
  virtual bool defer(Envelope& request) = 0;
  /// The requester of a deferred request waits no longer. Any thread; the caller signals the actor then.
  virtual void withdraw(core::MessageId request) = 0;
  /// Forgets the requests that were withdrawn.
  virtual void forget_withdrawn() = 0;
  /// Whether `answer` was called, in this turn, for the request in hand.
  virtual bool answered_in_hand() const noexcept = 0;

  /// Matches a reply with its request. Nothing: it is no longer waited for (cancelled, timed out, another incarnation). One
  /// that is taken after its request's time has passed is a timeout, and the reply late. A reply that nobody waits for has an
  /// author afterwards, and is to be buried; of any other the arrival has taken what it was about.
  virtual std::optional<Arrival> take(Envelope& reply, core::MonotonicTime now) = 0;
  /// Whether `take_expired` may find something: looked at before each turn, so it costs no call.
  bool may_have_expired(core::MonotonicTime now) const noexcept { return none_ends_before_ <= now; }
  /// The next request whose time has passed, if any.
  virtual std::optional<Arrival> take_expired(core::MonotonicTime now) = 0;
  /// When `take_expired` has something next.
  virtual std::optional<core::MonotonicTime> next_deadline() const noexcept = 0;

  /// The instance has ended: its own requests are forgotten, what it owed ends with `owed`: these outcomes are added to
  /// `outcomes`. How many requests, of both, were to be answered later and never will be.
  virtual std::size_t reset(core::RequestErrorKind owed, std::vector<EnvelopePtr>& outcomes) = 0;
  /// The actor has stopped for good: nothing that this holds may keep others alive any more. Again after whatever came too
  /// late.
  virtual void close() noexcept = 0;

  virtual std::size_t open_requests() const noexcept = 0;
  /// One of these follows from what the system has accepted: see `Ending`.
  virtual bool has_accepted_requests() const noexcept = 0;
  /// Those, and what is still here of others: what the limit `requests` counts.
  virtual std::size_t kept_requests() const noexcept = 0;
  virtual std::size_t owed_answers() const noexcept = 0;
  /// Adds the targets that it knows to the actor's books. By whoever runs the actor, between its turns.
  virtual void add_targets(ActorBooks& books) const = 0;

 protected:
  static constexpr core::MonotonicTime kPutBy = core::MonotonicTime::min();

  /// No open request ends before. May be too early, never too late. `kPutBy`: there is something to carry on with first.
  core::MonotonicTime none_ends_before_ = core::MonotonicTime::max();
  bool has_changes_ = false;
};

}  // namespace airssys::actor
