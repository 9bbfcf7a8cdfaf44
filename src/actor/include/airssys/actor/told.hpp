#pragma once

#include <string_view>

namespace airssys::actor {

/// How a component was ended that used too much, as those who run it and those who wait for it are told. Which of its limits
/// it was is no secret; the limit's figure is for whoever runs it.
inline constexpr std::string_view kCpuUsedUp = "its CPU budget for one turn was used up";
inline constexpr std::string_view kTimeUsedUp = "its wall time for one turn was used up";
inline constexpr std::string_view kOutOfMemory = "the component ran out of memory";

}  // namespace airssys::actor
