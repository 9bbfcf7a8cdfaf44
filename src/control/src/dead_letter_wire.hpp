#pragma once

#include "airssys/control/dead_letters.hpp"
#include "wire.hpp"

namespace airssys::control {

Json json_of(const DeadLetterStatus& letter);
Json json_of(const DeadLetterList& list);

/// These throw Json::exception for what is not there or of another type.
DeadLetterStatus letter_from(const Json& json);
DeadLetterList letters_from(const Json& json);

}  // namespace airssys::control
