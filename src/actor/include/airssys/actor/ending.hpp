#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace airssys::actor {

/// How a system ends: what was accepted is to be handled before, and what is not must be said. But actors may go on sending for
/// ever, each message the cause of the next, and no drain would end that. So messages are told apart by their distance from
/// what was accepted, which is counted from the moment when the end begins:
///
///   accepted       what was there at that moment, what comes from outside, and what follows from it within `kOfItsOwn` turns
///   of its own     what is further away, and what timers and starts set off: the system keeps itself busy with it
///
/// Any thread.
class Ending {
 public:
  /// A message that is so many turns away from what was accepted is no part of it any more. Far beyond any pipeline, and
  /// reached within milliseconds by actors that play ping-pong.
  static constexpr std::uint16_t kOfItsOwn = 1000;

  /// What was not handled.
  struct Left {
    std::uint64_t accepted = 0;    ///< Messages.
    std::uint64_t of_its_own = 0;  ///< Messages.
    std::uint64_t unanswered = 0;  ///< Requests that were answered `later`, and whose requester waited until the end.
  };

  void begin() noexcept { step_.store(1, std::memory_order_relaxed); }
  bool has_begun() const noexcept { return step() != 0; }

  /// What one turn adds to the distance: nothing before the end has begun.
  std::uint16_t step() const noexcept { return step_.load(std::memory_order_relaxed); }
  /// The distance of what a turn sends, whose message has that of `cause`.
  static std::uint16_t after(std::uint16_t cause, std::uint16_t step) noexcept {
    return static_cast<std::uint16_t>(std::min<unsigned>(kOfItsOwn, unsigned{cause} + step));
  }
  /// The same of a turn that nothing accepted has caused.
  static std::uint16_t after_nothing(std::uint16_t step) noexcept { return static_cast<std::uint16_t>(step * kOfItsOwn); }

  /// A message of that distance was given up with its target.
  void note_unhandled(std::uint16_t distance) noexcept {
    if (has_begun()) add(distance < kOfItsOwn ? accepted_ : of_its_own_);
  }
  /// So many requests were given up that waited for an answer.
  void note_unanswered(std::size_t requests) noexcept {
    if (requests > 0 && has_begun()) unanswered_.fetch_add(requests, std::memory_order_relaxed);
  }
  Left left() const noexcept {
    return {.accepted = accepted_.load(std::memory_order_relaxed),
            .of_its_own = of_its_own_.load(std::memory_order_relaxed),
            .unanswered = unanswered_.load(std::memory_order_relaxed)};
  }

 private:
  using Counter = std::atomic<std::uint64_t>;
  static void add(Counter& counter) noexcept { counter.fetch_add(1, std::memory_order_relaxed); }

  std::atomic<std::uint16_t> step_{0};
  Counter accepted_{0};
  Counter of_its_own_{0};
  Counter unanswered_{0};
};

}  // namespace airssys::actor
