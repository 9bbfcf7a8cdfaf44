#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "airssys/actor/behaviour.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/trace.hpp"

namespace airssys::actor {

/// One actor's armed timers, at most one per tag. Periods stay on the grid of the first due time, so they do not drift;
/// firings that were missed are counted into the next one instead of coming in a burst. A value; its owner runs the actor.
/// However many there are, each step takes the logarithm of that: what a guest arms is charged to nobody else's turn.
class Timers {
 public:
  struct Timer {
    core::Tag tag{};
    core::MonotonicTime due{};
    core::MonotonicTime period{};  ///< 0: once.
    std::uint64_t due_wall_ms = 0;
    std::uint16_t distance = 0;  ///< As `Envelope::distance`; each firing takes it further away.
    core::TraceContext trace{};  ///< Of the turn that armed it.
  };
  /// One that has come due.
  struct Due {
    Firing firing;
    core::TraceContext trace;
    core::MonotonicTime first_attempt{};  ///< When `handle_timer` first answered `busy`; 0: never.
    std::uint16_t distance = 0;           ///< As `Envelope::distance`.
  };

  std::size_t size() const noexcept { return book_ == nullptr ? 0 : book_->by_tag.size(); }
  /// Of these, those that fire once: somebody was promised something, and then it is over.
  std::size_t fire_once() const noexcept { return book_ == nullptr ? 0 : book_->fire_once; }
  bool is_due(core::MonotonicTime now) const noexcept { return first_ <= now; }
  bool contains(core::Tag tag) const noexcept { return book_ != nullptr && book_->by_tag.contains(tag); }
  /// Replaces a timer of the same tag.
  void arm(const Timer& timer);
  bool disarm(core::Tag tag) noexcept;
  void clear() noexcept {
    book_.reset();
    first_ = core::MonotonicTime::max();
  }

  std::optional<core::MonotonicTime> next_due() const noexcept;
  /// The earliest timer that is due, of the lowest tag, taken out or moved to its next time.
  std::optional<Due> take_due(core::MonotonicTime now);

 private:
  using Moment = std::pair<core::MonotonicTime, core::Tag>;
  /// Of an actor that has a timer armed; most have none.
  struct Book : core::BlockAllocated {
    std::map<core::Tag, Timer, std::less<>, core::BlockAllocator<std::pair<const core::Tag, Timer>>> by_tag;
    std::set<Moment, std::less<>, core::BlockAllocator<Moment>> by_time;
    std::size_t fire_once = 0;
  };

  void look_for_first() noexcept;

  core::MonotonicTime first_ = core::MonotonicTime::max();  ///< None is due before.
  std::unique_ptr<Book> book_;                              ///< Null: nothing is armed.
};

}  // namespace airssys::actor
