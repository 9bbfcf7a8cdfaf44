#include "limits.hpp"

#include <algorithm>

namespace airssys::runtime {

namespace {

// Beside a body: a thousand addresses of a broadcast, a failure's text, the fields of a log line.
constexpr core::Bytes kBesideBody = core::Bytes{1} << 20;

/// The most that one host call or one result may refer to, whether it is copied or not. A body beyond the limit on bodies must
/// still reach the port, which answers `too-large`; so the bound is what an honest guest can have in its memory. It stops
/// the other kind: a list of many texts that are all the same megabyte.
core::Bytes hostcall_bytes(const core::Limits& limits) noexcept {
  return std::max(limits.memory, limits.body_bytes) + kBesideBody;
}

}  // namespace

ab_limits to_bridge(const core::Limits& limits, std::uint32_t memories) noexcept {
  ab_limits bridge{};
  bridge.size = sizeof(bridge);
  bridge.memory_bytes = limits.memory / std::max(memories, 1U);
  bridge.table_elements = limits.table_elements;
  bridge.hostcall_bytes = hostcall_bytes(limits);
  return bridge;
}

}  // namespace airssys::runtime
