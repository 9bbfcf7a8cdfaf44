#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/ports/hash_port.hpp"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/runtime/compiler.hpp"
#include "airssys/runtime/component.hpp"
#include "airssys/runtime/engine.hpp"

namespace airssys::runtime {

class ArtifactCache;
class ArtifactsInWork;

struct LoaderOptions {
  /// Where compiled code is kept; made if missing. Empty: nowhere, each load compiles.
  std::filesystem::path cache{};
  /// The largest file accepted.
  core::Bytes max_bytes = core::Bytes{64} << 20;
  /// How deep components and their types may nest. The engine's own validation is quadratic in it.
  unsigned max_nesting = 64;
  CompilerOptions compiler{};
};

/// What a loader has done so far.
struct LoaderStats {
  std::uint64_t compiled = 0;   ///< Components compiled: slow.
  std::uint64_t cached = 0;     ///< Taken from the cache instead, or from a load of the same bytes at the same time.
  std::uint64_t refused = 0;    ///< Files in the cache that were truncated, forged or of another engine: compiled again.
  std::uint64_t unwritten = 0;  ///< Results that could not be kept; `cache_trouble` has the last reason.
};

/// Turns bytes that nobody vouches for into a `Component`, or says what is wrong with them: bounded in size, scanned for
/// nesting in one linear pass before the engine sees them, then compiled (or taken from the cache), linked and checked.
///
/// The cache holds native code, which the engine runs as it is. So an artifact is loaded only if its file carries a message
/// authentication code made with this cache's own random key (`key` in the folder, 0600): what another user, a broken disk
/// or half a copy put there is refused and made anew. A cache that does not work costs time, never a load.
///
/// Any thread; loads may run in parallel. Those of the same bytes wait for the first of them, which compiles. `engine`, the
/// ports and `hash` are borrowed; the ports must outlive every component loaded, the other two the loader.
class ComponentLoader {
 public:
  ComponentLoader(const Engine& engine, const core::HostPorts& ports, const core::HashPort& hash, LoaderOptions options);
  ~ComponentLoader();
  ComponentLoader(const ComponentLoader&) = delete;
  ComponentLoader& operator=(const ComponentLoader&) = delete;

  /// Errors name the path and what to do. `not_found`; `io`: unreadable; `too_large`: beyond a limit of the options,
  /// the compiler's too;
  /// `invalid`: no component, damaged, without `handler`, or with imports nobody knows; `resources`: the host has no room.
  /// Milliseconds to seconds if it must compile.
  core::Result<std::shared_ptr<const Component>> load_file(const std::filesystem::path& file);
  /// The same for bytes at hand; errors name `name`. Without a side file for `locate`.
  core::Result<std::shared_ptr<const Component>> load_bytes(std::span<const std::byte> wasm, std::string name);

  LoaderStats stats() const noexcept;
  /// Why the cache could last not be used; nothing if it works or there is none.
  std::optional<core::Error> cache_trouble() const;

 private:
  struct Source;
  core::Result<std::shared_ptr<const Component>> load(const Source& source);
  core::Result<BridgeHandle<ab_component>> compiled(const Source& source, const core::Digest& digest);
  core::Result<BridgeHandle<ab_component>> load_artifact(std::span<const std::byte> artifact) const;
  core::Result<std::vector<std::byte>> compile(std::span<const std::byte> wasm);
  struct Made;
  std::optional<Made> find(const core::Digest& key);
  core::Result<Made> find_or_make(const Source& source, const core::Digest& key);

  const Engine& engine_;
  core::HostPorts ports_;
  const core::HashPort& hash_;
  LoaderOptions options_;
  std::unique_ptr<ArtifactCache> cache_;  // null: none
  std::unique_ptr<ArtifactsInWork> in_work_;
  std::atomic<std::uint64_t> compiled_{0};
  std::atomic<std::uint64_t> cached_{0};
};

}  // namespace airssys::runtime
