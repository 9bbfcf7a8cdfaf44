#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/system/deployment.hpp"

namespace airssys::system {

/// What the kernel lets this process have beyond what it has. Nothing: as much as there is.
struct HostRoom {
  std::optional<core::Bytes> addresses;      ///< RLIMIT_AS, `ulimit -v`.
  std::optional<core::Bytes> data;           ///< RLIMIT_DATA, `ulimit -d`: what is private and writable.
  std::optional<std::uint64_t> mappings;     ///< vm.max_map_count.
  std::optional<std::uint64_t> descriptors;  ///< RLIMIT_NOFILE, `ulimit -n`.

  static HostRoom now();
};

/// What a plan takes at its start, at least.
struct HostNeed {
  std::size_t fast_actors = 0;
  core::Bytes memory = 0;  ///< That all actors begin with.
  std::size_t gateways = 0;

  static HostNeed of(const Plan& plan);
};

/// `resources`: what does not fit, with the figures and what to do. Found now, it is said; found by an actor that can't start,
/// it is a crash like any other, and again, until the actor gives up.
core::Result<void> check_room(const HostNeed& need, const HostRoom& room);

}  // namespace airssys::system
