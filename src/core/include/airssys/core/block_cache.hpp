#pragma once

#include <cstddef>
#include <new>

namespace airssys::core {

/// Memory for what is small, short-lived and made all the time: messages and their bodies, requests, actors that come and go. A
/// thread keeps what it frees and hands it out again without asking the C library, whose own cache of seven blocks a size is
/// too small for a turn that sends more. It keeps two magazines of each size; full ones go to a depot of at most 16 MiB, from
/// which threads that allocate more than they free get theirs: one lock for up to 64 blocks. (Bonwick and Adams, "Magazines and
/// Vmem", 2001.) Sizes up to 2 KiB, rounded up by at most 31 bytes; larger ones come from the C library.
/// One to eight whole lines of memory (64 bytes) begin where a line does.
///
/// The size must be the same at both ends; the thread need not be. Under the address sanitizer nothing is kept.
class BlockCache {
 public:
  /// At least `bytes`, aligned for any object. Throws `std::bad_alloc`.
  static void* allocate(std::size_t bytes);
  static void free(void* block, std::size_t bytes) noexcept;
};

/// A base that has the objects of a class come from there. A class with others below it needs a virtual destructor.
struct BlockAllocated {
  static void* operator new(std::size_t bytes) { return BlockCache::allocate(bytes); }
  static void operator delete(void* object, std::size_t bytes) noexcept { BlockCache::free(object, bytes); }
  /// For a class of one to eight lines that is aligned to them.
  static void* operator new(std::size_t bytes, std::align_val_t) { return BlockCache::allocate(bytes); }
  static void operator delete(void* object, std::size_t bytes, std::align_val_t) noexcept { BlockCache::free(object, bytes); }
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
