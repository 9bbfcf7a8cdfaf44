#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "airssys/core/error.hpp"

namespace airssys::bench {

/// What a batch took, on the thread that did the work.
struct Taken {
  double nanoseconds = 0;
  std::uint64_t allocations = 0;
};

/// Notes when a batch begins and ends. Begun and ended on the thread that works, which is a worker where the system is
/// measured; awaited on another.
class StopWatch {
 public:
  void start() noexcept;
  /// The end, if this was it: `finish` says so. Whatever happens between the two is not counted.
  void lap() noexcept;
  void finish();
  /// `timeout`: nothing finished in time; then something was lost or went wrong.
  core::Result<Taken> wait();

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point begin_{};
  std::uint64_t allocations_ = 0;
  Taken taken_;
  std::mutex mutex_;
  std::condition_variable finished_;
  bool is_finished_ = false;
};

/// The medians of a row and of its reference.
struct Medians {
  double value = 0;
  double reference = 0;
};

using Batch = std::function<core::Result<double>()>;

/// Alternates batches of the two, so that whatever the machine does besides hits both, after one batch of each to warm up.
/// The ratio of a row is the ratio of these medians.
core::Result<Medians> alternate(const Batch& row, const Batch& reference);

/// Many and short: what the machine does besides comes in bursts.
inline constexpr int kBatches = 41;

double median(std::vector<double> values);

}  // namespace airssys::bench
