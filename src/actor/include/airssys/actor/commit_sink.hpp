#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "airssys/actor/commit.hpp"
#include "airssys/core/address.hpp"

namespace airssys::actor {

class VolatileSink;

/// The door through which effects leave. It takes a commit and lets it out by `at_once`: on the spot, or when what it must wait
/// for has happened (a log has been synced, a record been made). Then the commit is empty. On the thread that made the commit;
/// of kind `outside`, on any.
class CommitSink {
 public:
  virtual ~CommitSink() = default;
  /// How many messages have left.
  virtual std::size_t take(Commit& commit, VolatileSink& at_once) = 0;
};

/// Lets commits out at once, and is the only one that does: whatever enters a mailbox, ends a request or is buried does so
/// here. Any thread.
class VolatileSink {
 public:
  /// Borrowed, outlives this.
  explicit VolatileSink(DeadLetterSink& dead_letters) noexcept : dead_letters_(dead_letters) {}

  /// Everything of the commit, which is empty afterwards but for its timers. More effects than `Correspondence::kSlice` are put
  /// by with their actor, to be carried on with. Returns how many messages have left.
  std::size_t release(Commit& commit) {
    return commit.kind == CommitKind::stands ? release_turn(commit) : release_rest(commit);
  }

  // For messaging, while it expands an effect of a commit that is being released.

  /// Into the mailbox of its edge's target.
  void message(EnvelopePtr envelope);
  /// To whoever asked: an outcome that nobody waits for is buried.
  void outcome(EnvelopePtr outcome, ActorCell& author);
  /// A copy that its target did not get.
  void dead_letter(EnvelopePtr envelope, const core::Address& target, DeadReason reason, std::string_view why = {}) noexcept {
    dead_letters_.bury(std::move(envelope), target, reason, why);
  }

 private:
  std::size_t release_turn(Commit& commit);
  std::size_t release_rest(Commit& commit);
  std::size_t release_effects(Commit& commit);
  /// One that is not for one mailbox. It stays where it is if a slice was not enough.
  std::size_t release_other(Commit& commit, EnvelopePtr& effect);
  void release_answer(Commit& commit);

  DeadLetterSink& dead_letters_;
};

/// Where commits are handed in: to the volatile sink, or to another that was set over it.
class CommitDoor {
 public:
  explicit CommitDoor(DeadLetterSink& dead_letters) noexcept : at_once_(dead_letters) {}

  /// Borrowed, outlives this. Before the first commit.
  void use(CommitSink& sink) noexcept { sink_ = &sink; }

  /// How many messages have left.
  std::size_t release(Commit& commit) {
    if (sink_ == nullptr) [[likely]] {
      return at_once_.release(commit);
    }
    return sink_->take(commit, at_once_);
  }
  /// For what was put by of a commit that has been handed in.
  VolatileSink& at_once() noexcept { return at_once_; }

 private:
  VolatileSink at_once_;
  CommitSink* sink_ = nullptr;
};

}  // namespace airssys::actor
