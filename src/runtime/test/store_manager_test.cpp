#include "airssys/runtime/store_manager.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "limits.hpp"
#include "testing/runtime_fixture.hpp"
#include "testing/sanitizers.hpp"

namespace airssys::runtime {
namespace {

using testing::Guest;
using testing::kEcho;
using testing::RuntimeTest;
using namespace airssys::literals;

class Stores : public RuntimeTest {};
class LimitsOfAnActor : public RuntimeTest {};

TEST_F(Stores, are_counted_while_they_live) {
  const auto component = load({});
  EXPECT_EQ(stores.alive(), 0U);
  auto one = spawn(component);
  const auto other = spawn(component);
  EXPECT_EQ(stores.alive(), 2U);
  one.reset();
  EXPECT_EQ(stores.alive(), 1U);
}

TEST_F(Stores, keep_what_they_need_alive) {
  auto component = load({.handle_message = kEcho});
  std::unique_ptr<Instance> guest;
  {
    StoreManager passing;
    guest = *passing.create(component, {}, turn, kTicks);
  }
  component.reset();
  engine.reset();
  EXPECT_EQ(reply_to(*guest, "hi"), "hi");
}

/// Of this process: bytes of addresses, and mappings.
struct Mapped {
  std::uint64_t addresses = 0;
  std::uint64_t mappings = 0;

  static Mapped now() {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    std::ifstream maps("/proc/self/maps");
    const auto lines = std::count(std::istreambuf_iterator<char>(maps), {}, '\n');
    return {.addresses = pages * 4096, .mappings = static_cast<std::uint64_t>(lines)};
  }
};

TEST_F(Stores, take_as_much_address_space_as_is_said_of_their_profile) {
#if defined(AIRSSYS_UNDER_ASAN) || defined(AIRSSYS_UNDER_TSAN)
  GTEST_SKIP() << "a sanitizer maps memory of its own for each mapping";
#endif
  const auto component = load({});
  constexpr std::uint64_t kCount = 20;
  const Mapped before = Mapped::now();
  std::vector<std::unique_ptr<Instance>> guests;
  for (std::uint64_t i = 0; i < kCount; ++i) guests.push_back(spawn(component));
  const Mapped after = Mapped::now();
  const bool fast = component->profile() == core::Profile::fast;
  const std::uint64_t more = after.addresses - before.addresses;
  EXPECT_GE(more, fast ? kCount * kFastReservation : 0);
  EXPECT_LE(more, (fast ? kCount * kFastReservation : 0) + 256_MiB);
  EXPECT_LE(after.mappings - before.mappings, (fast ? kCount * kFastMappings : 0) + 20);
}

TEST_F(Stores, refuse_a_component_that_begins_larger_than_its_limit) {
  const auto component = load({.pages = "17"});
  EXPECT_EQ(component->initial_memory(), 17 * 64_KiB);
  const auto made = stores.create(component, {.memory = 1_MiB}, turn, kTicks);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().error.code(), core::ErrorCode::too_large);
  EXPECT_EQ(made.error().error.message(),
            "guest needs 1114112 bytes of memory to begin with, its limit is 1048576: raise `memory`");
  EXPECT_EQ(stores.alive(), 0U);
  EXPECT_NE(spawn(component, {.memory = 17 * 64_KiB}), nullptr);
}

TEST_F(Stores, refuse_a_component_with_too_large_a_table) {
  const auto component = load({.more = "(table 20000 funcref)"});
  EXPECT_GE(component->initial_table(), 20'000U);
  const auto made = stores.create(component, {}, turn, kTicks);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().error.code(), core::ErrorCode::too_large);
  EXPECT_NE(made.error().error.message().find("`table_elements`"), std::string::npos);
}

TEST_F(Stores, say_how_a_start_function_trapped) {
  const auto component = load({.more = "(func $begin unreachable) (start $begin)"});
  const auto made = stores.create(component, {}, turn, kTicks);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().error.code(), core::ErrorCode::trapped);
  ASSERT_TRUE(made.error().trap.has_value());
  EXPECT_EQ(made.error().trap->kind, core::TrapKind::unreachable);
  ASSERT_FALSE(made.error().trap->frames.empty());
  EXPECT_EQ(made.error().trap->frames[0].name, "begin");
  EXPECT_EQ(stores.alive(), 0U);
}

TEST_F(Stores, bound_start_functions_like_any_call) {
  const auto component = load({.more = "(func $begin (loop $for_ever (br $for_ever))) (start $begin)"});
  std::atomic<bool> stopped = false;
  std::thread ticker([&] {
    while (!stopped.load()) {
      engine->tick();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  const auto made = stores.create(component, {}, turn, 1);
  stopped.store(true);
  ticker.join();
  ASSERT_FALSE(made.has_value());
  ASSERT_TRUE(made.error().trap.has_value());
  EXPECT_EQ(made.error().trap->kind, core::TrapKind::interrupt);
}

TEST_F(Stores, refuse_growth_of_a_table_beyond_its_limit) {
  const auto guest =
      spawn(Guest{.handle_message =
                      R"((i32.store8 (i32.const 512) (i32.eq (table.grow (ref.null func) (i32.const 101)) (i32.const -1)))
                                 (call $reply (i32.const 0) (i32.const 512) (i32.const 1)))",
                  .more = "(table 0 funcref)"},
            {.table_elements = 100});
  EXPECT_EQ(reply_to(*guest, ""), "\1");
}

TEST_F(Stores, are_made_and_called_by_many_threads) {
  const auto component = load({.handle_message = kEcho});
  std::vector<std::thread> threads;
  std::atomic<int> echoed = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        const auto guest = spawn(component);
        for (int message = 0; message < 20; ++message) echoed += reply_to(*guest, "hi") == "hi" ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(echoed, 4 * 20 * 20);
  EXPECT_EQ(stores.alive(), 0U);
}

/// Grows what it has by `first`, another one by `second` and again by `less`; -1 is a refusal.
std::string growth(std::string_view kind, std::string_view others) {
  return fmt::format(R"((i32.store (i32.const 512) ({0} {1} (i32.const 60)))
                        (i32.store (i32.const 516) ({0} {2} (i32.const 33)))
                        (i32.store (i32.const 520) ({0} {2} (i32.const 32)))
                        (call $reply (i32.const 0) (i32.const 512) (i32.const 12)))",
                     kind, others.substr(0, others.find('|')), others.substr(others.find('|') + 1));
}
std::string as_bytes(std::array<std::int32_t, 3> answers) {
  return {reinterpret_cast<const char*>(answers.data()), sizeof(answers)};
}

TEST_F(LimitsOfAnActor, bound_all_its_tables_together) {
  const std::string grow = growth("table.grow", "$a (ref.null func)|$b (ref.null func)");
  const auto guest =
      spawn(Guest{.handle_message = grow, .more = "(table $a 4 funcref) (table $b 4 funcref)"}, {.table_elements = 100});
  EXPECT_EQ(reply_to(*guest, ""), as_bytes({4, -1, 4}));
}

TEST_F(LimitsOfAnActor, bound_all_its_memories_together) {
  const std::string grow = growth("memory.grow", "0|1");
  const auto guest = spawn(Guest{.handle_message = grow, .more = "(memory 7)"}, {.memory = 100 * 64_KiB});
  EXPECT_EQ(reply_to(*guest, ""), as_bytes({1, -1, 7}));
  EXPECT_EQ(guest->memory_bytes(), 100 * 64_KiB);
}

}  // namespace
}  // namespace airssys::runtime
