#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "airssys/core/error.hpp"

namespace airssys::bench {

/// What a batch took. `allocations` are those of the thread that ended it.
struct Taken {
  using Clock = std::chrono::steady_clock;

  double nanoseconds = 0;
  std::uint64_t allocations = 0;
  Clock::time_point begin{};
  Clock::time_point end{};
};

/// Notes when a batch begins and ends. Begun and ended on the thread that works, which is a worker where the system is
/// measured; awaited on another. Where one thread does both, the time for which others had its core is left out, so that a
/// busy machine changes little.
class StopWatch {
 public:
  void start() noexcept;
  /// The end, if this was it: `finish` says so. Whatever happens between the two is not counted.
  void lap() noexcept;
  void finish();
  /// `timeout`: nothing finished in time; then something was lost or went wrong.
  core::Result<Taken> wait();

 private:
  Taken::Clock::time_point begin_{};
  std::thread::id thread_;
  std::uint64_t waited_ns_ = 0;
  std::uint64_t allocations_ = 0;
  Taken taken_;
  std::mutex mutex_;
  std::condition_variable finished_;
  bool is_finished_ = false;
};

/// How much is done. `tiny`: one short batch of everything, in seconds, to see that the counting holds; the times mean nothing.
struct Effort {
  /// Of rounds, in each of which the row and its references have one batch. Many and short ones: what the machine does
  /// besides comes in bursts.
  static constexpr int kRounds = 41;

  bool tiny = false;

  std::uint64_t of(std::uint64_t count, std::uint64_t count_if_tiny) const noexcept { return tiny ? count_if_tiny : count; }
  int rounds(int full = kRounds) const noexcept { return tiny ? 1 : full; }
};

/// Runs once and says what it took, in the unit of its row.
using Batch = std::function<core::Result<double>()>;

/// Alternates batches of a row and its references for some rounds, so that whatever the machine does besides hits all of
/// them, after a round to warm up, which doesn't count. The medians, in the order of the batches; the ratio of a row is a
/// ratio of these.
core::Result<std::vector<double>> alternate(std::span<const Batch> batches, int rounds);

double median(std::vector<double> values);

}  // namespace airssys::bench
