#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/core/profile.hpp"
#include "airssys/core/trap.hpp"
#include "airssys/runtime/bridge_handle.hpp"

namespace airssys::runtime {

/// What a component may export beside `handler`, which every one has.
enum class Export : std::uint8_t { reply_handler, timer_handler, health, state, shutdown };
std::string_view name_of(Export which) noexcept;

/// A component compiled, loaded, linked to the host's imports and found fit to run: all that is left to do at a spawn is
/// instantiation. Immutable, any thread. Always a `shared_ptr<const Component>`: instances keep it alive.
class Component {
 public:
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;
  ~Component();

  /// Its file without folder and extension, or the name given with the bytes.
  const std::string& name() const noexcept { return name_; }
  /// Of the wasm bytes, in hexadecimal.
  const std::string& digest() const noexcept { return digest_; }
  /// Of the engine that it was loaded in, and so of all its instances.
  core::Profile profile() const noexcept { return profile_; }
  bool has(Export which) const noexcept { return (exports_ >> static_cast<unsigned>(which) & 1U) != 0; }
  /// The sum of the initial linear memories: no instance does with less.
  core::Bytes initial_memory() const noexcept { return initial_memory_; }
  /// The largest body that an instance with this ceiling on its memory may be given: what the ceiling leaves beside what it
  /// begins with, or a page, for which there may be room in that.
  core::Bytes room_for_a_body(core::Bytes memory) const noexcept;
  /// The sum of the initial tables, in elements.
  std::uint64_t initial_table() const noexcept { return initial_table_; }

  /// What it imports and will not get, as a person would name it: `storage`, `wasi:sockets`, `messaging.request (it exports
  /// no reply-handler)`. It runs all the same: such a call answers `unavailable` or nothing. Short, whatever it imports.
  std::vector<std::string> imports_in_vain() const;

  /// Where the frames of a trap are in the source, innermost first, from the side file `NAME.debug.wasm` beside `NAME.wasm`,
  /// which `airssys build` leaves there. A frame that other functions were inlined into has a place for each; one of which
  /// nothing is known has its name and no line. For crash reports: reads the file each time, as much of it as
  /// `SideFile::kMaxBytes`, and takes a bounded number of steps over it. `unavailable`: no side file, or nothing in it about
  /// these; `incompatible`: the side file is of another build.
  core::Result<std::vector<core::SourceLocation>> locate(std::span<const core::Frame> frames) const;

 private:
  friend class ComponentLoader;
  friend class StoreManager;
  friend class Instance;

  struct Parts;
  Component(Parts&& parts, const core::HostPorts& ports);

  std::string name_;
  std::string digest_;
  std::filesystem::path file_;  // empty: loaded from bytes
  std::uint64_t code_stamp_;    // of the first core module's code section: tells whether a side file belongs to it
  core::Profile profile_;
  core::HostPorts ports_;
  BridgeHandle<ab_component> compiled_;
  BridgeHandle<ab_template> linked_;
  std::uint32_t exports_;
  core::Bytes initial_memory_;
  std::uint64_t initial_table_;
};

}  // namespace airssys::runtime
