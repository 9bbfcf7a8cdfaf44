#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/scheduler.hpp"

namespace airssys::messaging::testing {

/// Actors that nobody runs: what is delivered to them stays in their mailboxes. Knobs: limits, and which codec they accept.
class Cells final : public actor::Scheduler {
 public:
  void schedule(actor::ActorRef actor) noexcept override { scheduled.push_back(std::move(actor)); }

  actor::ActorRef make(std::string_view address, core::Limits limits = {}) {
    return core::make_counted<actor::ActorCell>(
        core::ActorSpec{.address = core::make_checked_address(address), .limits = limits}, std::make_unique<Inert>(only_codec),
        *this);
  }

  core::Codec only_codec = core::Codec::identity;  ///< identity: any.
  std::vector<actor::ActorRef> scheduled;

 private:
  class Inert final : public actor::Behaviour {
   public:
    explicit Inert(core::Codec only) : only_(only) {}
    actor::TurnResult start(actor::Turn&, const core::Start&) override { return {}; }
    actor::TurnResult handle_message(actor::Turn&, const core::MessageView&) override { return {}; }
    actor::TurnResult handle_reply(actor::Turn&, const core::OutcomeView&) override { return {}; }
    actor::TurnResult handle_timer(actor::Turn&, const actor::Firing&) override { return {}; }
    actor::TurnResult stop(actor::Turn&) override { return {}; }
    void drop() noexcept override {}
    bool handles_replies() const noexcept override { return true; }
    bool handles_timers() const noexcept override { return true; }
    bool accepts(core::Codec codec) const noexcept override { return only_ == core::Codec::identity || codec == only_; }
    std::unique_ptr<actor::Behaviour> another() const override { return std::make_unique<Inert>(only_); }
    std::string describe() const override { return "inert"; }
    std::optional<core::Profile> profile() const noexcept override { return std::nullopt; }
    core::Bytes memory_bytes() const noexcept override { return 0; }
    const core::Trap* trap() const noexcept override { return nullptr; }
    core::Result<std::vector<core::SourceLocation>> locate(std::span<const core::Frame>) const override {
      return std::unexpected(core::Error(core::ErrorCode::unavailable, "test", "no frames"));
    }

   private:
    core::Codec only_;
  };
};

}  // namespace airssys::messaging::testing
