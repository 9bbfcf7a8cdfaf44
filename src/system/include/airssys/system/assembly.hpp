#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "airssys/actor/actor_system.hpp"
#include "airssys/actor/native_actor.hpp"
#include "airssys/actor/observer.hpp"
#include "airssys/actor/turn_ports.hpp"
#include "airssys/actor/turn_runner.hpp"
#include "airssys/config/component_manifest.hpp"
#include "airssys/core/actor_spec.hpp"
#include "airssys/core/ports/hash_port.hpp"
#include "airssys/core/profile.hpp"
#include "airssys/messaging/host_sender.hpp"
#include "airssys/messaging/messaging_service.hpp"
#include "airssys/runtime/component.hpp"
#include "airssys/runtime/component_loader.hpp"
#include "airssys/runtime/engine.hpp"
#include "airssys/runtime/engine_set.hpp"
#include "airssys/runtime/store_manager.hpp"
#include "airssys/security/grant_table.hpp"

namespace airssys::system {

/// The world that a system lives in. All borrowed; they outlive it. `System` brings the real one, `TestSystem` one by hand.
struct Environment {
  const core::ClockPort& clock;
  core::RandomPort& random;
  core::LogPort& log;
  const core::HashPort& hash;
  actor::Scheduler& scheduler;
  actor::ActorEvents& events;
  actor::TraceSink& traces;
  /// See `actor::RunnerServices`. Null: the clock is cheap.
  const std::atomic<std::uint64_t>* ticks = nullptr;
};

/// A component, loaded in one profile, with what its manifest says.
struct LoadedComponent {
  std::shared_ptr<const runtime::Component> code;
  config::ComponentManifest manifest;
};
using ComponentRef = std::shared_ptr<const LoadedComponent>;

/// One guest to start, in the profile of its component. Its settings must have what the component needs; see
/// `config::resolve_config`.
struct GuestSpec {
  core::ActorSpec actor;
  ComponentRef component;
};

/// One actor of the host to start; `make` makes it, at each start anew.
struct NativeSpec {
  core::ActorSpec actor;
  actor::NativeFactory make;
};

/// Every part of a system but its threads, plugged together: the one place that knows concrete types. Any thread, after
/// the constructor.
class Assembly {
 public:
  struct Options {
    runtime::EngineOptions engine;  ///< Of every engine; the profile is that of components which name none.
    runtime::LoaderOptions loader;
    core::Limits limits{};          ///< Of actors that name none.
    core::RestartPolicy restart{};  ///< Of actors that name none.
    std::string system_id;
    std::uint64_t first_message_id = 1;
    messaging::MessageIds::Reserve more_message_ids{};
  };
  static core::Result<std::unique_ptr<Assembly>> create(const Environment& environment, Options options);

  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;
  /// The scheduler's threads have ended. What is still queued is buried.
  ~Assembly();

  /// A folder with a `component.toml`, such a file, or a `.wasm`. Without a `profile`: that of the engine options. Where
  /// compiled code can't be kept, the log says so, once.
  core::Result<ComponentRef> load(const std::filesystem::path& path, std::optional<core::Profile> profile = std::nullopt);
  core::Result<core::Address> spawn(GuestSpec guest);
  /// The same, not started yet: see `ActorSystem::place`.
  core::Result<actor::ActorRef> place(GuestSpec guest);
  core::Result<core::Address> spawn_native(NativeSpec native);
  /// A sender of the host under `address`, which gets an actor that takes no messages.
  core::Result<std::unique_ptr<messaging::HostSender>> open_sender(const core::Address& address);

  /// Every actor is idle, and nobody outside waits for an outcome. Outdated at once.
  bool idle() const;
  /// Nothing that was accepted is left to do, though actors may run for timers of theirs. Outdated at once.
  bool owes_nothing() const;
  /// Idle, and nothing is promised for later: see `actor::ActorCell`. Outdated at once.
  bool done() const;

  /// What a worker runs actors with; one each.
  std::unique_ptr<actor::TurnRunner> make_runner();

  actor::ActorSystem& actors() noexcept { return actors_; }
  messaging::MessagingService& messaging() noexcept { return messaging_; }
  security::GrantTable& grants() noexcept { return grants_; }
  runtime::EngineSet& engines() noexcept { return engines_; }

 private:
  Assembly(const Environment& environment, Options options);
  /// Whether that is true of all actors at one moment, though they are looked at one after the other.
  template <typename Holds>
  bool holds_of_all(const Holds& holds) const;
  /// With the system's where the actor names none.
  core::ActorSpec completed(core::ActorSpec actor) const;
  void tell_of_cache_trouble();

  Environment environment_;
  core::Profile usual_profile_;
  core::Limits usual_limits_;
  core::RestartPolicy usual_restart_;
  security::GrantTable grants_;
  actor::ActorSystem actors_;
  messaging::MessagingService messaging_;
  actor::TurnPorts turn_ports_;
  core::HostPorts ports_;
  runtime::EngineSet engines_;
  runtime::StoreManager stores_;
  std::atomic<bool> cache_trouble_told_{false};  ///< Once, however many components there are.
};

}  // namespace airssys::system
