#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/profile.hpp"
#include "airssys/runtime/bridge_handle.hpp"

namespace airssys::runtime {

/// What an instance of the fast profile takes beside its memory, for one linear memory: the addresses that its engine reserves,
/// so that code needs no checks, and the mappings that they make. The dense profile takes neither.
inline constexpr core::Bytes kFastReservation = (core::Bytes{4} << 30) + (core::Bytes{64} << 20);
inline constexpr std::size_t kFastMappings = 4;

struct EngineOptions {
  core::Profile profile = core::Profile::fast;
  /// Traps found by signal handlers (SIGSEGV, SIGILL, SIGFPE; those installed before are chained). False: by explicit
  /// checks, which cost speed and which the thread sanitizer needs.
  bool signal_traps = true;
  /// The most stack a guest may use. A thread that calls guests needs 1 MiB beside it.
  core::Bytes guest_stack = core::Bytes{512} << 10;
};

/// Compiles guests and keeps their clock. A guest in a loop never returns by itself: its code looks at the engine's epoch at
/// each loop head and call, and stops to ask the `BudgetPort` when the ticks it was given have passed. So somebody must tick.
/// An engine has one profile; `EngineSet` has both. Outlives the loaders made from it; components and instances may outlive it.
class Engine {
 public:
  /// `invalid`: options the engine refuses. `resources`: no address space. Any thread; milliseconds.
  static core::Result<std::unique_ptr<Engine>> create(const EngineOptions& options);

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// One tick of the epoch. Any thread; one atomic addition.
  void tick() const noexcept;

  /// A component as native code, for engines with this fingerprint: the loader loads it. Takes what time and memory it needs,
  /// which for a hostile component may be all there is; see `CompilerOptions`. `invalid`: no component, or a damaged one.
  core::Result<std::vector<std::byte>> compile(std::span<const std::byte> wasm) const;

  /// The engine's version, settings and target: engines with the same fingerprint read each other's compiled code.
  const std::string& fingerprint() const noexcept { return fingerprint_; }
  core::Profile profile() const noexcept { return options_.profile; }
  const EngineOptions& options() const noexcept { return options_; }

  /// The bridge's and the engine's version, as users see it.
  static std::string version();

 private:
  friend class ComponentLoader;
  Engine(BridgeHandle<ab_engine> handle, const EngineOptions& options, std::string fingerprint);

  BridgeHandle<ab_engine> handle_;
  EngineOptions options_;
  std::string fingerprint_;
};

}  // namespace airssys::runtime
