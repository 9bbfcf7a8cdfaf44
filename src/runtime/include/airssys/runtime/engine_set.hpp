#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "airssys/core/error.hpp"
#include "airssys/core/ports/hash_port.hpp"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/core/profile.hpp"
#include "airssys/runtime/component_loader.hpp"
#include "airssys/runtime/engine.hpp"

namespace airssys::runtime {

/// The engines of one system: one of each profile, with the loader of its components, made when first asked for. They differ in
/// nothing but the profile and share the folder of compiled code, where each finds its own. The same bytes loaded in two
/// profiles are two components, and their instances are guests of one system like any others.
///
/// Any thread. The ports and `hash` are borrowed as a `ComponentLoader` borrows them; the set outlives what borrows its
/// loaders.
class EngineSet {
 public:
  /// Makes no engine yet. The profile that `engine` names is not looked at.
  EngineSet(const EngineOptions& engine, const core::HostPorts& ports, const core::HashPort& hash, LoaderOptions loader);
  ~EngineSet();
  EngineSet(const EngineSet&) = delete;
  EngineSet& operator=(const EngineSet&) = delete;

  /// Never null. The first call of a profile makes its engine, and fails as `Engine::create` does; the next tries again.
  core::Result<ComponentLoader*> loader(core::Profile profile);

  /// One tick of every engine that there is. Never waits.
  void tick() const noexcept;

  /// Of all loaders together.
  LoaderStats stats() const noexcept;
  /// Why the cache could last not be used by one of them; nothing if it works.
  std::optional<core::Error> cache_trouble() const;

 private:
  struct EngineAndLoader;

  EngineOptions engine_;
  core::HostPorts ports_;
  const core::HashPort& hash_;
  LoaderOptions loader_;
  std::mutex making_;
  static constexpr std::size_t kProfiles = core::kProfileNames.size();
  std::array<std::unique_ptr<EngineAndLoader>, kProfiles> made_;      // under `making_`
  std::array<std::atomic<EngineAndLoader*>, kProfiles> published_{};  // the same, for who may not wait; null: not asked for
};

}  // namespace airssys::runtime
