#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace airssys::core {

/// A number and what it counts, for people: "1 line", "2 lines"; "1 body", "2 bodies" with `many` named.
std::string plural(std::uint64_t count, std::string_view one, std::string_view many = {});

}  // namespace airssys::core
