#pragma once

#include <expected>
#include <memory>

#include "airssys/control/control_client.hpp"
#include "commands.hpp"

namespace airssys::cli {

/// A way to the running system. On failure everything has been said.
std::expected<std::unique_ptr<control::ControlClient>, ExitCode> connect(const Place& place, Console& console);

}  // namespace airssys::cli
