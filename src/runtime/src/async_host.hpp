#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/bridge.h"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/core/ports/turn_token.hpp"

namespace airssys::runtime {

/// The host-call adapter: what a guest imports, as calls of the ports. A call of an export puts a `CallFrame` on its stack
/// and gives the bridge its address; the bridge hands it back with each import the guest calls meanwhile. So the adapter
/// has no state, one table serves every component, and nothing is looked up.
///
/// Everything runs on the thread that runs the guest. Nothing throws across the boundary: what a port throws becomes an
/// error of that call.
struct CallFrame {
  /// What the last callback answered and the bridge has yet to copy into the guest. Only made when a call is refused.
  struct Results {
    core::SendError error;
    std::vector<core::MessagingPort::Refusal> refusals;
    std::vector<ab_refusal> refusal_views;
  };

  const core::HostPorts& ports;
  core::TurnToken turn;
  std::unique_ptr<Results> results{};
};

/// The table for `ab_template_new`; `turn` in its functions is a `CallFrame*`.
ab_imports host_imports() noexcept;

/// What of these imports this version does not serve (`storage` answers `unavailable`, `secrets` and `directory` nothing), what
/// needs an export that is not there, and the doors of WASI that are shut. From the lines of `ab_component_describe`; short
/// names, each once, in order.
std::vector<std::string> imports_in_vain(std::string_view description, bool takes_replies, bool takes_firings);

}  // namespace airssys::runtime
