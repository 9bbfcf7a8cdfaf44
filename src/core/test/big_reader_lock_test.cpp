#include "airssys/core/big_reader_lock.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace airssys::core {
namespace {

TEST(BigReaderLock, shows_readers_all_of_a_change_or_nothing) {
  constexpr int kReaders = 12;  // More than it has slots.
  constexpr int kChanges = 300;
  BigReaderLock lock;
  std::array<int, 2> twins{};
  std::atomic<int> seen_last{0};
  std::vector<std::jthread> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      for (int last = 0; last < 2 * kChanges;) {
        const auto reading = lock.lock_for_reading();
        EXPECT_EQ(twins[0], twins[1]);
        EXPECT_GE(twins[0], last);
        last = twins[0];
      }
      seen_last.fetch_add(1);
    });
  }
  std::vector<std::jthread> writers;
  for (int i = 0; i < 2; ++i) {
    writers.emplace_back([&] {
      for (int change = 0; change < kChanges; ++change) {
        const std::lock_guard changing(lock);
        ++twins[0];
        ++twins[1];
      }
    });
  }
  readers.clear();
  writers.clear();
  EXPECT_EQ(seen_last.load(), kReaders);
  EXPECT_EQ(twins[0], 2 * kChanges);
}

}  // namespace
}  // namespace airssys::core
