#pragma once

#include <string>

#include "airssys/actor/turn.hpp"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/core/ports/log_port.hpp"

namespace airssys::actor {

/// What a turn knows about itself, served to guests: context, timers, log and config, and how long it may run. One for all
/// workers: everything is in the turn that the token names.
class TurnPorts final : public core::ContextPort,
                        public core::TimerPort,
                        public core::TurnLogPort,
                        public core::ConfigPort,
                        public core::BudgetPort {
 public:
  /// `system_id` is random, kept with the data directory.
  TurnPorts(core::LogPort& log, std::string system_id) : log_(log), system_id_(std::move(system_id)) {}

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

  static constexpr std::size_t kLogLinesKept = 20;
  static constexpr std::uint64_t kTimerDelayMaxMs = std::uint64_t{365} * 24 * 3600 * 1000;

 private:
  core::LogPort& log_;
  std::string system_id_;
};

/// The engine's tick: a guest's limits on time are checked this often, at best.
inline constexpr std::chrono::milliseconds kTick{1};

}  // namespace airssys::actor
