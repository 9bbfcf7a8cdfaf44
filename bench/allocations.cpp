#include "allocations.hpp"

#include <cerrno>
#include <cstddef>

// What the program calls `malloc` is what is defined here: the linker prefers the executable's own. It counts and goes on to
// the C library's, which glibc also exports under these names. `free` is left alone.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace airssys::bench {
namespace {

// Plain data in the executable's own thread-local block: reaching it allocates nothing.
constinit thread_local std::uint64_t count = 0;

}  // namespace

std::uint64_t allocations_of_this_thread() noexcept {
  return count;
}

namespace {
void note() noexcept {
  ++count;
}
}  // namespace

}  // namespace airssys::bench

extern "C" {

void* malloc(std::size_t size) {
  airssys::bench::note();
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  airssys::bench::note();
  return __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) {
  airssys::bench::note();
  return __libc_realloc(block, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  airssys::bench::note();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  airssys::bench::note();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  airssys::bench::note();
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}

}  // extern "C"
