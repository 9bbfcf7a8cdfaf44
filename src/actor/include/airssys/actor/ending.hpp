#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "airssys/core/ports/clock_port.hpp"

namespace airssys::actor {

/// How a system ends, in two steps. First what was accepted is handled (`begin`); when the time for that is over, or nothing is
/// left, everybody is told to stop (`order`), and what still runs is cut short:
///
///   begin    no source is left; actors handle what was accepted, for as long as the owner waits
///   order    turns in hand have `kTurnInHand` more, then they are undone; each actor's last turn has `kLastTurnCpu`, all of
///   them
///            together `kLastTurns`
///
/// What is not handled must be said. But actors may go on sending for ever, each message the cause of the next, and no drain
/// would end that. So messages are told apart by their distance from what came from outside of the system, at all times:
///
///   accepted       what a sender outside has sent, and what follows from it within `kOfItsOwn` turns in a row
///   of its own     what is further away; what an actor began by itself, in its first turn; what timers set off after `begin`
///
/// It is counted from where a message comes from and not from the moment of the end, so that the same message counts the same
/// however fast the machine is and however long the owner waits. Any thread.
class Ending {
 public:
  /// A message that is so many turns away from what came from outside is no part of it any more. Far beyond any pipeline.
  static constexpr std::uint16_t kOfItsOwn = 1000;

  static constexpr std::chrono::milliseconds kTurnInHand{500};
  static constexpr std::chrono::milliseconds kLastTurns{2000};
  static constexpr std::chrono::milliseconds kLastTurnCpu{250};

  /// What was not handled.
  struct Left {
    std::uint64_t accepted = 0;    ///< Messages.
    std::uint64_t of_its_own = 0;  ///< Messages.
    std::uint64_t unanswered = 0;  ///< Requests that were answered `later`, and whose requester waited until the end.
  };

  void begin() noexcept { begun_.store(true, std::memory_order_relaxed); }
  bool has_begun() const noexcept { return begun_.load(std::memory_order_relaxed); }

  /// Begins, too. The first order counts.
  void order(core::MonotonicTime now) noexcept {
    begin();
    core::MonotonicTime never = kNever;
    ordered_at_.compare_exchange_strong(never, now, std::memory_order_relaxed);
  }
  bool is_ordered() const noexcept { return ordered_at_.load(std::memory_order_relaxed) != kNever; }
  /// Whether a turn that runs at `now` has had its time.
  bool is_over_for_turns(core::MonotonicTime now) const noexcept { return is_over(now, kTurnInHand); }
  bool is_over_for_last_turns(core::MonotonicTime now) const noexcept { return is_over(now, kLastTurns); }

  /// The distance of what a turn sends that was caused by what has that of `cause`.
  static std::uint16_t after(std::uint16_t cause) noexcept {
    return static_cast<std::uint16_t>(cause + (cause < kOfItsOwn ? 1 : 0));
  }

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
  static constexpr core::MonotonicTime kNever = core::MonotonicTime::max();

  static void add(Counter& counter) noexcept { counter.fetch_add(1, std::memory_order_relaxed); }
  bool is_over(core::MonotonicTime now, core::MonotonicTime after) const noexcept {
    const core::MonotonicTime ordered = ordered_at_.load(std::memory_order_relaxed);
    return ordered != kNever && now - ordered >= after;
  }

  std::atomic<bool> begun_{false};
  std::atomic<core::MonotonicTime> ordered_at_{kNever};
  Counter accepted_{0};
  Counter of_its_own_{0};
  Counter unanswered_{0};
};

}  // namespace airssys::actor
