#pragma once

#include "airssys/core/error.hpp"
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

/// The kernel's random numbers, fit for keys: whoever knows all but one knows nothing of that one, though it be another
/// guest's. Each thread fetches some at a time, gives each out once, and forgets it: no lock, a call of the kernel's for
/// thirty-two.
class RealRandom final : public core::RandomPort {
 public:
  /// Whether this kernel gives any. It does, or never will.
  static core::Result<void> check();
  std::uint64_t next_u64() noexcept override;
};

/// Where log lines go when nobody wants them.
class SilentLog final : public core::LogPort {
 public:
  void write(std::string_view, core::LogLevel, std::string_view, std::span<const core::LogField>) noexcept override {}
  bool enabled(core::LogLevel) const noexcept override { return false; }
};

}  // namespace airssys::system
