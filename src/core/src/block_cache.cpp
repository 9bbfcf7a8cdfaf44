#include "airssys/core/block_cache.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

namespace airssys::core {
namespace {

// Sizes 32 bytes apart, and sixteen for who counts references: of bodies, powers of two are what people send.
constexpr std::size_t kStep = 32;
constexpr std::size_t kHeader = 16;
constexpr std::size_t kSteps = 64;
constexpr std::size_t kLargest = kSteps * kStep + kHeader;
// And whole lines of memory, a few, which begin where a line does: two threads that have one block each share none.
constexpr std::size_t kLine = 64;
constexpr std::size_t kLines = 8;
constexpr std::size_t kClasses = kSteps + kLines;
constexpr std::size_t kDepotBytes = std::size_t{16} << 20;
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kKeeps = false;
#elif defined(__clang__)
#if __has_feature(address_sanitizer)
constexpr bool kKeeps = false;
#else
constexpr bool kKeeps = true;
#endif
#else
constexpr bool kKeeps = true;
#endif

constexpr std::size_t class_of(std::size_t bytes) noexcept {
  if (bytes % kLine == 0 && bytes - 1 < kLines * kLine) return kSteps + bytes / kLine - 1;
  return bytes > kHeader ? (bytes - kHeader - 1) / kStep : 0;
}
static_assert(class_of(1) == 0 && class_of(48) == 0 && class_of(49) == 1 && class_of(kLargest) == kSteps - 1);
static_assert(class_of(0) == 0 && class_of(64) == kSteps && class_of(512) == kClasses - 1 && class_of(576) < kSteps);

constexpr std::size_t size_of(std::size_t size_class) noexcept {
  return size_class < kSteps ? (size_class + 1) * kStep + kHeader : (size_class - kSteps + 1) * kLine;
}

void* make(std::size_t size_class) {
  if (size_class < kSteps) return ::operator new(size_of(size_class));
  return ::operator new(size_of(size_class), std::align_val_t{kLine});
}

void destroy(void* block, std::size_t size_class) noexcept {
  if (size_class < kSteps) return ::operator delete(block);
  ::operator delete(block, std::align_val_t{kLine});
}

struct FreeBlock {
  FreeBlock* next;
  FreeBlock* next_magazine;  ///< Of the first of a magazine in the depot.
};

/// How many blocks make a magazine: about 32 KiB.
constexpr auto kFull = [] {
  std::array<std::uint32_t, kClasses> full{};
  for (std::size_t size_class = 0; size_class < kClasses; ++size_class) {
    full[size_class] =
        static_cast<std::uint32_t>(std::clamp<std::size_t>((std::size_t{32} << 10) / size_of(size_class), 16, 64));
  }
  return full;
}();

/// Where threads that free more leave full magazines for those that allocate more.
class Depot {
 public:
  bool put(std::size_t size_class, FreeBlock* magazine) noexcept {
    const std::size_t bytes = kFull[size_class] * size_of(size_class);
    const std::lock_guard lock(mutex_);
    if (bytes_ + bytes > kDepotBytes) return false;
    bytes_ += bytes;
    magazine->next_magazine = std::exchange(shelves_[size_class], magazine);
    there_[size_class].store(true, std::memory_order_relaxed);
    return true;
  }
  FreeBlock* take(std::size_t size_class) noexcept {
    if (!there_[size_class].load(std::memory_order_relaxed)) return nullptr;
    const std::lock_guard lock(mutex_);
    FreeBlock* const magazine = shelves_[size_class];
    if (magazine == nullptr) return nullptr;
    shelves_[size_class] = magazine->next_magazine;
    there_[size_class].store(magazine->next_magazine != nullptr, std::memory_order_relaxed);
    bytes_ -= kFull[size_class] * size_of(size_class);
    return magazine;
  }

