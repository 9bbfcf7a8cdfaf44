#include "real_world.hpp"

#include <ctime>

namespace airssys::system {
namespace {

core::MonotonicTime read(clockid_t clock) noexcept {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

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

RealRandom::RealRandom() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
  engine_.seed(seed);
}

std::uint64_t RealRandom::next_u64() noexcept {
  const std::lock_guard lock(mutex_);
  return engine_();
}

}  // namespace airssys::system
