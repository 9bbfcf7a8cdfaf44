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
  core::Result<core::Payload> request(const core::Address& to, const core::Payload& payload,
                                      std::chrono::milliseconds timeout) override;
  core::Result<std::vector<control::ActorStatus>> list() override;
  core::Result<control::ActorStatus> info(const core::Address& address) override;
  core::Result<control::SystemStatus> status() override;
  core::Result<control::DeadLetterList> dead_letters() override;
  core::Result<control::DeadLetterInFull> dead_letter(std::uint64_t number) override;
  core::Result<void> retry_dead_letter(std::uint64_t number) override;
  core::Result<void> drop_dead_letter(std::uint64_t number) override;
  core::Result<std::string> trace(const std::string& id) override;
  core::Result<void> stop() override;

 private:
  System& system_;
  Client operator_;
  std::function<void()> on_stop_;
};

}  // namespace airssys::system
