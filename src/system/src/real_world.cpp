#include "real_world.hpp"

#include <array>
#include <cstddef>
#include <ctime>
#include <span>
#include <utility>

#include "airssys/core/assert.hpp"
#include "airssys/os/random.hpp"

namespace airssys::system {
namespace {

core::MonotonicTime read(clockid_t clock) noexcept {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// What a thread has fetched and not given out yet.
class Numbers {
 public:
  std::uint64_t take() noexcept {
    if (left_ == 0) fetch();
    return std::exchange(numbers_[--left_], 0);
  }

 private:
  void fetch() noexcept {
    // As many bytes as the kernel gives in one piece, whatever signal comes.
    const auto fetched = os::fill_random(std::as_writable_bytes(std::span(numbers_)));
    AIRSSYS_ASSERT(fetched.has_value());
    left_ = numbers_.size();
  }

  std::array<std::uint64_t, 32> numbers_{};
  std::size_t left_ = 0;
};

}  // namespace

core::MonotonicTime RealClock::monotonic() const noexcept {
  return read(CLOCK_MONOTONIC);
}

std::uint64_t RealClock::wall_ms() const noexcept {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(read(CLOCK_REALTIME)).count());
}

core::MonotonicTime RealClock::thread_cpu() const noexcept {
  return read(CLOCK_THREAD_CPUTIME_ID);
}

core::Result<void> RealRandom::check() {
  std::array<std::byte, 1> one{};
  return os::fill_random(one);
}

std::uint64_t RealRandom::next_u64() noexcept {
  thread_local Numbers numbers;
  return numbers.take();
}

}  // namespace airssys::system
