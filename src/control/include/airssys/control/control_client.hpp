#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "airssys/control/operator_desk.hpp"
#include "airssys/core/error.hpp"

namespace airssys::control {

/// The other end of a ControlServer: a desk, over the socket. One call at a time; one thread.
class ControlClient final : public OperatorDesk {
 public:
  /// `unavailable`: no system is running there; the message names the socket and what to do. `denied`: it is another user's.
  /// `patience`: how long each call may take, there and back, but a request, which may take its own timeout and a quarter of a
  /// second for the way. After that it is a `timeout`: a process that is stopped still has its connections.
  static constexpr std::chrono::seconds kUsualPatience{10};
  static core::Result<std::unique_ptr<ControlClient>> connect(const std::filesystem::path& socket,
                                                              std::chrono::milliseconds patience = kUsualPatience);
  ~ControlClient() override;

  core::Result<core::MessageId> send(const core::Address& to, const core::Payload& payload, std::string_view key) override;
  RequestResult request(const core::Address& to, const core::Payload& payload, std::chrono::milliseconds timeout) override;
  core::Result<ActorPage> list(const ActorQuery& query) override;
  core::Result<ActorDetails> info(const core::Address& address) override;
  core::Result<void> stop_actor(const core::Address& address) override;
  core::Result<void> restart_actor(const core::Address& address) override;
  core::Result<void> remove_actor(const core::Address& address) override;
  core::Result<SystemStatus> status() override;
  core::Result<DeadLetterList> dead_letters(const DeadLetterQuery& query) override;
  core::Result<DeadLetterInFull> dead_letter(std::uint64_t number) override;
  core::Result<void> retry_dead_letter(std::uint64_t number) override;
  core::Result<void> drop_dead_letter(std::uint64_t number) override;
  core::Result<std::string> trace(const std::string& id) override;
  core::Result<std::string> traces(std::uint64_t most) override;
  core::Result<void> stop() override;

 private:
  class Wire;
  explicit ControlClient(std::unique_ptr<Wire> wire);
  core::Result<void> order(std::string_view op, const core::Address& address);
  std::unique_ptr<Wire> wire_;
};

}  // namespace airssys::control
