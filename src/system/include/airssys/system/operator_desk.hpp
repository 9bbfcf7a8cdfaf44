#pragma once

#include <functional>

#include "airssys/control/operator_desk.hpp"
#include "airssys/system/system.hpp"

namespace airssys::system {

/// The operator's desk over a running system: what the control socket offers. Any thread but workers.
class SystemDesk final : public control::OperatorDesk {
 public:
  /// `system` is borrowed and outlives the desk. `on_stop` is called on a thread of the caller of `stop`; it must not block.
  SystemDesk(System& system, std::function<void()> on_stop);

  core::Result<core::MessageId> send(const core::Address& to, const core::Payload& payload, std::string_view key) override;
  control::RequestResult request(const core::Address& to, const core::Payload& payload,
                                 std::chrono::milliseconds timeout) override;
  core::Result<control::ActorPage> list(const control::ActorQuery& query) override;
  core::Result<control::ActorDetails> info(const core::Address& address) override;
  core::Result<void> stop_actor(const core::Address& address) override;
  core::Result<void> restart_actor(const core::Address& address) override;
  core::Result<void> remove_actor(const core::Address& address) override;
  core::Result<control::SystemStatus> status() override;
  core::Result<control::DeadLetterList> dead_letters(const control::DeadLetterQuery& query) override;
  core::Result<control::DeadLetterInFull> dead_letter(std::uint64_t number) override;
  core::Result<void> retry_dead_letter(std::uint64_t number) override;
  core::Result<void> drop_dead_letter(std::uint64_t number) override;
  core::Result<std::string> trace(const std::string& id) override;
  core::Result<std::string> traces(std::uint64_t most) override;
  core::Result<void> stop() override;

 private:
  /// Of a message to an actor that is no more: how it ended, and what brings it back.
  core::Error with_the_end_of(const core::Address& target, core::Error error) const;
  /// An outcome's error with the number of the crash behind it, if there was one: for the operator, not for guests.
  core::Error with_crash(core::Error error, const core::Address& target, core::MessageId request) const;

  /// Why a message was not handled: in the words of who refused it, or how its target ended.
  std::string why_of(const messaging::DeadLetter& letter) const;

  System& system_;
  Client operator_;
  std::function<void()> on_stop_;
};

}  // namespace airssys::system