 private:
  std::mutex mutex_;
  std::array<FreeBlock*, kClasses> shelves_{};
  std::array<std::atomic<bool>, kClasses> there_{};
  std::size_t bytes_ = 0;
};

// Never destroyed: threads may end after the statics have.
Depot& depot() noexcept {
  static Depot& only = *new Depot;
  return only;
}

struct Blocks {
  FreeBlock* first;    ///< Of the magazine in use.
  std::uint32_t room;  ///< In it. 0 before and after the thread's cache is open, too, so that one look is enough.
  FreeBlock* spare;    ///< A full magazine, or none.
};

enum class Phase : std::uint8_t { unused, open, closed };

// Plain data, so that it is reached without a check and is still there for what is freed after the thread's destructors.
struct Cache {
  std::array<Blocks, kClasses> sizes;
  Phase phase;
};
constinit thread_local Cache cache{};

void drop(FreeBlock* magazine, std::size_t size_class) noexcept {
  while (magazine != nullptr) destroy(std::exchange(magazine, magazine->next), size_class);
}

struct Closer {
  ~Closer() {
    cache.phase = Phase::closed;
    for (std::size_t size_class = 0; size_class < kClasses; ++size_class) {
      Blocks& blocks = cache.sizes[size_class];
      drop(std::exchange(blocks.first, nullptr), size_class);
      drop(std::exchange(blocks.spare, nullptr), size_class);
      blocks.room = 0;
    }
  }
};

/// Whether the thread's cache is there; makes it.
bool is_open() noexcept {
  if (cache.phase == Phase::unused && kKeeps) {
    thread_local const Closer closer;
    static_cast<void>(&closer);
    cache.phase = Phase::open;
    for (std::size_t size_class = 0; size_class < kClasses; ++size_class) cache.sizes[size_class].room = kFull[size_class];
  }
  return cache.phase == Phase::open;
}

void put(Blocks& blocks, void* block) noexcept {
  --blocks.room;
  blocks.first = new (block) FreeBlock{.next = blocks.first, .next_magazine = nullptr};
}

void* take(Blocks& blocks) noexcept {
  ++blocks.room;
  void* const block = std::exchange(blocks.first, blocks.first->next);
  // The next to be taken may have been freed by a thread of another core, whose cache still has it. (To fetch from nowhere
  // takes longer than from memory: there is no page.)
  if (blocks.first != nullptr) __builtin_prefetch(blocks.first, 1);
  return block;
}

[[gnu::noinline]] void* allocate_elsewhere(std::size_t size_class) {
  Blocks& blocks = cache.sizes[size_class];
  FreeBlock* const magazine =
      is_open() ? (blocks.spare != nullptr ? std::exchange(blocks.spare, nullptr) : depot().take(size_class)) : nullptr;
  if (magazine == nullptr) return make(size_class);
  blocks.first = magazine;
  blocks.room = 0;
  return take(blocks);
}

[[gnu::noinline]] void free_elsewhere(void* block, std::size_t size_class) noexcept {
  if (!is_open()) return destroy(block, size_class);
  Blocks& blocks = cache.sizes[size_class];
  if (blocks.room == 0) {
    if (blocks.spare != nullptr && !depot().put(size_class, blocks.spare)) drop(blocks.spare, size_class);
    blocks.spare = std::exchange(blocks.first, nullptr);
    blocks.room = kFull[size_class];
  }
  put(blocks, block);
}

}  // namespace

void* BlockCache::allocate(std::size_t bytes) {
  if (bytes > kLargest) return ::operator new(bytes);
  const std::size_t size_class = class_of(bytes);
  Blocks& blocks = cache.sizes[size_class];
  if (blocks.first == nullptr) return allocate_elsewhere(size_class);
  return take(blocks);
}

void BlockCache::free(void* block, std::size_t bytes) noexcept {
  if (bytes > kLargest) return ::operator delete(block);
  const std::size_t size_class = class_of(bytes);
  Blocks& blocks = cache.sizes[size_class];
  if (blocks.room == 0) return free_elsewhere(block, size_class);
  put(blocks, block);
}

}  // namespace airssys::core
