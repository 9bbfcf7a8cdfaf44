#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/actor_cell.hpp"

namespace airssys::actor {

/// Why an actor has stopped for good.
enum class StopCause : std::uint8_t {
  gave_up,       ///< It died more often than its supervisor allows.
  ordered,       ///< Somebody who has its address had it stopped.
  ended_itself,  ///< `Turn::stop_self`.
  system_ended,
};

/// An actor that has stopped, as it is kept for operators. A value.
struct StoppedActor {
  ActorRef actor;  ///< Without instance, messages and books: who it was, its limits and counters, and what makes it anew.
  StopCause cause{};
  std::string why;  ///< A sentence.
  std::uint64_t time_ms = 0;
  /// Messages from others that had been accepted for it and are in the dead letters since it stopped: those that waited, and
  /// the one that it died over for the last time. No requests: whoever asked was told.
  std::uint64_t unhandled = 0;
};

/// The actors that gave up or were stopped, so that somebody who looks for one finds out what became of it. One stays until
/// another takes its address, until it is removed, or until more than `kMost` have stopped since: then the oldest that was
/// stopped by order makes room, and if there is none, the oldest that gave up. Any thread.
class StoppedActors {
 public:
  static constexpr std::size_t kMost = 1000;

  StoppedActors() = default;
  StoppedActors(const StoppedActors&) = delete;
  StoppedActors& operator=(const StoppedActors&) = delete;

  /// Whether an actor that stopped so is kept: one that gave up; and a guest that was stopped by order. A native actor that its
  /// program stops is gone, and what its factory holds with it.
  static bool keeps(const ActorCell& actor, StopCause cause) noexcept {
    return cause == StopCause::gave_up || (cause == StopCause::ordered && actor.behaviour().profile().has_value());
  }
  /// In place of another with its address. Ignored after `close`.
  void add(StoppedActor stopped);
  /// More messages that came for one of them, if it still is here.
  void add_unhandled(const ActorCell& actor, std::uint64_t messages);
  std::optional<StoppedActor> find(std::string_view address) const;
  /// Forgets one. False: there is none. Cheap where nobody has stopped.
  bool remove(std::string_view address);
  /// Sorted by address.
  std::vector<StoppedActor> all() const;
  std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }

  /// The system ends: whoever stops from here on is not kept.
  void close();
  /// Forgets all; they hold the code that they ran.
  void clear();

 private:
  using Ages = std::list<StoppedActor>;  ///< Oldest first.

  Ages& ages_of(StopCause cause) noexcept { return cause == StopCause::gave_up ? gave_up_ : ordered_; }
  /// With the lock held.
  bool erase(std::string_view address);
  void make_room();

  mutable std::mutex mutex_;
  Ages gave_up_;
  Ages ordered_;
  std::map<std::string_view, Ages::iterator> by_address_;  ///< Keys are the actors' own.
  std::atomic<std::size_t> size_{0};
  bool closed_ = false;
};

}  // namespace airssys::actor
