#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "real_world.hpp"

namespace airssys::system {
namespace {

constexpr std::size_t kState = std::mt19937_64::state_size;
using Drawn = std::array<std::uint64_t, kState>;

/// The inverse of y ^= (y >> shift) & mask, and of the same to the left.
std::uint64_t undo_right(std::uint64_t y, int shift, std::uint64_t mask) {
  std::uint64_t x = y;
  for (int known = shift; known < 64; known += shift) x = y ^ ((x >> shift) & mask);
  return x;
}
std::uint64_t undo_left(std::uint64_t y, int shift, std::uint64_t mask) {
  std::uint64_t x = y;
  for (int known = shift; known < 64; known += shift) x = y ^ ((x << shift) & mask);
  return x;
}

/// What a Mersenne twister keeps, by the number that it made of it.
std::uint64_t untempered(std::uint64_t number) {
  number = undo_right(number, 43, ~std::uint64_t{0});
  number = undo_left(number, 37, 0xfff7'eee0'0000'0000);
  number = undo_left(number, 17, 0x71d6'7fff'eda6'0000);
  return undo_right(number, 29, 0x5555'5555'5555'5555);
}

/// The twister that has made `drawn`, for those who saw it.
std::mt19937_64 recovered(const Drawn& drawn) {
  std::stringstream state;
  for (const std::uint64_t number : drawn) state << untempered(number) << ' ';
  state << kState;
  std::mt19937_64 twister;
  state >> twister;
  return twister;
}

/// How many of the next numbers one who saw as many as a twister keeps knows beforehand.
template <typename Next>
int foretold(Next next) {
  Drawn drawn{};
  for (std::uint64_t& number : drawn) number = next();
  std::mt19937_64 twister = recovered(drawn);
  int known = 0;
  for (int i = 0; i < 100; ++i) known += twister() == next() ? 1 : 0;
  return known;
}

TEST(RealRandom, is_not_foretold_by_what_it_gave_away) {
  std::mt19937_64 twister(7);
  ASSERT_EQ(foretold([&] { return twister(); }), 100) << "or this test can find nothing";
  RealRandom random;
  EXPECT_EQ(foretold([&] { return random.next_u64(); }), 0);
}

TEST(RealRandom, gives_no_number_twice_to_any_thread) {
  RealRandom random;
  constexpr std::size_t kEach = 1000;
  std::array<std::vector<std::uint64_t>, 4> drawn;
  std::vector<std::thread> threads;
  for (auto& numbers : drawn) {
    threads.emplace_back([&random, &numbers] {
      for (std::size_t i = 0; i < kEach; ++i) numbers.push_back(random.next_u64());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& numbers : drawn) all.insert(numbers.begin(), numbers.end());
  EXPECT_EQ(all.size(), drawn.size() * kEach);
}

}  // namespace
}  // namespace airssys::system
