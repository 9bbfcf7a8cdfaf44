#pragma once

#include <cstdint>

namespace airssys::bench {

/// Allocations that the calling thread has made since it began: every malloc, calloc, realloc and aligned allocation of this
/// process, C++ and Rust alike, since allocations.cpp stands in front of the C library's.
std::uint64_t allocations_of_this_thread() noexcept;

}  // namespace airssys::bench
