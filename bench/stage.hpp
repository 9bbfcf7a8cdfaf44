#pragma once

#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "airssys/actor/native_actor.hpp"
#include "airssys/actor/observer.hpp"
#include "airssys/system/system.hpp"
#include "measure.hpp"

namespace airssys::bench {

/// A message of native rows and of the peers: one number.
inline core::Payload number(std::uint64_t value) {
  return {core::Codec::raw, core::Body::copy_of(std::as_bytes(std::span(&value, 1)))};
}
/// 0 if it is none.
inline std::uint64_t number_in(std::string_view body) noexcept {
  std::uint64_t value = 0;
  if (body.size() == sizeof(value)) std::memcpy(&value, body.data(), sizeof(value));
  return value;
}

/// Where native rows play: a system without guests, as users start it, on as many workers as the peers have threads. Actors
/// named `bench/...` may reach each other. A batch is begun by a message to `bench/first/1` and ends when an actor says
/// `finish`, with what the work has come to.
class Stage final : public actor::ActorEvents {
 public:
  static constexpr unsigned kWorkers = 2;

  static core::Result<std::unique_ptr<Stage>> create(unsigned workers = kWorkers);

  system::System& system() noexcept { return *system_; }
  core::Result<void> spawn(std::string_view address, actor::NativeFactory factory);
  /// One batch, in nanoseconds; the clock runs from `start` to `finish`. Fails unless `result` comes out.
  core::Result<double> run(std::uint64_t result);
  /// Actors that have stopped for good, of all batches.
  std::uint64_t gone() const noexcept { return gone_.load(std::memory_order_acquire); }
  core::Result<void> wait_until_gone(std::uint64_t count) const;

  // ---- for actors ----
  void start() noexcept { watch_.start(); }
  void finish(std::uint64_t result);

  void crashed(const actor::ActorCell&, const actor::CrashReport&) noexcept override {}
  void restarted(const actor::ActorCell&) noexcept override {}
  void stopped(const actor::ActorCell&, std::string_view) noexcept override { gone_.fetch_add(1, std::memory_order_release); }

 private:
  Stage() = default;

  std::atomic<std::uint64_t> gone_{0};
  std::uint64_t result_ = 0;
  StopWatch watch_;
  std::unique_ptr<system::System> system_;
};

}  // namespace airssys::bench
