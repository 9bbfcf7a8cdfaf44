#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/actor/native_actor.hpp"
#include "airssys/core/actor_spec.hpp"
#include "airssys/core/address.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/ports/log_port.hpp"
#include "airssys/core/profile.hpp"
#include "airssys/messaging/host_sender.hpp"
#include "airssys/monitoring/trace.hpp"
#include "airssys/security/grant.hpp"
#include "airssys/system/assembly.hpp"
#include "airssys/system/info.hpp"

namespace airssys::system {

struct SystemOptions {
  std::string name = "airssys";
  /// Compiled components, crash reports, the operator's socket. Empty: nothing is kept. One process at a time.
  std::filesystem::path data{};
  /// Where compiled components are kept. Empty: in the data directory, if there is one. May be shared by processes.
  std::filesystem::path artifacts{};
  /// Threads that run actors. 0: one per core.
  unsigned workers = 0;
  core::Limits limits{};          ///< Of its actors that name none.
  core::RestartPolicy restart{};  ///< The same.
  /// Borrowed, outlives the system. Null: log lines go nowhere.
  core::LogPort* log = nullptr;
  /// Borrowed, outlives the system; told of crashes, restarts and stops. May be null.
  actor::ActorEvents* events = nullptr;
  /// Of its engines. The profile is that of components which are loaded without naming one.
  runtime::EngineOptions engine{};
  /// Where components are compiled and how much that may take. Without a program: in this process, without limits.
  runtime::CompilerOptions compiler{};
};

/// Sends and requests from the host's own threads, under an address of its own that receivers see and grants name.
/// Any thread; ends with the system.
class Client {
 public:
  const core::Address& address() const noexcept { return sender_->address(); }
  /// Without waiting: a full mailbox is an error.
  core::Result<core::MessageId> send(const core::Address& to, const core::Payload& payload);
  /// Waits for room for at most `patience`. Not on a worker (asserted).
  core::Result<core::MessageId> send(const core::Address& to, const core::Payload& payload, std::chrono::milliseconds patience);
  /// Once for each `key`, of 1 to 255 bytes: said again, it returns the id of the first. Remembered for a day in memory, with
  /// the last 10,000 of the system. `invalid`: the key was used for another message.
  core::Result<core::MessageId> send_once(std::string_view key, const core::Address& to, const core::Payload& payload);
  /// To the subscribers of now, if there are any; who has no room has its copy among the dead letters.
  core::Result<core::MessageId> publish(std::string_view topic, const core::Payload& payload);
  /// What became of a request, and its id, by which `System::trace` finds what it set off; 0: it was not sent.
  struct Answer {
    core::MessageId id{};
    core::Result<core::Payload> reply;
  };
  /// Blocks until the outcome or the timeout. Not on a worker (asserted).
  Answer ask(const core::Address& to, const core::Payload& payload, std::chrono::milliseconds timeout);
  /// The same without the id.
  core::Result<core::Payload> request(const core::Address& to, const core::Payload& payload, std::chrono::milliseconds timeout);
  /// The sender below, for gateways. Lives as long as this client.
  messaging::HostSender& sender() noexcept { return *sender_; }

 private:
  friend class System;
  Client(std::shared_ptr<messaging::HostSender> sender, const class System& system)
      : sender_(std::move(sender)), system_(&system) {}

  std::shared_ptr<messaging::HostSender> sender_;
  const System* system_;
};

/// What a system gave up when it ended.
using Unhandled = actor::Ending::Left;

/// A running system: actors, their messages, their threads. Two of them may live in one process. Nothing is printed, no
/// exception leaves, and the process is never ended. Any thread but where said.
class System {
 public:
  /// `unavailable`: the data directory belongs to a running process; `io`: it can't be made or read.
  static core::Result<std::unique_ptr<System>> start(SystemOptions options);
  System(const System&) = delete;
  System& operator=(const System&) = delete;
  /// Ends the threads at once. `stop` first, to let actors finish.
  ~System();

  /// A folder with a `component.toml`, such a file, or a `.wasm`. Compiled once for each profile, cached in the data directory.
  /// Its actors run in `profile`; none: in that of the options. The first load in a profile makes its engine.
  core::Result<ComponentRef> load(const std::filesystem::path& path, std::optional<core::Profile> profile = std::nullopt);
  /// A guest, in the profile that its component was loaded in. `already_exists`: the address is taken.
  core::Result<core::Address> spawn(ComponentRef component, core::ActorSpec actor);
  /// Several that know each other: all have their addresses before the first of them runs. None is started if one can't be.
  core::Result<void> spawn_all(std::span<const GuestSpec> all);
  /// `T` is a NativeActor; it is made from `arguments`, which are copied, at each start. Before the guests that send to it when
  /// they start: it is there when this returns, and when the system stops it outlives them.
  template <typename T, typename... Arguments>
  core::Result<core::Address> spawn_native(core::ActorSpec actor, Arguments... arguments) {
    return spawn_native(std::move(actor), [=] { return std::make_unique<T>(arguments...); });
  }
  core::Result<core::Address> spawn_native(core::ActorSpec actor, actor::NativeFactory factory);
  /// The same with nothing but an address to say.
  template <typename T, typename... Arguments>
  core::Result<core::Address> spawn_native(core::Address address, Arguments... arguments) {
    return spawn_native<T>(core::ActorSpec{.address = std::move(address)}, std::move(arguments)...);
  }
  core::Result<core::Address> spawn_native(core::Address address, actor::NativeFactory factory) {
    return spawn_native(core::ActorSpec{.address = std::move(address)}, std::move(factory));
  }
  /// Orders for one actor, carried out soon. `not_found`; `invalid`: the address is a client's, not an actor's.
  /// Its last turn runs, then it is gone; what is queued goes to the dead letters. A guest stays listed until it is removed;
  /// its turn in hand, and its last one, have ten seconds each.
  core::Result<void> stop_actor(const core::Address& address);
  /// A new instance, as after a crash, which is not counted: address, mailbox and grants stay. One that gave up or was stopped
  /// is brought back.
  core::Result<void> restart_actor(const core::Address& address);
  /// Forgets one that gave up or was stopped. `already_exists`: it runs.
  core::Result<void> remove_actor(const core::Address& address);

