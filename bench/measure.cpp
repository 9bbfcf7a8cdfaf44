#include "measure.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "allocations.hpp"

namespace airssys::bench {
namespace {

using Clock = Taken::Clock;

constexpr std::chrono::seconds kPatience{60};

double nanoseconds(Clock::duration time) noexcept {
  return std::chrono::duration<double, std::nano>(time).count();
}

}  // namespace

void StopWatch::start() noexcept {
  allocations_ = allocations_of_this_thread();
  begin_ = Clock::now();
}

void StopWatch::lap() noexcept {
  const Clock::time_point now = Clock::now();
  taken_ = {.nanoseconds = nanoseconds(now - begin_),
            .allocations = allocations_of_this_thread() - allocations_,
            .begin = begin_,
            .end = now};
}

void StopWatch::finish() {
  const std::lock_guard lock(mutex_);
  is_finished_ = true;
  finished_.notify_one();
}

core::Result<Taken> StopWatch::wait() {
  std::unique_lock lock(mutex_);
  if (!finished_.wait_for(lock, kPatience, [this] { return is_finished_; })) {
    return std::unexpected(
        core::Error(core::ErrorCode::timeout, "bench", "a batch did not end within a minute: messages were lost"));
  }
  is_finished_ = false;
  return taken_;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

core::Result<std::vector<double>> alternate(std::span<const Batch> batches, int rounds) {
  std::vector<std::vector<double>> taken(batches.size());
  for (int round = -1; round < rounds; ++round) {
    for (std::size_t i = 0; i < batches.size(); ++i) {
      AIRSSYS_TRY(const double value, batches[i]());
      if (round >= 0) taken[i].push_back(value);
    }
  }
  std::vector<double> medians;
  for (std::vector<double>& values : taken) medians.push_back(median(std::move(values)));
  return medians;
}

}  // namespace airssys::bench
