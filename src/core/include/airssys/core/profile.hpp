#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace airssys::core {

/// How a guest's memory is laid out, which is a choice between the speed of its code and how many of its kind fit. Each profile
/// is an engine of its own, and compiles a component in its own way. A guest can't tell which it is in.
enum class Profile : std::uint8_t {
  fast,   ///< Guard pages and copy-on-write: the fastest guest code; about 20,000 guests, for each needs mappings of its own.
  dense,  ///< Memory from the heap: hundreds of thousands of guests, 16 kB each and up; loops over memory take twice as long.
};

/// As users write them, in the order of the enumerators.
inline constexpr std::array<std::string_view, 2> kProfileNames{"fast", "dense"};

constexpr std::string_view name_of(Profile profile) noexcept {
  return kProfileNames[static_cast<std::size_t>(profile)];
}

}  // namespace airssys::core
