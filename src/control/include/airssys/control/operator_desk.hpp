#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/control/dead_letters.hpp"
#include "airssys/core/address.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/message.hpp"

namespace airssys::control {

/// One actor, as the operator sees it. A value; outdated at once.
struct ActorStatus {
  std::string address;
  std::string state;       ///< "starting", "running", "stopped".
  std::string component;   ///< Name and digest; "native".
  std::string profile;     ///< "fast", "dense"; empty: native.
  std::string supervisor;  ///< Empty: the root.
  std::uint32_t mailbox_messages = 0;
  core::Bytes mailbox_bytes = 0;
  core::Bytes memory_bytes = 0;
  std::uint64_t handled = 0;  ///< Turns that stand.
  std::uint64_t failed = 0;   ///< Turns undone with a failure.
  std::uint64_t trapped = 0;  ///< Instances that died.
  std::uint64_t restarts = 0;
  std::uint64_t busy = 0;  ///< Turns put off.
  std::uint64_t sent = 0;
  core::Bytes memory_limit = 0;
  std::uint32_t mailbox_messages_limit = 0;
  core::Bytes mailbox_bytes_limit = 0;
  core::Bytes body_bytes_limit = 0;
  std::chrono::milliseconds turn_cpu_limit{};
  std::chrono::milliseconds turn_wall_limit{};

  friend bool operator==(const ActorStatus&, const ActorStatus&) noexcept = default;
};

/// The running system as a whole. A value.
struct SystemStatus {
  std::string name;
  std::string version;
  std::uint64_t process = 0;
  std::uint64_t actors = 0;
  std::uint64_t messages_waiting = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t requests_opened = 0;
  std::uint64_t timeouts = 0;
  bool idle = false;

  friend bool operator==(const SystemStatus&, const SystemStatus&) noexcept = default;
};

/// A value as a JSON object, whose keys are stable: the names of the members, times in `_ms`.
std::string to_json(const ActorStatus& actor);
std::string to_json(const SystemStatus& system);
/// {"codec":"json","body":"..."}; a body that is no UTF-8 is "body_hex".
std::string to_json(const core::Payload& payload);

/// What a running system offers its operator: implemented over the system, called by the server on its own threads, several
/// at once. A call may block for as long as its timeout says.
class OperatorDesk {
 public:
  virtual ~OperatorDesk() = default;

  /// Without waiting: a full mailbox is an error.
  /// `key`: said again with the same one, the message is not sent again, and the id is that of the first; empty: each is new.
  virtual core::Result<core::MessageId> send(const core::Address& to, const core::Payload& payload, std::string_view key) = 0;
  virtual core::Result<core::Payload> request(const core::Address& to, const core::Payload& payload,
                                              std::chrono::milliseconds timeout) = 0;
  /// Sorted by address.
  virtual core::Result<std::vector<ActorStatus>> list() = 0;
  /// `not_found`.
  virtual core::Result<ActorStatus> info(const core::Address& address) = 0;
  virtual core::Result<SystemStatus> status() = 0;
  /// Messages that were accepted and not handled. The two that change something concern one letter each; `not_found` if it is
  /// not there. `retry_dead_letter` puts it back where it was to go, or says why it can't.
  virtual core::Result<DeadLetterList> dead_letters() = 0;
  virtual core::Result<DeadLetterInFull> dead_letter(std::uint64_t number) = 0;
  virtual core::Result<void> retry_dead_letter(std::uint64_t number) = 0;
  virtual core::Result<void> drop_dead_letter(std::uint64_t number) = 0;
  /// What a message set off, as JSON (monitoring says of which form). `id` as somebody typed it: `invalid`, `not_found`.
  virtual core::Result<std::string> trace(const std::string& id) = 0;
  /// Asks the process that runs the system to stop it. Returns at once.
  virtual core::Result<void> stop() = 0;
};

}  // namespace airssys::control
