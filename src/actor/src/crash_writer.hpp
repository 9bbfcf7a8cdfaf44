#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/behaviour.hpp"
#include "airssys/actor/envelope.hpp"
#include "airssys/actor/observer.hpp"
#include "airssys/actor/recent_deaths.hpp"
#include "airssys/core/address.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/trap.hpp"
#include "airssys/security/token_bucket.hpp"

namespace airssys::actor {

/// An instance that has died, as the runner found it. Borrowed for the call.
struct Crash {
  const core::Address& address;
  const core::Limits& limits;
  const Behaviour& behaviour;        ///< Its instance is not dropped yet.
  std::span<const std::string> log;  ///< Its last lines; oldest first.
  std::string_view turn;             ///< "handle-message", "initialize" ...
  const TurnResult& result;
  const Envelope* message = nullptr;      ///< In hand; null: none.
  std::string_view stopped_because = {};  ///< Which limit of the turn stopped it; empty: none.
  std::string_view denied = {};           ///< What its turn was denied, as in `denial_text`; empty: nothing.
};

/// How much of one worker's time goes into finding frames in debug information. It takes milliseconds, and may be made to take
/// more: a crash loop must not spend a worker on it. So it happens ten times a second at most, and in a twentieth of the time
/// once half a second of it is owed.
class LocatingBudget {
 public:
  static constexpr core::Rate kCrashes{10};
  static constexpr std::int64_t kPartOfTime = 20;
  static constexpr core::MonotonicTime kDebtMax = std::chrono::milliseconds(500);

  explicit LocatingBudget(core::MonotonicTime now) noexcept : crashes_(kCrashes, now), paid_at_(now) {}

  /// Whether one more crash may be located now. If so, `spend` follows.
  bool may_spend(core::MonotonicTime now) noexcept;
  /// It took from `begin` to `end`.
  void spend(core::MonotonicTime begin, core::MonotonicTime end) noexcept;

 private:
  security::TokenBucket crashes_;
  core::MonotonicTime debt_{};
  core::MonotonicTime paid_at_;
};

/// Describes crashes, within bounds of time and size. One per worker; not shared.
class CrashWriter {
 public:
  /// `clock` is borrowed and outlives this.
  explicit CrashWriter(const core::ClockPort& clock) noexcept
      : clock_(clock), may_locate_(clock.monotonic()), may_locate_first_(clock.monotonic()) {}

  /// All but what the supervisor decides.
  CrashReport write(const Crash& crash);

 private:
  /// Where a trap happened: in the source as long as that costs this worker little, else names alone.
  std::vector<core::SourceLocation> stack_of(const Crash& crash, const core::Trap& trap);
  /// That pays for one more death of `who`; null: none does.
  LocatingBudget* budget_for(std::uint64_t who, core::MonotonicTime now);

  /// Of those that died here lately.
  static constexpr std::size_t kDeathsKnown = 16'384;

  const core::ClockPort& clock_;
  LocatingBudget may_locate_;
  /// For those that die for the first time in a while: crash loops can't use it up.
  LocatingBudget may_locate_first_;
  RecentDeaths deaths_{kDeathsKnown};
};

/// A failure's words, and what the turn of `self` was denied, if anything: for operators, never for who asked.
std::string with_denial(std::string_view why, std::string_view self, std::string_view denied);

/// Why a trap happened, in a sentence. `stopped_because`: which limit of the turn stopped it; empty: none.
std::string reason_of(const core::Trap& trap, std::string_view stopped_because, core::Bytes memory_limit);
/// What a requester is told of it: which kind it was. No figures and no words of the target's: its limits and its insides are
/// for whoever runs it. `trap` may be null.
std::string told_of(const core::Trap* trap, std::string_view stopped_because);

/// Cuts what is more than a report may hold: places from the outermost, log lines from the oldest, texts at their ends. What
/// is left says how many places are missing.
void keep_within_bounds(CrashReport& report);

}  // namespace airssys::actor
