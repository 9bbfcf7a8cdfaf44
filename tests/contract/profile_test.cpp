// Guests of both engine profiles in one system: nobody notices which one another is in.

#include <gtest/gtest.h>

#include <filesystem>

#include "script_actor.hpp"

namespace airssys::contract {
namespace {

using core::Profile;

const Address kFast = "test/fast/1"_address;
const Address kDense = "test/dense/1"_address;

TEST(Profile, is_chosen_for_each_actor_and_known_of_it) {
  TestSystem system;
  start(system, "echo", kFast, {.profile = Profile::fast});
  start(system, "echo", kDense, {.profile = Profile::dense});
  play(system, "test/native/1"_address, {});
  EXPECT_EQ(system.info(kFast)->profile, "fast");
  EXPECT_EQ(system.info(kDense)->profile, "dense");
  EXPECT_EQ(system.info("test/native/1"_address)->profile, "");
  EXPECT_EQ(system.info(kFast)->component, system.info(kDense)->component);
  EXPECT_EQ(ask(system, kFast, "x"), "reply x");
  EXPECT_EQ(ask(system, kDense, "x"), "reply x");
}

TEST(Profile, without_a_word_is_that_of_the_system) {
  for (const Profile usual : {Profile::fast, Profile::dense}) {
    simulation::TestSystem system({.engine = {.profile = usual}});
    ASSERT_TRUE(system.spawn(std::filesystem::path(AIRSSYS_GUESTS) / "echo", kFast));
    EXPECT_EQ(system.info(kFast)->profile, core::name_of(usual));
  }
}

TEST(Profile, of_the_same_file_makes_two_components_of_one_content) {
  TestSystem system;
  const auto path = std::filesystem::path(AIRSSYS_GUESTS) / "echo";
  const auto fast = system.load(path, Profile::fast);
  const auto dense = system.load(path, Profile::dense);
  ASSERT_TRUE(fast && dense);
  EXPECT_EQ((*fast)->code->digest(), (*dense)->code->digest());
  EXPECT_EQ((*fast)->code->profile(), Profile::fast);
  EXPECT_EQ((*dense)->code->profile(), Profile::dense);
  const runtime::LoaderStats stats = system.assembly().engines().stats();
  EXPECT_EQ(stats.compiled + stats.cached, 2U);
}

TEST(Profile, does_not_keep_guests_from_talking) {
  for (const auto& [there, here] : {std::pair(Profile::fast, Profile::dense), std::pair(Profile::dense, Profile::fast)}) {
    TestSystem system;
    start(system, "counter", "test/counter/1"_address, {.profile = there});
    start(system, "forwarder", "test/forwarder/1"_address, {.profile = here, .config = {{"to", "test/counter/1"}}});
    start(system, "echo", "test/echo/1"_address, {.profile = there});
    start(system, "deferred", "test/deferred/1"_address, {.profile = here, .config = {{"to", "test/echo/1"}}});
    ASSERT_TRUE(system.send("test/forwarder/1"_address, raw("x y x")));
    EXPECT_EQ(ask(system, "test/counter/1"_address, "x"), "reply 2");
    const std::string body(1 << 20, 'b');
    EXPECT_EQ(ask(system, "test/deferred/1"_address, body), "reply " + body);
    EXPECT_TRUE(system.idle());
  }
}

TEST(Profile, changes_no_limit_and_no_restart) {
  TestSystem system;
  for (const auto& [address, profile] : {std::pair(kFast, Profile::fast), std::pair(kDense, Profile::dense)}) {
    start(system, "trapping", address, {.profile = profile, .config = {{"to", "test/host/1"}}});
    EXPECT_EQ(ask(system, address, "bounds"), "failed internal: the component trapped");
    EXPECT_EQ(ask(system, address, "fine"), "reply 1") << "a new instance";
    EXPECT_EQ(system.info(address)->profile, core::name_of(profile)) << "in the same profile";
    ASSERT_TRUE(system.stop(address));

    start(system, "growing", address, {.profile = profile, .limits = core::Limits{.memory = 4_MiB}});
    EXPECT_EQ(ask(system, address, "eat"), "failed internal: the component ran out of memory");
    EXPECT_TRUE(system.crashes().back().trap->growth_refused);
    ASSERT_TRUE(system.stop(address));

    // Each engine has an epoch of its own, which somebody must move.
    start(system, "spinning", address, {.profile = profile, .limits = core::Limits{.turn_cpu = 50ms}});
    EXPECT_EQ(ask(system, address, "spin"),
              "failed internal: the component was stopped: its CPU budget for one turn was used up");
    EXPECT_EQ(system.crashes().back().trap->kind, core::TrapKind::interrupt);
    EXPECT_EQ(ask(system, address, "fine"), "reply 1");
    ASSERT_TRUE(system.stop(address));
  }
  EXPECT_EQ(system.crashes().size(), 6U);
}

}  // namespace
}  // namespace airssys::contract
