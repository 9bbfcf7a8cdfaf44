#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/actor/count.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/restart_policy.hpp"
#include "airssys/core/turn_result.hpp"

namespace airssys::actor {

class Edge;

/// One of a supervisor's, as its supervisor knows it. A value.
struct Child {
  std::uint64_t number = 0;  ///< The actor's.
  /// Its turns that stood, starts among them. Borrowed from the first death until `Supervisor::ended`.
  const Count* turns = nullptr;
};

/// An instance has died. Borrowed for the call.
struct Death {
  Child child;
  std::string_view reason;     ///< A sentence.
  core::MessageId message{};   ///< In hand; 0: none.
  const Edge* edge = nullptr;  ///< Along which that message came; null: none.
};

/// What a supervisor decides about a death. A value.
struct Directive {
  enum class Kind : std::uint8_t {
    restart,  ///< A new instance, at `at`.
    give_up,  ///< None any more: the actor stops for good.
  };
  Kind kind = Kind::give_up;
  core::MonotonicTime at{};    ///< Of a restart: not before.
  std::uint32_t restarts = 0;  ///< That count, this one included: what `restarted(n)` tells the guest.
  std::string reason;          ///< For people: "restart 1 of 5 within 60 s", "stopped for good: it died after ...".
};

/// Decides what becomes of actors that die: a death comes to it, and goes back as a directive, which whoever runs the actor
/// carries out. `one_for_one`: it counts for each child apart, and what happens to one concerns no other.
///
/// A restart counts while it is younger than the window. It counts on for as long as there is no success: a turn of a message,
/// a reply or a timer that stood. So an actor that only ever dies is stopped for good, however long the pauses are between.
///
/// A child that has never died costs nothing, and is not known here. A child that has is remembered from its first death until
/// it ends, or until its restarts are older than the window and it has had a success since; the latter is noticed at deaths of
/// others. Any thread: a lock of its own is held for a few steps, at deaths and at what follows them, never in a turn.
class Supervisor {
 public:
  /// Restarts of one child whose times are remembered. Those before are counted, and taken to be as old as the oldest of these:
  /// more than a system file allows, so that only an embedder's policy comes to it.
  static constexpr std::size_t kTimesKept = 1000;

  explicit Supervisor(core::RestartPolicy policy = {}, std::string name = {}) : policy_(policy), name_(std::move(name)) {}
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  const core::RestartPolicy& policy() const noexcept { return policy_; }
  /// For people; empty: none.
  const std::string& name() const noexcept { return name_; }

  /// At `now`. `chance` spreads the pause by up to a quarter, so that actors which died together do not come back together.
  Directive died(const Death& death, core::MonotonicTime now, std::uint64_t chance);
  /// A child that was made anew has started, with that result: before its start is counted among its turns, and before the
  /// death that follows if it failed.
  void started(const Child& child, const core::TurnResult& result);
  /// A child has stopped, whyever. Needless for one that has never died.
  void ended(const Child& child) noexcept;

  /// Children that are remembered. Outdated at once.
  std::size_t remembered() const;

 private:
  struct History {
    explicit History(const Count* child_turns) noexcept : turns(child_turns) {}

    /// A turn that is no start has stood since the last death.
    bool has_success() const noexcept { return success || turns->read() > turns_known; }
    std::size_t counted() const noexcept { return restarts.size() + older; }
    void note_start() noexcept;
    void add(core::MonotonicTime restart);

    const Count* turns;
    std::uint64_t turns_known = 0;  ///< Up to the last death or start: none of these is a success that is not in `success`.
    bool success = false;
    std::vector<core::MonotonicTime> restarts;  ///< Those that count; oldest first.
    std::uint32_t older = 0;                    ///< Those that count and are not among them, see `kTimesKept`.
  };

  // With the lock held.
  void forget_some(core::MonotonicTime now) noexcept;
  /// Forgets what is older than the window, if there was a success.
  void forgive(History& history, core::MonotonicTime now) const;
  bool is_old(core::MonotonicTime restart, core::MonotonicTime now) const noexcept;

  const core::RestartPolicy policy_;
  const std::string name_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, History> histories_;  ///< By the child's number.
  std::uint64_t looked_at_ = 0;                 ///< The last one that was looked at to be forgotten.
};

}  // namespace airssys::actor
