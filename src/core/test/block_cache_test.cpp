#include "airssys/core/block_cache.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace airssys::core {
namespace {

TEST(BlockCache, hands_out_blocks_of_any_size_that_do_not_overlap) {
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t bytes : {1U, 16U, 48U, 49U, 80U, 144U, 145U, 1040U, 2063U, 2064U, 2065U, 100'000U}) {
      auto* block = static_cast<unsigned char*>(BlockCache::allocate(bytes));
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t), 0U);
      std::memset(block, static_cast<int>(blocks.size() + 1), bytes);
      blocks.emplace_back(block, bytes);
    }
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto [block, bytes] = blocks[i];
    EXPECT_EQ(block[0], static_cast<unsigned char>(i + 1));
    EXPECT_EQ(block[bytes - 1], static_cast<unsigned char>(i + 1));
    BlockCache::free(block, bytes);
  }
}

TEST(BlockCache, keeps_no_more_than_its_bound_and_frees_what_another_thread_allocated) {
  std::vector<void*> blocks;
  for (int i = 0; i < 10'000; ++i) blocks.push_back(BlockCache::allocate(100));
  EXPECT_EQ(std::set<void*>(blocks.begin(), blocks.end()).size(), blocks.size());
  // What the thread keeps goes with it: the leak checker sees what does not.
  std::thread([&] {
    for (void* block : blocks) BlockCache::free(block, 100);
  }).join();
}

TEST(BlockCache, brings_what_one_thread_frees_to_another_that_allocates) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "nothing is kept under the address sanitizer";
#endif
  constexpr std::size_t kOddSize = 1500;  // Of no other test.
  std::set<void*> freed;
  std::thread([&] {
    std::vector<void*> blocks;
    for (int i = 0; i < 1000; ++i) blocks.push_back(BlockCache::allocate(kOddSize));
    for (void* block : blocks) {
      freed.insert(block);
      BlockCache::free(block, kOddSize);
    }
  }).join();
  std::vector<void*> blocks;
  int again = 0;
  for (int i = 0; i < 500; ++i) {
    blocks.push_back(BlockCache::allocate(kOddSize));
    again += freed.contains(blocks.back()) ? 1 : 0;
  }
  EXPECT_EQ(again, 500);
  EXPECT_EQ(std::set<void*>(blocks.begin(), blocks.end()).size(), blocks.size());
  for (void* block : blocks) BlockCache::free(block, kOddSize);
}

struct FreesLate {
  ~FreesLate() {
    if (block != nullptr) BlockCache::free(block, 100);
  }
  void* block = nullptr;
};

TEST(BlockCache, takes_what_a_thread_frees_after_its_cache_has_gone) {
  std::thread([] {
    thread_local FreesLate late;  // Made before the cache, so destroyed after it.
    late.block = BlockCache::allocate(100);
    BlockCache::free(BlockCache::allocate(100), 100);
  }).join();
}

}  // namespace
}  // namespace airssys::core
