#include "airssys/system/host_room.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace airssys::system {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string refusal(const HostNeed& need, const HostRoom& room) {
  const auto fits = check_room(need, room);
  return fits ? "" : fits.error().message();
}

TEST(HostRoom, without_limits_holds_whatever_is_wanted) {
  EXPECT_EQ(refusal({.fast_actors = 1'000'000, .memory = core::Bytes{1} << 50, .gateways = 1000}, {}), "");
}

TEST(HostRoom, of_addresses_is_used_up_by_what_the_fast_profile_reserves) {
  const HostRoom room{.addresses = core::Bytes{3} << 30, .data = {}, .mappings = {}, .descriptors = {}};
  EXPECT_THAT(refusal({.fast_actors = 2, .memory = 0, .gateways = 0}, room),
              AllOf(HasSubstr("3GiB more of addresses"), HasSubstr("2 actors with `profile = \"fast\"`"),
                    HasSubstr("profile = \"dense\""), HasSubstr("ulimit -v")));
  EXPECT_EQ(refusal({.fast_actors = 0, .memory = 1 << 20, .gateways = 0}, room), "");
  EXPECT_NE(refusal({.fast_actors = 0, .memory = core::Bytes{3} << 30, .gateways = 0}, room), "");
}

TEST(HostRoom, of_memory_is_used_up_by_what_actors_begin_with) {
  const HostRoom room{.addresses = {}, .data = core::Bytes{1} << 30, .mappings = {}, .descriptors = {}};
  EXPECT_THAT(refusal({.fast_actors = 0, .memory = core::Bytes{1} << 30, .gateways = 0}, room), HasSubstr("ulimit -d"));
  EXPECT_EQ(refusal({.fast_actors = 1000, .memory = core::Bytes{512} << 20, .gateways = 0}, room), "");
}

TEST(HostRoom, of_mappings_is_used_up_by_actors_of_the_fast_profile) {
  const HostRoom room{.addresses = {}, .data = {}, .mappings = 65'000, .descriptors = {}};
  EXPECT_EQ(refusal({.fast_actors = 16'000, .memory = 0, .gateways = 0}, room), "");
  EXPECT_THAT(refusal({.fast_actors = 20'000, .memory = 0, .gateways = 0}, room),
              AllOf(HasSubstr("vm.max_map_count"), HasSubstr("20000 actors"), HasSubstr("profile = \"dense\"")));
}

TEST(HostRoom, of_descriptors_is_used_up_by_gateways) {
  const HostRoom room{.addresses = {}, .data = {}, .mappings = {}, .descriptors = 40};
  EXPECT_EQ(refusal({.fast_actors = 0, .memory = 0, .gateways = 10}, room), "");
  EXPECT_THAT(refusal({.fast_actors = 0, .memory = 0, .gateways = 20}, room), HasSubstr("ulimit -n"));
}

TEST(HostRoom, is_read_from_the_kernel) {
  const HostRoom room = HostRoom::now();
  ASSERT_TRUE(room.mappings);
  EXPECT_GT(*room.mappings, 0U);
  ASSERT_TRUE(room.descriptors);
  EXPECT_GT(*room.descriptors, 0U);
}

}  // namespace
}  // namespace airssys::system
