#include "limits.hpp"

namespace airssys::runtime {

namespace {

// Beside a body: what of WASI is copied.
constexpr core::Bytes kBesideBody = core::Bytes{1} << 20;

}  // namespace

ab_limits to_bridge(const core::Limits& limits) noexcept {
  ab_limits bridge{};
  bridge.size = sizeof(bridge);
  bridge.memory_bytes = limits.memory;
  bridge.table_elements = limits.table_elements;
  bridge.hostcall_bytes = limits.body_bytes + kBesideBody;
  return bridge;
}

}  // namespace airssys::runtime
