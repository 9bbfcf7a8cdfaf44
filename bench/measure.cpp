#include "measure.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <utility>

#include "allocations.hpp"

namespace airssys::bench {
namespace {

using Clock = Taken::Clock;

constexpr std::chrono::seconds kPatience{60};

double nanoseconds(Clock::duration time) noexcept {
  return std::chrono::duration<double, std::nano>(time).count();
}

/// For how long the calling thread was ready to run and had no core, since it began. 0 where the kernel doesn't say.
std::uint64_t waited_for_a_core_ns() noexcept {
  // "time on a core, time waiting, turns". Read without a stream: that would allocate.
  std::array<char, 96> text{};
  const int file = ::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t size = ::read(file, text.data(), text.size());
  ::close(file);
  const std::string_view all(text.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
  const std::size_t space = std::min(all.find(' '), all.size());
  std::uint64_t waited = 0;
  std::from_chars(all.data() + std::min(space + 1, all.size()), all.data() + all.size(), waited);
  return waited;
}

}  // namespace

void StopWatch::start() noexcept {
  thread_ = std::this_thread::get_id();
  waited_ns_ = waited_for_a_core_ns();
  allocations_ = allocations_of_this_thread();
  begin_ = Clock::now();
}

void StopWatch::lap() noexcept {
  const Clock::time_point now = Clock::now();
  const std::uint64_t allocations = allocations_of_this_thread() - allocations_;
  const bool is_same_thread = thread_ == std::this_thread::get_id();
  const auto waited = is_same_thread ? static_cast<double>(waited_for_a_core_ns() - waited_ns_) : 0;
  taken_ = {.nanoseconds = nanoseconds(now - begin_) - waited, .allocations = allocations, .begin = begin_, .end = now};
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
