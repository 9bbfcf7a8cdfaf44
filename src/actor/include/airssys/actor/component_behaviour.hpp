#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "airssys/actor/behaviour.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/runtime/component.hpp"
#include "airssys/runtime/store_manager.hpp"

namespace airssys::actor {

/// A guest: one component, one instance at a time.
class ComponentBehaviour final : public Behaviour {
 public:
  struct Options {
    std::shared_ptr<const runtime::Component> component;
    core::Limits limits;
    std::vector<core::Codec> accepts;  ///< Empty: any.
  };
  /// `stores` is borrowed and outlives this.
  ComponentBehaviour(runtime::StoreManager& stores, Options options);
  ~ComponentBehaviour() override;

  TurnResult start(Turn& turn, const core::Start& start) override;
  TurnResult handle_message(Turn& turn, const core::MessageView& message) override;
  TurnResult handle_reply(Turn& turn, const core::OutcomeView& outcome) override;
  TurnResult handle_timer(Turn& turn, const Firing& firing) override;
  TurnResult stop(Turn& turn) override;
  void drop() noexcept override;
  bool handles_replies() const noexcept override;
  bool handles_timers() const noexcept override;
  bool accepts(core::Codec codec) const noexcept override;
  std::unique_ptr<Behaviour> another() const override;
  std::string describe() const override;
  std::optional<core::Profile> profile() const noexcept override;
  core::Bytes memory_bytes() const noexcept override;
  const core::Trap* trap() const noexcept override;
  core::Result<std::vector<core::SourceLocation>> locate(std::span<const core::Frame> frames) const override;

 private:
  runtime::StoreManager& stores_;
  Options options_;
  std::uint64_t slice_ticks_;
  std::unique_ptr<runtime::Instance> instance_;
  std::optional<core::Trap> start_trap_;  ///< Of an instance that never came to be.
};

}  // namespace airssys::actor
