#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "airssys/actor/observer.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/ports/log_port.hpp"

namespace airssys::simulation {

/// A clock that stands until it is moved. The CPU clock moves by one slice at each look; what else happens then is `at_look`.
class SimulatedClock final : public core::ClockPort {
 public:
  explicit SimulatedClock(core::MonotonicTime slice) noexcept : slice_(slice) {}

  core::MonotonicTime monotonic() const noexcept override { return now_; }
  std::uint64_t wall_ms() const noexcept override {
    return kBeginMs + static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now_).count());
  }
  core::MonotonicTime thread_cpu() const noexcept override {
    if (at_look_) at_look_();
    return cpu_ += slice_;
  }
  void at_look(std::function<void()> happens) { at_look_ = std::move(happens); }
  void move_to(core::MonotonicTime now) noexcept { now_ = now; }

 private:
  static constexpr std::uint64_t kBeginMs = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

  const core::MonotonicTime slice_;
  core::MonotonicTime now_{std::chrono::seconds(1)};
  mutable core::MonotonicTime cpu_{};
  std::function<void()> at_look_;
};

/// Numbers from a seed.
class SimulatedRandom final : public core::RandomPort {
 public:
  explicit SimulatedRandom(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next_u64() noexcept override;

 private:
  std::uint64_t state_;
};

/// Keeps the lines.
class KeptLog final : public core::LogPort {
 public:
  void write(std::string_view source, core::LogLevel level, std::string_view text,
             std::span<const core::LogField> fields) noexcept override;
  bool enabled(core::LogLevel) const noexcept override { return true; }
  const std::vector<std::string>& lines() const noexcept { return lines_; }

 private:
  std::vector<std::string> lines_;
};

/// Keeps the crash reports.
class KeptEvents final : public actor::ActorEvents {
 public:
  void crashed(const actor::ActorCell&, const actor::CrashReport& report) noexcept override { crashes_.push_back(report); }
  void restarted(const actor::ActorCell&) noexcept override {}
  void stopped(const actor::ActorCell&, std::string_view) noexcept override {}
  const std::vector<actor::CrashReport>& crashes() const noexcept { return crashes_; }

 private:
  std::vector<actor::CrashReport> crashes_;
};

}  // namespace airssys::simulation
