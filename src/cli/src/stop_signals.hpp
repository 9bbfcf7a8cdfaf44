#pragma once

#include <csignal>

#include <array>
#include <chrono>
#include <cstdint>

namespace airssys::cli {

/// Counts the orders to stop: SIGINT, SIGTERM, SIGHUP and `raise`. While one lives, those signals don't end the process,
/// SIGUSR1 and SIGUSR2 do nothing, and a SIGHUP that is ignored, as `nohup` has it, stays so. One at a time in a process.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Any thread.
  void raise() noexcept;
  /// Ends a `wait` that lasts, or the next one, without being an order. Any thread; never blocks.
  void nudge() noexcept;
  /// How many so far. Waits for the first or the next, or for a nudge, for at most `patience`.
  std::uint64_t wait(std::chrono::milliseconds patience);
  /// The same for as long as it takes.
  std::uint64_t wait() { return wait(std::chrono::milliseconds(-1)); }

 private:
  static constexpr std::array kOrders{SIGINT, SIGTERM, SIGHUP};
  static constexpr std::array kIgnored{SIGUSR1, SIGUSR2};

  const int events_;
  const int nudges_;
  std::uint64_t count_ = 0;
  std::array<struct sigaction, kOrders.size()> orders_before_{};
  std::array<struct sigaction, kIgnored.size()> ignored_before_{};
};

}  // namespace airssys::cli
