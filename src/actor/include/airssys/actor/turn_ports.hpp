#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "airssys/actor/ending.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/core/ports/log_port.hpp"

namespace airssys::actor {

class Transaction;

/// What a turn knows about itself, served to guests: context, timers, log and config, and how long it may run. One for all
/// workers: everything is in the turn that the token names.
class TurnPorts final : public core::ContextPort,
                        public core::TimerPort,
                        public core::TurnLogPort,
                        public core::ConfigPort,
                        public core::BudgetPort {
 public:
  /// `system_id` is random, kept with the data directory.
  TurnPorts(core::LogPort& log, std::string system_id, const Ending& ending)
      : log_(log), system_id_(std::move(system_id)), ending_(ending) {}

  std::string_view self_address(core::TurnToken turn) override;
  std::string_view system_id(core::TurnToken turn) override;
  std::uint64_t now_ms(core::TurnToken turn) override;
  std::uint64_t random_u64(core::TurnToken turn) override;
  std::uint32_t attempt(core::TurnToken turn) override;
  std::uint64_t sent_at_ms(core::TurnToken turn) override;
  std::optional<std::uint64_t> deadline_ms(core::TurnToken turn) override;
  std::string_view trace_parent(core::TurnToken turn) override;

  std::expected<void, core::TimerError> arm(core::TurnToken turn, core::Tag tag, std::uint64_t delay_ms,
                                            std::optional<std::uint64_t> period_ms) override;
  bool disarm(core::TurnToken turn, core::Tag tag) override;

  void write(core::TurnToken turn, core::LogLevel level, std::string_view text, std::span<const core::LogField> fields,
             std::size_t fields_left_out) noexcept override;
  bool enabled(core::TurnToken turn, core::LogLevel level) noexcept override;

  std::optional<std::string_view> get(core::TurnToken turn, std::string_view key) override;

  std::uint64_t ticks_used_up(core::TurnToken turn) noexcept override;

  /// A running guest is looked at so often at least, whatever its limits: it may be told to end.
  static constexpr std::chrono::milliseconds kLookAtLeast{50};
  /// How long its turn may go on when an actor was told to stop or to restart.
  static constexpr std::chrono::seconds kTurnWhenOrdered{10};
  /// When a turn under these limits is first looked at.
  static core::MonotonicTime first_look(const core::Limits& limits) noexcept {
    return std::min<core::MonotonicTime>({limits.slice, limits.turn_cpu, kLookAtLeast});
  }

  static constexpr std::size_t kLogLinesKept = 20;
  /// A log line counts once more towards `log_rate` for each of these that come out of it.
  static constexpr core::Bytes kBytesOfALine = core::Bytes{1} << 10;
  static constexpr std::uint64_t kTimerDelayMaxMs = std::uint64_t{365} * 24 * 3600 * 1000;

 private:
  /// Why a turn is to end now, whatever its budget. Empty: it may go on.
  std::string_view cut_short(Transaction& turn, core::MonotonicTime now) const noexcept;
  core::MonotonicTime cpu_limit(const Transaction& turn) const noexcept;

  core::LogPort& log_;
  std::string system_id_;
  const Ending& ending_;
};

/// The engine's tick: a guest's limits on time are checked this often, at best.
inline constexpr std::chrono::milliseconds kTick{1};

}  // namespace airssys::actor
