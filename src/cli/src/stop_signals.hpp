#pragma once

#include <csignal>

#include <chrono>
#include <cstdint>

namespace airssys::cli {

/// Counts the orders to stop: SIGINT, SIGTERM and `raise`. While one lives, those signals don't end the process; one at a
/// time in a process.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Any thread.
  void raise() noexcept;
  /// How many so far. Waits for the first or the next for at most `patience`.
  std::uint64_t wait(std::chrono::milliseconds patience);

 private:
  const int events_;
  std::uint64_t count_ = 0;
  struct sigaction before_int_{};
  struct sigaction before_term_{};
};

}  // namespace airssys::cli
