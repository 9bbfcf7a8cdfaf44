#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/core/address.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/core/ports/turn_token.hpp"

namespace airssys::actor {

/// A turn: one call into an actor, as a transaction. Everything that the actor does goes through here and becomes real when the
/// turn ends well, together and in order, or never happened. Native actors use it; guests reach the same through their
/// contract. Only on the thread that runs the turn, only until it ends.
///
/// It has no data of its own: what is behind it is the runner's (`Transaction`).
class Turn {
 public:
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  const core::Address& self() const noexcept;
  /// Wall clock at the start of the turn, milliseconds since 1970; stands still within it.
  std::uint64_t now_ms() const noexcept;
  /// Each number comes from the host's chance, so that none of them tells of another.
  std::uint64_t random_u64() noexcept;

  core::Result<void> send(const core::Address& to, core::Payload payload);
  /// One body to at most 1,000 targets, as one effect of the turn. Who could not be sent to: index into `to`, and why.
  core::Result<std::vector<std::pair<std::uint32_t, core::Error>>> broadcast(std::span<const core::Address> to,
                                                                             core::Payload payload);
  /// To the subscribers at the end of the turn. One without room loses its copy to the dead letters, nobody else.
  core::Result<void> publish(std::string_view topic, core::Payload payload);
  /// `pattern` as `security::TopicPattern` says. Kept across restarts; twice is once.
  core::Result<void> subscribe(std::string_view pattern);
  /// False: it was not subscribed to by this actor.
  bool unsubscribe(std::string_view pattern);
  /// The outcome comes to `handle_reply` with `tag`, exactly once.
  core::Result<core::MessageId> request(const core::Address& to, core::Payload payload, std::chrono::milliseconds timeout,
                                        core::Tag tag);
  bool cancel(core::MessageId id);
  core::Result<bool> answer(core::MessageId request, std::expected<core::Payload, core::Failure> outcome);
  core::Result<void> arm(core::Tag tag, std::chrono::milliseconds delay,
                         std::optional<std::chrono::milliseconds> period = std::nullopt);
  bool disarm(core::Tag tag);
  void log(core::LogLevel level, std::string_view text) noexcept;
  /// Ends the actor when this turn has ended well, for good: its last turn runs, what is queued goes to the dead letters.
  void stop_self() noexcept;

  /// As the host's ports know it.
  core::TurnToken token() noexcept { return {this}; }

 protected:
  Turn() = default;
  ~Turn() = default;
};

}  // namespace airssys::actor
