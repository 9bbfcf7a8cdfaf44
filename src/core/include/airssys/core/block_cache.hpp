#pragma once

#include <cstddef>

namespace airssys::core {

/// Memory for what is small, short-lived and made all the time, such as message bodies. A thread keeps what it frees, up to
/// 256 KiB of each of five sizes up to 2 KiB, and hands it out again without asking the C library, whose own cache of seven
/// blocks a size is too small for a turn that sends more. A thread that frees more than it allocates gives the rest back.
///
/// The size must be the same at both ends; the thread need not be. Under the address sanitizer nothing is kept.
class BlockCache {
 public:
  /// At least `bytes`, aligned for any object. Throws `std::bad_alloc`.
  static void* allocate(std::size_t bytes);
  static void free(void* block, std::size_t bytes) noexcept;
};

/// The same as an allocator of the standard library: for the nodes of tables whose entries come and go with messages.
template <typename T>
struct BlockAllocator {
  using value_type = T;
  BlockAllocator() noexcept = default;
  template <typename U>
  BlockAllocator(const BlockAllocator<U>&) noexcept {}  // NOLINT(google-explicit-constructor): as containers expect

  T* allocate(std::size_t count) { return static_cast<T*>(BlockCache::allocate(count * sizeof(T))); }
  void deallocate(T* objects, std::size_t count) noexcept { BlockCache::free(objects, count * sizeof(T)); }
  friend bool operator==(const BlockAllocator&, const BlockAllocator&) noexcept { return true; }
};

}  // namespace airssys::core
