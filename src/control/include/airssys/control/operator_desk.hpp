#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/control/dead_letters.hpp"
#include "airssys/core/actor_info.hpp"
#include "airssys/core/address.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/message.hpp"

namespace airssys::control {

using core::ActorInfo;

/// Something that an actor was denied. A value.
struct DenialStatus {
  std::string verb;
  std::string target;
  std::uint64_t count = 0;
  std::uint64_t last_ms = 0;

  friend bool operator==(const DenialStatus&, const DenialStatus&) noexcept = default;
};

/// A target that an actor has met. A value.
struct TargetStatus {
  std::string address;
  std::uint64_t waiting = 0;  ///< Messages of the actor in the target's mailbox.
  core::Bytes waiting_bytes = 0;
  std::uint64_t taken = 0;    ///< Permits it has taken there, those of undone turns too; modulo 2^29.
  std::uint64_t refused = 0;  ///< Messages refused there: no room, too large, too fast, another codec.

  friend bool operator==(const TargetStatus&, const TargetStatus&) noexcept = default;
};

/// What only the actor itself knows. A value.
struct BooksStatus {
  std::uint64_t open_requests = 0;
  std::uint64_t answers_owed = 0;
  std::uint64_t timers = 0;
  std::uint64_t targets_known = 0;
  std::vector<TargetStatus> targets{};  ///< The busiest.

  friend bool operator==(const BooksStatus&, const BooksStatus&) noexcept = default;
};

/// One actor with all that is known of it. A value.
struct ActorDetails {
  ActorInfo actor;
  std::optional<BooksStatus> books{};   ///< Nothing: it has stopped, or was in a turn for as long as one waited.
  std::vector<DenialStatus> denials{};  ///< The last few, latest first.
  std::string last_crash{};             ///< Its report; empty: none of this run is known.

  friend bool operator==(const ActorDetails&, const ActorDetails&) noexcept = default;
};

/// Which actors to list. A value.
struct ActorQuery {
  std::string after{};     ///< Only addresses that come after this one. Empty: all.
  std::string pattern{};   ///< An address pattern. Empty: any.
  std::uint64_t most = 0;  ///< At most so many; more than `kActorsPerPage` are never given at once.
};
inline constexpr std::uint64_t kActorsPerPage = 1000;

/// Some actors, sorted by address. A value.
struct ActorPage {
  std::vector<ActorInfo> actors;
  std::uint64_t matching = 0;  ///< How many the query covers, these included.

  friend bool operator==(const ActorPage&, const ActorPage&) noexcept = default;
};

/// What became of a request. A value.
struct RequestResult {
  core::MessageId id{};  ///< By which its trace is found. 0: it was not sent.
  core::Result<core::Payload> reply;
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

/// A value as a JSON object, whose keys are stable: the names of the members, those of the counters (`core::kActorCounters`)
/// among them, times in `_ms`.
std::string to_json(const ActorInfo& actor);
/// The keys of the actor, then those of the details.
std::string to_json(const ActorDetails& details);
std::string to_json(const SystemStatus& system);
/// {"codec":"json","body":"..."}; a body that is no UTF-8 is "body_hex".
std::string to_json(const core::Payload& payload);
/// The same with the id of the message behind.
std::string to_json(const core::Payload& payload, core::MessageId id);

/// What a running system offers its operator: implemented over the system, called by the server on its own threads, several
/// at once. A call may block for as long as its timeout says.
class OperatorDesk {
 public:
  virtual ~OperatorDesk() = default;

  /// Without waiting: a full mailbox is an error.
  /// `key`: said again with the same one, the message is not sent again, and the id is that of the first; empty: each is new.
  virtual core::Result<core::MessageId> send(const core::Address& to, const core::Payload& payload, std::string_view key) = 0;
  virtual RequestResult request(const core::Address& to, const core::Payload& payload, std::chrono::milliseconds timeout) = 0;
  /// Those that run, and those that gave up or were stopped. `invalid`: no pattern.
  virtual core::Result<ActorPage> list(const ActorQuery& query) = 0;
  /// `not_found`.
  virtual core::Result<ActorDetails> info(const core::Address& address) = 0;
  /// Orders, carried out soon: the last turn and the end; a new instance, also of one that gave up or was stopped; to forget
  /// one that is no more. `not_found`, `invalid`: not for this address.
  virtual core::Result<void> stop_actor(const core::Address& address) = 0;
  virtual core::Result<void> restart_actor(const core::Address& address) = 0;
  virtual core::Result<void> remove_actor(const core::Address& address) = 0;
  virtual core::Result<SystemStatus> status() = 0;
  /// Messages that were accepted and not handled. The two that change something concern one letter each; `not_found` if it is
  /// not there. `retry_dead_letter` puts it back where it was to go, or says why it can't.
  virtual core::Result<DeadLetterList> dead_letters(const DeadLetterQuery& query) = 0;
  virtual core::Result<DeadLetterInFull> dead_letter(std::uint64_t number) = 0;
  virtual core::Result<void> retry_dead_letter(std::uint64_t number) = 0;
  virtual core::Result<void> drop_dead_letter(std::uint64_t number) = 0;
  /// What a message set off, as JSON (monitoring says of which form). `id` as somebody typed it: `invalid`, `not_found`.
  virtual core::Result<std::string> trace(const std::string& id) = 0;
  /// The latest traces of which anything is kept, as JSON.
  virtual core::Result<std::string> traces(std::uint64_t most) = 0;
  /// Asks the process that runs the system to stop it. Returns at once.
  virtual core::Result<void> stop() = 0;
};

}  // namespace airssys::control
