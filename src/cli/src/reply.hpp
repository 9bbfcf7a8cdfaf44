#pragma once

#include "airssys/core/message.hpp"
#include "console.hpp"

namespace airssys::cli {

/// The bare body, and on a terminal a line end; with --output json an object of codec, body and the request's id, which with
/// --verbose is said on standard error, too.
void print_reply(const core::Payload& reply, core::MessageId id, Console& console);

}  // namespace airssys::cli
