#pragma once

#include "airssys/core/message.hpp"
#include "console.hpp"

namespace airssys::cli {

/// The bare body, and on a terminal a line end; with --output json an object of codec and body.
void print_reply(const core::Payload& reply, Console& console);

}  // namespace airssys::cli
