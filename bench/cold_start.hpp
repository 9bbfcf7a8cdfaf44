#pragma once

#include <span>
#include <string>
#include <string_view>

namespace airssys::bench {

/// The reference of `cold_start`, in a process of its own, which is this program again:
///
///   airssys_bench --bare-start ARTIFACT...     an instance for each, bare; says "ready" and ends with its input
inline constexpr std::string_view kBareStart = "--bare-start";
int run_bare_start(std::span<const std::string> artifacts);

}  // namespace airssys::bench
