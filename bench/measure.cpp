#include "measure.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "allocations.hpp"

namespace airssys::bench {
namespace {

constexpr std::chrono::seconds kPatience{60};

double nanoseconds(std::chrono::steady_clock::duration time) noexcept {
  return std::chrono::duration<double, std::nano>(time).count();
}

}  // namespace

void StopWatch::start() noexcept {
  allocations_ = allocations_of_this_thread();
  begin_ = Clock::now();
}

void StopWatch::lap() noexcept {
  taken_ = {.nanoseconds = nanoseconds(Clock::now() - begin_), .allocations = allocations_of_this_thread() - allocations_};
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

core::Result<Medians> alternate(const Batch& row, const Batch& reference) {
  std::vector<double> of_row;
  std::vector<double> of_reference;
  for (int batch = -1; batch < kBatches; ++batch) {
    AIRSSYS_TRY(const double row_value, row());
    AIRSSYS_TRY(const double reference_value, reference());
    if (batch < 0) continue;
    of_row.push_back(row_value);
    of_reference.push_back(reference_value);
  }
  return Medians{.value = median(std::move(of_row)), .reference = median(std::move(of_reference))};
}

}  // namespace airssys::bench
