#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/ports/turn_token.hpp"
#include "airssys/core/trap.hpp"
#include "airssys/runtime/component.hpp"
#include "airssys/runtime/instance.hpp"

namespace airssys::runtime {

/// Why an instance could not be made. `error` is `trapped` with a `trap` if the component's start functions trapped;
/// `too_large` if its initial memory or table is beyond the limits; `resources` if the host has no room.
struct StartFailure {
  core::Error error;
  std::optional<core::Trap> trap;
};

/// Makes Stores: one instance of a component for one actor, with its own limits. Microseconds: code is shared, memory is
/// new. Counts those alive. Any thread; instances may outlive it.
class StoreManager {
 public:
  StoreManager();
  StoreManager(const StoreManager&) = delete;
  StoreManager& operator=(const StoreManager&) = delete;

  /// Runs the component's core start functions, with `turn` and `ticks` as in any call. They may use `log` and `context`
  /// only: anything else traps.
  std::expected<std::unique_ptr<Instance>, StartFailure> create(std::shared_ptr<const Component> component,
                                                                const core::Limits& limits, core::TurnToken turn,
                                                                std::uint64_t ticks);

  std::size_t alive() const noexcept { return alive_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<std::size_t>> alive_;
};

}  // namespace airssys::runtime
