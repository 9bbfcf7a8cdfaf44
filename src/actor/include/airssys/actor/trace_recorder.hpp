#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "airssys/actor/observer.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/security/token_bucket.hpp"

namespace airssys::actor {

/// Which of one worker's turns begin a trace, and what is recorded of those that belong to one. Of what the host's senders
/// cause they choose themselves; turns that nothing caused, starts and timers, are chosen here: so many a second, and of these
/// so many of one actor, so that others are seen beside it. As many more are for actors that have not asked within a minute, so
/// that those that ask all the time leave some. One thread.
class TraceRecorder {
 public:
  static constexpr core::Rate kBegun{20};
  static constexpr std::uint8_t kBegunByOne = 5;

  /// A turn of a recorded trace, while it runs. Nothing: it is not recorded.
  using Watch = std::optional<TurnRecord>;

  /// Both borrowed.
  TraceRecorder(const core::ClockPort& clock, TraceSink& sink)
      : clock_(clock), sink_(sink), may_begin_(kBegun, clock.monotonic()), may_begin_first_(kBegun, clock.monotonic()) {}

  /// Whether a turn of the actor with that number may begin a trace now. True: it is counted.
  bool begins(std::uint64_t actor, core::MonotonicTime now) noexcept;

  /// The turn that `record` is of begins now.
  void begin(TurnRecord& record) const noexcept { record.start = clock_.monotonic(); }
  /// It has ended now, with that word, of static storage: the sink is told.
  void end(TurnRecord& record, std::string_view outcome) const noexcept;

 private:
  bool has_share(std::uint64_t actor, core::MonotonicTime now) noexcept;
  /// For the first time in about a minute.
  bool asks_first(std::uint64_t actor, core::MonotonicTime now) noexcept;

  const core::ClockPort& clock_;
  TraceSink& sink_;
  security::TokenBucket may_begin_;
  security::TokenBucket may_begin_first_;
  /// By an actor's number: two that meet there share.
  std::bitset<8192> asked_;
  std::int64_t asked_in_ = 0;
  /// Likewise.
  std::array<std::uint8_t, 64> begun_{};
  std::int64_t begun_in_ = 0;
};

}  // namespace airssys::actor
