#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "airssys/actor/actor_cell.hpp"

namespace airssys::actor {

/// Actors that wait for one worker, and in which order it takes them. A lock that is held for a few instructions; any thread.
///
///   lane      who waits there                                taken
///   ready     has run before: messages, signals, restarts    first in, first out
///   arrived   has never run; comes from outside of workers   first in, first out
///   made      has never run; made by a turn of this worker   newest first; every `kOldestEvery`th is the oldest
///
/// Whom turns make, and whoever those make, runs depth first: a tree of actors is then as large as one of its paths and not as
/// its broadest level. So `made` comes first, `kMadeInARow` in a row, and then one of the other lanes, which take turns. Nobody
/// starves, whatever the others get: of `n` in a lane of the others each waits for `2 n` of their turns at most, of `made` for
/// `n` times `kOldestEvery`.
class RunQueue {
 public:
  enum class Lane : std::uint8_t { ready, arrived, made };

  static constexpr unsigned kMadeInARow = 4;
  static constexpr unsigned kOldestEvery = 256;
  /// At once: each theft makes the robbed one wait.
  static constexpr std::size_t kMostTaken = 16;

  RunQueue() = default;
  RunQueue(const RunQueue&) = delete;
  RunQueue& operator=(const RunQueue&) = delete;

  /// How many wait then.
  std::size_t push(Lane lane, ActorRef actor);
  /// Those that a turn has woken, in the order in which it did: each in its lane. A null is passed over.
  std::size_t push_woken(std::span<ActorRef> actors);
  /// Null: nobody waits.
  ActorRef pop();
  /// The older half of each of `victim`'s lanes, `kMostTaken` at most; the first of them is returned, the others wait here in
  /// their lanes. Null: nobody waits there.
  ActorRef pop_half_of(RunQueue& victim);

 private:
  /// A ring that grows, and gives back what it has grown by when it is empty.
  class Ring {
   public:
    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    void push_back(ActorRef actor) {
      if (size_ == ring_.size()) grow();
      ring_[place(size_++)] = std::move(actor);
    }
    ActorRef pop_front() noexcept {
      ActorRef actor = std::move(ring_[first_]);
      first_ = place(1);
      if (--size_ == 0) shrink();
      return actor;
    }
    ActorRef pop_back() noexcept {
      ActorRef actor = std::move(ring_[place(--size_)]);
      if (size_ == 0) shrink();
      return actor;
    }

   private:
    static constexpr std::size_t kFirst = 64;  ///< A power of two, as all its sizes are.
    static constexpr std::size_t kKept = 4096;

    std::size_t place(std::size_t after_first) const noexcept { return (first_ + after_first) & (ring_.size() - 1); }
    void grow();
    void shrink() noexcept {
      if (ring_.size() > kKept) ring_ = {};
    }

    std::vector<ActorRef> ring_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
  };
  struct Loot;

  // With the lock held.
  Ring& in(Lane lane) noexcept { return lanes_[static_cast<std::size_t>(lane)]; }
  std::size_t size() const noexcept;
  ActorRef pop_made() noexcept;
  ActorRef pop_other() noexcept;

  std::mutex mutex_;
  std::array<Ring, 3> lanes_;
  unsigned made_in_a_row_ = 0;
  unsigned made_popped_ = 0;
  bool arrived_is_next_ = false;
};

}  // namespace airssys::actor
