#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "airssys/actor/observer.hpp"
#include "airssys/core/profile.hpp"
#include "airssys/system/system.hpp"
#include "floor.hpp"
#include "measure.hpp"

namespace airssys::bench {

/// Counts restarts and calls `on_restart` after each, on the worker.
class RestartCount final : public actor::ActorEvents {
 public:
  void crashed(const actor::ActorCell&, const actor::CrashReport&) noexcept override { ++crashes; }
  void restarted(const actor::ActorCell&) noexcept override {
    if (on_restart) on_restart();
  }
  void stopped(const actor::ActorCell&, std::string_view) noexcept override {}

  std::atomic<std::uint64_t> crashes{0};
  std::function<void()> on_restart;  ///< Set while no actor runs.
};

/// What rows are measured in: a system as users start it, with every limit on, and the floor beside it. Actors named
/// `bench/...` may reach each other, and so may those named `metered/...`, at a rate that nobody reaches;
/// `bench/leaf/...` are subscribed to what `bench/publisher/...` may publish, all topics `bench.#`.
class World {
 public:
  struct Options {
    unsigned workers = 1;
    Effort effort{};
    /// The folder of the built peers, which native rows are then compared with. Empty: they are left out.
    std::filesystem::path peers{};
  };

  /// `guests`: the folder of built guests.
  static core::Result<std::unique_ptr<World>> create(const std::filesystem::path& guests, Options options);

  system::System& system() noexcept { return *system_; }
  /// Made at the first call.
  core::Result<Floor*> floor();
  RestartCount& restarts() noexcept { return restarts_; }
  const std::filesystem::path& guests() const noexcept { return guests_; }
  const Effort& effort() const noexcept { return options_.effort; }
  const std::filesystem::path& peers() const noexcept { return options_.peers; }

  /// Loaded at the first call.
  core::Result<system::ComponentRef> guest(std::string_view name, core::Profile profile = core::Profile::fast);
  core::Result<void> spawn(std::string_view address, std::string_view guest, core::ConfigValues config = {},
                           core::RestartPolicy restart = {}, core::Profile profile = core::Profile::fast);
  core::Result<void> spawn_native(std::string_view address, actor::NativeFactory factory);
  /// A message from the host: how rounds begin.
  core::Result<void> tell(std::string_view address, std::string_view text);
  /// What `work` takes in a turn of a native actor: on a worker, the kind of thread that runs the rows, with the same
  /// neighbours.
  core::Result<Taken> on_worker(std::function<void()> work);
  /// Messages that stand, of an actor that lives.
  std::uint64_t handled(std::string_view address) const;
  /// Ends a row: everything is at rest, and nothing was lost, undone or put off, else `busy`. Stops all of them in any case.
  core::Result<void> settle();

 private:
  World(std::filesystem::path guests, Options options) : guests_(std::move(guests)), options_(std::move(options)) {}

  const std::filesystem::path guests_;
  const Options options_;
  std::map<std::string, system::ComponentRef, std::less<>> loaded_;
  RestartCount restarts_;
  std::function<void()> errand_;
  StopWatch errand_watch_;
  std::unique_ptr<Floor> floor_;
  std::unique_ptr<system::System> system_;
};

}  // namespace airssys::bench
