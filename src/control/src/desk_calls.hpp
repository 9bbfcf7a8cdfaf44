#pragma once

#include <string>
#include <string_view>

#include "airssys/control/operator_desk.hpp"

namespace airssys::control {

/// What the desk says to a message of the operator protocol, as the protocol's response. Never throws for what is in `text`.
std::string answer_call(OperatorDesk& desk, std::string_view text);
/// The response that says `error`.
std::string error_response(const core::Error& error);

}  // namespace airssys::control
