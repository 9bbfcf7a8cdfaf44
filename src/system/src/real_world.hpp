#pragma once

#include <mutex>
#include <random>

#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/ports/log_port.hpp"

namespace airssys::system {

/// The kernel's clocks.
class RealClock final : public core::ClockPort {
 public:
  core::MonotonicTime monotonic() const noexcept override;
  std::uint64_t wall_ms() const noexcept override;
  core::MonotonicTime thread_cpu() const noexcept override;
};

/// The kernel's randomness, stretched: actors draw seeds from it, nobody keys.
class RealRandom final : public core::RandomPort {
 public:
  RealRandom();
  std::uint64_t next_u64() noexcept override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

/// Where log lines go when nobody wants them.
class SilentLog final : public core::LogPort {
 public:
  void write(std::string_view, core::LogLevel, std::string_view, std::span<const core::LogField>) noexcept override {}
  bool enabled(core::LogLevel) const noexcept override { return false; }
};

}  // namespace airssys::system