  core::Result<security::GrantId> grant(security::Grant grant);
  bool revoke(security::GrantId id);
  /// Subscribes actors to a topic, those that are there and those that come, by the owner's word: it needs no grant.
  void subscribe(messaging::DeclaredSubscription subscription);

  /// A sender under `address`. The same address gives the same sender. `already_exists`: it is another actor's.
  core::Result<Client> client(const core::Address& address);
  /// The operator, who may reach everybody.
  Client operator_client();

  /// All that run, sorted by address.
  std::vector<ActorInfo> list() const;
  /// A part of these and of those that gave up or were stopped: the first `most` whose addresses come after `after` and match
  /// `pattern` (null: any).
  ActorPage list(std::string_view after, const core::AddressPattern* pattern, std::size_t most) const;
  /// Those that gave up or were stopped, the last 1,000 of them, sorted by address.
  std::vector<ActorInfo> stopped() const;
  /// One that runs, or that gave up or was stopped.
  std::optional<ActorInfo> info(std::string_view address) const;
  /// The same with its books, which it shows between two of its turns: waits for at most `patience`. Not on a worker.
  std::optional<ActorDetails> details(std::string_view address, std::chrono::milliseconds patience) const;
  SystemStats stats() const;
  /// Messages that were accepted and not handled; oldest first.
  std::vector<messaging::DeadLetter> dead_letters() const;
  /// The same with their counts, one by its number.
  const messaging::DeadLetters& dead_letter_box() const;
  /// Puts one back into its target's mailbox; see `messaging::DeadLetters::retry`.
  core::Result<void> retry_dead_letter(std::uint64_t number);
  core::Result<void> drop_dead_letter(std::uint64_t number);
  /// What a message set off; `id` is its own, its trace's, or a traceparent. `invalid`, `not_found`.
  core::Result<monitoring::Trace> trace(std::string_view id) const;
  /// The latest of which anything is kept.
  std::vector<monitoring::TraceSummary> traces(std::size_t most) const;
  /// The crash report that a message caused; empty: none of this run is known.
  std::string crash_of(core::MessageId message) const;
  /// The last one of an address.
  std::string last_crash_of(std::string_view address) const;

  /// Nothing that was accepted is left to do: no message waits, no turn runs, no request is open whose requester waits. Timers
  /// are no accepted work. Outdated at once.
  bool idle() const;
  /// Idle, and nothing is promised for later: no timer that fires once is armed, no restart is due. Periodic timers promise
  /// nothing, since they never end. Outdated at once.
  bool done() const;
  /// Nothing that was accepted is left to do, as `idle`, but actors may be at work for timers of theirs: what a drain waits
  /// for. Outdated at once.
  bool drained() const;
  /// Waits for one of these, without looking again and again. False: the time is over. Not on a worker.
  bool wait_until_idle(std::chrono::milliseconds patience) const;
  bool wait_until_done(std::chrono::milliseconds patience) const;
  /// Called whenever the system may have become idle, and now and then while it is at work: on one of its threads, under a
  /// lock, so it must not block nor call the system; to wake somebody who looks. Replaces the one before; empty: nobody is
  /// called.
  void when_at_rest(std::function<void()> notify);

  /// The system is to end. From here on what is left is told apart from what actors keep sending each other: see
  /// `actor::Ending`. `stop` does it, too.
  void begin_end() noexcept;
  /// Orders every guest to run its last turn, without waiting for it; what is queued for guests goes to the dead letters.
  /// Guests are cut short then: a turn in hand after half a second, undone, its message not handled; a last turn after 250 ms
  /// of CPU; all of them two seconds after the order. Native actors go on: what guests send them in their last turns is still
  /// handled. `stop` does it, too.
  void order_stop_of_guests();
  /// No guest is left, and nothing is left to do for those who outlive them: the time for `order_stop`. Outdated at once.
  bool guests_have_ended() const;
  /// The same order to all. A native actor's turn can't be cut: it lasts until it returns, and the system with it.
  void order_stop();
  /// Lets actors finish for at most `drain`, then stops the guests, and after them native actors. False: there was more to do;
  /// it is in the dead letters, and `unhandled` counts it. Idempotent. Not on a worker.
  bool stop(std::chrono::milliseconds drain);
  /// After `stop`: what was given up. Messages in a turn that has not come to its end are among the accepted.
  Unhandled unhandled() const;

  const std::string& name() const noexcept;
  const std::filesystem::path& data() const noexcept;
  bool on_worker() const noexcept;

 private:
  struct Parts;
  static core::Result<void> start_workers(Parts& parts);
  explicit System(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace airssys::system
