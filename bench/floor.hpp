#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/profile.hpp"

namespace airssys::bench {

struct FloorOptions {
  // What is switched off, to see what it costs.
  bool without_epochs = false;         ///< Code is compiled without looks at the epoch.
  bool without_memory_limits = false;  ///< Growth of memories and tables is neither asked nor counted.
  /// Those that are compiled; what needs another asserts.
  std::vector<std::string> guests{"forwarder", "asker", "echo", "trapping"};
};

/// The engine's floor: what the same component calls cost bare, from C++ through the bridge, with nothing of ours around them.
/// The engine has the runtime's settings, epochs are on and set at each call, the limits on memory, tables and host-call
/// work are the runtime's; nobody ticks. Same guests as the rows beside it. One thread at a time.
class Floor {
 public:
  /// `guests`: the folder of built guests.
  static core::Result<std::unique_ptr<Floor>> create(const std::filesystem::path& guests, const FloorOptions& options = {});
  virtual ~Floor() = default;

  /// One hop: call A, whose `send` copies the body into a buffer and checks nothing; call B with that buffer.
  virtual void hops(std::size_t body_bytes, std::size_t count) = 0;
  /// The two entries of a request in a steady flow: call B with the request, keep the reply it returns; call A's
  /// `handle-reply` with it, whose `request` copies the next body into the buffer.
  virtual void requests(std::size_t body_bytes, std::size_t count) = 0;
  /// Instantiate from the linked template, `initialize`, one `handle-message` that sends, free.
  virtual void spawns(std::size_t count) = 0;
  /// `handle-message` that traps, its report, free; instantiate, `initialize`.
  virtual void restarts(std::size_t count) = 0;
};

/// A system's instances, bare: an engine that starts, reads, loads and links artifacts, and instantiates each as often as it is
/// named. Alive as long as this.
class BareSystem {
 public:
  /// `artifacts`: files, as `Engine::compile` makes them with the usual options.
  static core::Result<std::unique_ptr<BareSystem>> start(std::span<const std::string> artifacts);
  virtual ~BareSystem() = default;
};

/// Instances of one guest, bare, in an engine of its profile: as much as the engine needs to have them.
class BareGuests {
 public:
  static core::Result<std::unique_ptr<BareGuests>> load(const std::filesystem::path& wasm, core::Profile profile);
  virtual ~BareGuests() = default;

  /// One more: instantiated, initialized, kept. It is asked with `body` and must reply the same.
  virtual void add(std::string_view body) = 0;
};

}  // namespace airssys::bench
