#include "airssys/core/block_cache.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <new>
#include <utility>

namespace airssys::core {
namespace {

// Blocks of 128, 256, ... 2,048 bytes, and sixteen for who counts references: powers of two are what people send.
constexpr int kSmallestShift = 7;
constexpr std::size_t kHeader = 16;
constexpr std::size_t kClasses = 5;
constexpr std::size_t kLargest = (std::size_t{1} << (kSmallestShift + kClasses - 1)) + kHeader;
constexpr std::uint32_t kMostBytes = 256U << 10;
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kKeeps = false;
#else
constexpr bool kKeeps = true;
#endif

struct FreeBlock {
  FreeBlock* next;
};

struct List {
  FreeBlock* first;
  std::uint32_t bytes;
};

enum class Phase : std::uint8_t { unused, open, closed };

// Plain data, so that it is reached without a check and is still there for what is freed after the thread's destructors.
struct Cache {
  std::array<List, kClasses> lists;
  Phase phase;
};
constinit thread_local Cache cache{};

struct Closer {
  ~Closer() {
    cache.phase = Phase::closed;
    for (List& list : cache.lists) {
      while (list.first != nullptr) ::operator delete(std::exchange(list.first, list.first->next));
      list.bytes = 0;
    }
  }
};

bool open_cache() {
  if (cache.phase == Phase::unused) {
    thread_local const Closer closer;
    static_cast<void>(&closer);
    cache.phase = Phase::open;
  }
  return cache.phase == Phase::open;
}

constexpr std::size_t class_of(std::size_t bytes) noexcept {
  const std::size_t beyond = bytes > kHeader ? bytes - kHeader - 1 : 0;
  return static_cast<std::size_t>(std::bit_width(beyond >> kSmallestShift));
}
static_assert(class_of(1) == 0 && class_of(144) == 0 && class_of(145) == 1 && class_of(kLargest) == kClasses - 1);

constexpr std::size_t size_of(std::size_t size_class) noexcept {
  return (std::size_t{1} << (static_cast<std::size_t>(kSmallestShift) + size_class)) + kHeader;
}

}  // namespace

void* BlockCache::allocate(std::size_t bytes) {
  if (bytes > kLargest) return ::operator new(bytes);
  const std::size_t size_class = class_of(bytes);
  List& list = cache.lists[size_class];
  if (list.first == nullptr) return ::operator new(size_of(size_class));
  list.bytes -= static_cast<std::uint32_t>(size_of(size_class));
  return std::exchange(list.first, list.first->next);
}

void BlockCache::free(void* block, std::size_t bytes) noexcept {
  if (!kKeeps || bytes > kLargest || (cache.phase != Phase::open && !open_cache())) return ::operator delete(block);
  const std::size_t size_class = class_of(bytes);
  List& list = cache.lists[size_class];
  if (list.bytes >= kMostBytes) return ::operator delete(block);
  list.bytes += static_cast<std::uint32_t>(size_of(size_class));
  list.first = new (block) FreeBlock{list.first};
}

}  // namespace airssys::core
