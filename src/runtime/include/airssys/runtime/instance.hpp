#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "airssys/core/limits.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/ports/turn_token.hpp"
#include "airssys/core/trap.hpp"
#include "airssys/core/turn_result.hpp"
#include "airssys/runtime/bridge_handle.hpp"
#include "airssys/runtime/component.hpp"

namespace airssys::runtime {

/// One actor's private memory and its code: a Store with one instance in it. Each call runs the guest on the caller's
/// thread and stack until its export returns or its budget is gone. What it calls meanwhile goes to the `HostPorts`, with
/// the turn's token handed back unread.
///
/// One thread at a time; it may be another one from call to call. `ticks`: epochs until the `BudgetPort` is first asked;
/// 0 asks at once. A trapped instance is dead: every later call answers `trapped`, and nothing is left but to destroy it.
/// A call without the export it needs (see `Component::has`) fails as `internal`.
class Instance {
 public:
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance();

  core::TurnResult initialize(core::TurnToken turn, const core::Start& start, std::uint64_t ticks) noexcept;
  /// Allocates nothing but a reply's body.
  core::TurnResult handle_message(core::TurnToken turn, const core::MessageView& message, std::uint64_t ticks) noexcept;
  core::TurnResult handle_reply(core::TurnToken turn, const core::OutcomeView& outcome, std::uint64_t ticks) noexcept;
  /// `missed`: earlier firings that were due while the actor could not run.
  core::TurnResult handle_timer(core::TurnToken turn, core::Tag tag, std::uint64_t due_ms, std::uint64_t missed,
                                std::uint64_t ticks) noexcept;
  /// Without the export there is nothing to do: `returned`.
  core::TurnResult stop(core::TurnToken turn, std::uint64_t ticks) noexcept;

  /// Null while it lives.
  const core::Trap* trap() const noexcept { return trap_.get(); }
  const Component& component() const noexcept { return *component_; }
  /// Linear memory now.
  core::Bytes memory_bytes() const noexcept;

 private:
  friend class StoreManager;
  using Count = std::atomic<std::size_t>;

  Instance(std::shared_ptr<const Component> component, BridgeHandle<ab_instance> handle, std::shared_ptr<Count> alive) noexcept;
  template <typename Call>
  core::TurnResult run(core::TurnToken turn, Call&& call) noexcept;
  core::TurnResult ended_badly(int status) noexcept;

  std::shared_ptr<const Component> component_;
  BridgeHandle<ab_instance> handle_;
  std::unique_ptr<const core::Trap> trap_;
  std::shared_ptr<Count> alive_;
};

}  // namespace airssys::runtime
