#include "airssys/actor/supervisors.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace airssys::actor {
namespace {

constexpr core::RestartPolicy kPatient{.max_restarts = 100};

TEST(Supervisors, are_one_for_each_name_and_policy) {
  Supervisors supervisors;
  const auto one = supervisors.get("pipeline", kPatient);
  EXPECT_EQ(one->name(), "pipeline");
  EXPECT_EQ(one->policy(), kPatient);
  EXPECT_EQ(supervisors.get("pipeline", kPatient), one);
  EXPECT_NE(supervisors.get("pipeline", {}), one);
  EXPECT_NE(supervisors.get("tenants", kPatient), one);
  EXPECT_NE(supervisors.get("", kPatient), one);
  EXPECT_NE(supervisors.get("", {}), one);
}

TEST(Supervisors, have_one_for_all_that_name_none_which_nobody_counts) {
  Supervisors supervisors;
  const auto usual = supervisors.get("", {});
  EXPECT_EQ(supervisors.get("", {}), usual);
  EXPECT_EQ(usual.use_count(), 0);
  EXPECT_EQ(usual->name(), "");
  EXPECT_EQ(supervisors.size(), 1U);
}

TEST(Supervisors, know_how_many_children_they_remember_together) {
  Supervisors supervisors;
  const Count turns;
  const auto named = supervisors.get("named", {});
  const auto usual = supervisors.get("", {});
  named->died({.child = {.number = 1, .turns = &turns}, .reason = "it died"}, {}, 0);
  usual->died({.child = {.number = 2, .turns = &turns}, .reason = "it died"}, {}, 0);
  EXPECT_EQ(supervisors.remembered(), 2U);
  named->ended({.number = 1});
  EXPECT_EQ(supervisors.remembered(), 1U);
}

TEST(Supervisors, leave_nothing_behind_when_the_last_of_their_actors_is_gone) {
  Supervisors supervisors;
  const auto kept = supervisors.get("kept", {});
  for (std::uint32_t i = 0; i < 10'000; ++i) supervisors.get("", {.max_restarts = 1000 + i});
  EXPECT_EQ(supervisors.size(), 2U);
  EXPECT_EQ(supervisors.get("kept", {}), kept);
}

}  // namespace
}  // namespace airssys::actor
