#include "airssys/runtime/engine_set.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "testing/runtime_fixture.hpp"
#include "testing/temporary_folder.hpp"

namespace airssys::runtime {
namespace {

using core::Profile;
using testing::component_from;
using testing::engine_options;
using testing::Guest;
using testing::kEcho;
using testing::or_fail;
using testing::RuntimeTest;
using testing::TemporaryFolder;
using namespace airssys::literals;

constexpr Profile kBoth[] = {Profile::fast, Profile::dense};

class EngineSetTest : public RuntimeTest {
 protected:
  std::unique_ptr<EngineSet> new_set() {
    return std::make_unique<EngineSet>(engine_options(), host.ports(), hash, LoaderOptions{.cache = folder / "cache"});
  }

  TemporaryFolder folder;
  std::vector<std::byte> wasm = component_from(Guest{.handle_message = kEcho});
};

TEST_F(EngineSetTest, has_one_loader_for_each_profile_whoever_asks_first) {
  const auto set = new_set();
  std::vector<ComponentLoader*> loaders(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < loaders.size(); ++i) {
      threads.emplace_back([&, i] {
        loaders[i] = or_fail(set->loader(kBoth[i % 2]));
        set->tick();
      });
    }
  }
  EXPECT_NE(loaders[0], loaders[1]);
  for (std::size_t i = 0; i < loaders.size(); ++i) EXPECT_EQ(loaders[i], loaders[i % 2]) << i;
}

TEST_F(EngineSetTest, loads_the_same_bytes_as_two_components_that_work_side_by_side) {
  const auto set = new_set();
  const auto fast = or_fail(or_fail(set->loader(Profile::fast))->load_bytes(wasm, "guest"));
  const auto dense = or_fail(or_fail(set->loader(Profile::dense))->load_bytes(wasm, "guest"));
  EXPECT_EQ(fast->profile(), Profile::fast);
  EXPECT_EQ(dense->profile(), Profile::dense);
  EXPECT_EQ(fast->digest(), dense->digest());
  const auto one = spawn(fast);
  const auto other = spawn(dense);
  EXPECT_EQ(reply_to(*one, "hi"), "hi");
  EXPECT_EQ(reply_to(*other, "ho"), "ho");
  EXPECT_EQ(set->stats().compiled, 2U) << "each profile has code of its own";
}

TEST_F(EngineSetTest, finds_the_code_of_each_profile_in_one_folder) {
  for (const Profile profile : kBoth) or_fail(or_fail(new_set()->loader(profile))->load_bytes(wasm, "guest"));
  const auto set = new_set();
  for (const Profile profile : kBoth) {
    const auto component = or_fail(or_fail(set->loader(profile))->load_bytes(wasm, "guest"));
    EXPECT_EQ(reply_to(*spawn(component), "hi"), "hi");
  }
  EXPECT_EQ(set->stats().cached, 2U);
  EXPECT_EQ(set->stats().compiled, 0U);
  EXPECT_EQ(set->stats().refused, 0U);
}

TEST_F(EngineSetTest, says_what_an_engine_refuses_each_time_it_is_asked) {
  EngineOptions options = engine_options();
  options.guest_stack = 4_GiB;
  EngineSet set(options, host.ports(), hash, {});
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto refused = set.loader(Profile::dense);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), core::ErrorCode::invalid);
  }
  set.tick();
  EXPECT_EQ(set.stats().compiled, 0U);
}

}  // namespace
}  // namespace airssys::runtime
