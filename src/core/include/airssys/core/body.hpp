#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "airssys/core/block_cache.hpp"

namespace airssys::core {

/// Bytes of a message: immutable, shared, one allocation (count, size and bytes together). Copying a Body shares the bytes;
/// that is how a fan-out has one body. An empty body needs no allocation. Any thread.
class Body {
 public:
  Body() noexcept = default;
  /// Copies `bytes` once.
  static Body copy_of(std::span<const std::byte> bytes) { return copy_of(bytes.data(), bytes.size()); }
  static Body copy_of(std::string_view text) { return copy_of(text.data(), text.size()); }

  Body(const Body& other) noexcept : block_(other.block_) { retain(); }
  Body(Body&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Body& operator=(Body other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Body() { release(); }

  std::size_t size() const noexcept { return block_ == nullptr ? 0 : block_->size; }
  bool empty() const noexcept { return size() == 0; }
  std::span<const std::byte> bytes() const noexcept {
    if (block_ == nullptr) return {};
    return {reinterpret_cast<const std::byte*>(block_ + 1), block_->size};
  }
  std::string_view text() const noexcept {
    if (block_ == nullptr) return {};
    return {reinterpret_cast<const char*>(block_ + 1), block_->size};
  }

  /// Has the processor bring the first bytes into its cache, where they will be read soon.
  void fetch_ahead() const noexcept {
    if (block_ != nullptr) __builtin_prefetch(block_);
  }

  friend bool operator==(const Body& left, const Body& right) noexcept { return left.text() == right.text(); }

 private:
  struct Block {
    std::atomic<std::uint32_t> owners;
    std::size_t size;
  };

  static Body copy_of(const void* data, std::size_t size) {
    Body body;
    if (size == 0) return body;
    body.block_ = new (BlockCache::allocate(sizeof(Block) + size)) Block{.owners = 1, .size = size};
    std::memcpy(static_cast<void*>(body.block_ + 1), data, size);
    return body;
  }
  void retain() noexcept {
    if (block_ != nullptr) block_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept {
    if (block_ == nullptr) return;
    // A sole owner needs no atomic subtraction: nobody else can begin to share it meanwhile.
    if (block_->owners.load(std::memory_order_acquire) == 1 || block_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      const std::size_t bytes = sizeof(Block) + block_->size;
      block_->~Block();
      BlockCache::free(block_, bytes);
    }
  }

  Block* block_ = nullptr;
};

}  // namespace airssys::core
