#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "airssys/actor/envelope.hpp"
#include "airssys/core/address.hpp"

namespace airssys::actor {

/// Why a message was not handled.
enum class DeadReason : std::uint8_t {
  target_stopped,      ///< The actor it was for has stopped.
  rejected,            ///< Its turn was refused, and nobody waits for an answer.
  crashed,             ///< Its turn killed the instance.
  never_had_room,      ///< Its turns were busy for too long.
  expired,             ///< Its deadline passed before its turn.
  orphaned_reply,      ///< A reply that nobody waits for any more.
  no_room,             ///< A copy of an event, whose subscriber had no room.
  too_large,           ///< A copy of an event, beyond what its subscriber takes.
  codec_not_accepted,  ///< A copy of an event, in a codec that its subscriber does not take.
};
inline constexpr std::size_t kDeadReasons = 9;
std::string_view name_of(DeadReason reason) noexcept;

/// Where messages end that are not handled: nothing is dropped silently. Implemented by messaging. Any thread.
class DeadLetterSink {
 public:
  virtual ~DeadLetterSink() = default;
  /// `why`: the words of whoever refused the message or failed over it, if any.
  virtual void bury(EnvelopePtr envelope, const core::Address& target, DeadReason reason,
                    std::string_view why = {}) noexcept = 0;
};

}  // namespace airssys::actor
