#pragma once

#include <expected>

#include "airssys/core/message.hpp"

namespace airssys::messaging {

/// A refusal that its kind says all about.
inline std::unexpected<core::SendError> refused(core::SendErrorKind kind) {
  return std::unexpected(core::SendError{.kind = kind});
}

}  // namespace airssys::messaging
