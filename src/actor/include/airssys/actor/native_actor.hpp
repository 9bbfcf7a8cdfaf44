#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "airssys/actor/behaviour.hpp"
#include "airssys/actor/turn.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/message.hpp"

namespace airssys::actor {

/// Trusted C++ with a guest's mailbox, turns and supervisor, but no sandbox. One turn at a time, on any worker, so its
/// members need no lock. An error undoes the turn: `rejected`, `invalid` and `busy` mean what they mean for guests, any other
/// code, and any exception, that the actor is at fault: it is destroyed and made anew by its factory. A turn must not wait for
/// others: whom it wakes, by whatever way, runs when it has ended. Nobody can cut it short: while it lasts, its worker is held,
/// and a system that ends waits for it.
class NativeActor {
 public:
  virtual ~NativeActor() = default;

  virtual core::Result<void> initialize(Turn& turn, const core::Start& start);
  virtual core::Result<core::Response> handle_message(Turn& turn, const core::MessageView& message) = 0;
  virtual core::Result<void> handle_reply(Turn& turn, const core::OutcomeView& outcome);
  virtual core::Result<void> handle_timer(Turn& turn, const Firing& firing);
  /// The last turn.
  virtual void stop(Turn& turn);
  /// How long a message for which it is `busy` stays at the head of its mailbox before that is given up.
  virtual core::MonotonicTime busy_time_max() const noexcept { return Behaviour::kBusyTimeMax; }
};

using NativeFactory = std::function<std::unique_ptr<NativeActor>()>;

/// Makes a native actor an actor like others.
class NativeBehaviour final : public Behaviour, public core::BlockAllocated {
 public:
  explicit NativeBehaviour(NativeFactory factory) : factory_(std::move(factory)) {}

  TurnResult start(Turn& turn, const core::Start& start) override;
  TurnResult handle_message(Turn& turn, const core::MessageView& message) override;
  TurnResult handle_reply(Turn& turn, const core::OutcomeView& outcome) override;
  TurnResult handle_timer(Turn& turn, const Firing& firing) override;
  TurnResult stop(Turn& turn) override;
  void drop() noexcept override { actor_.reset(); }
  core::MonotonicTime busy_time_max() const noexcept override {
    return actor_ ? actor_->busy_time_max() : core::MonotonicTime(kBusyTimeMax);
  }
  bool handles_replies() const noexcept override { return true; }
  bool handles_timers() const noexcept override { return true; }
  bool accepts(core::Codec) const noexcept override { return true; }
  std::unique_ptr<Behaviour> another() const override { return std::make_unique<NativeBehaviour>(factory_); }
  std::string describe() const override { return "native"; }
  std::optional<core::Profile> profile() const noexcept override { return std::nullopt; }
  core::Bytes memory_bytes() const noexcept override { return 0; }
  const core::Trap* trap() const noexcept override { return nullptr; }
  core::Result<std::vector<core::SourceLocation>> locate(std::span<const core::Frame>) const override {
    return std::unexpected(core::Error(core::ErrorCode::unavailable, "actor", "native code has no frames of its own"));
  }

 private:
  NativeFactory factory_;
  std::unique_ptr<NativeActor> actor_;
};

}  // namespace airssys::actor
