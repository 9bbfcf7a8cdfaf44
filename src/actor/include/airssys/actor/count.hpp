#pragma once

#include <atomic>
#include <cstdint>

namespace airssys::actor {

/// A count with one writer at a time, read by anybody: cheaper than an atomic addition.
class Count {
 public:
  void add(std::uint64_t by = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  void clear() noexcept { value_.store(0, std::memory_order_relaxed); }
  std::uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace airssys::actor
