#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "airssys/core/limits.hpp"
#include "airssys/core/message.hpp"

namespace airssys::control {

/// A message that was accepted and not handled, without its body. A value.
struct DeadLetterStatus {
  std::uint64_t number = 0;  ///< By which the operator names it.
  std::uint64_t time_ms = 0;
  std::string reason;  ///< "rejected", "crashed", "target-stopped" ...
  std::string why;     ///< The words of whoever refused it; may be empty.
  std::string kind;    ///< "send", "request", "event", "reply".
  std::string sender;  ///< Empty: a reply that came too late.
  std::string target;
  std::string topic;     ///< Of an event.
  std::uint64_t id = 0;  ///< The message's.
  std::uint32_t attempt = 1;
  std::string trace;  ///< 32 hexadecimal digits; empty: none.
  std::string codec;
  core::Bytes bytes = 0;  ///< Of the body.

  friend bool operator==(const DeadLetterStatus&, const DeadLetterStatus&) noexcept = default;
};

/// Which of them to list. A value.
struct DeadLetterQuery {
  std::uint64_t after = 0;  ///< Only those with a higher number.
  std::uint64_t most = 0;   ///< At most so many; more than `kDeadLettersPerPage` are never given at once.
};
/// Each may have words of 4 KiB.
inline constexpr std::uint64_t kDeadLettersPerPage = 100;

/// Some of those that are kept, oldest first, and what became of all. A value.
struct DeadLetterList {
  std::vector<DeadLetterStatus> letters;
  std::uint64_t forgotten = 0;                                     ///< No longer kept, for want of room.
  std::vector<std::pair<std::string, std::uint64_t>> by_reason{};  ///< Since the system began; every reason.

  friend bool operator==(const DeadLetterList&, const DeadLetterList&) noexcept = default;
};

/// One with its body.
struct DeadLetterInFull {
  DeadLetterStatus letter;
  core::Payload payload;

  friend bool operator==(const DeadLetterInFull&, const DeadLetterInFull&) noexcept = default;
};

/// JSON objects whose keys are stable: the names of the members. A body is as in a payload.
std::string to_json(const DeadLetterList& list);
std::string to_json(const DeadLetterInFull& letter);

}  // namespace airssys::control
