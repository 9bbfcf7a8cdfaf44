#include "airssys/config/nearest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace airssys::config {
namespace {

constexpr std::array<std::string_view, 5> kKnown{"memory", "mailbox_messages", "mailbox_bytes", "send", "to"};

TEST(NearestName, is_the_one_with_the_fewest_slips) {
  EXPECT_EQ(nearest_name("memry", kKnown), "memory");
  EXPECT_EQ(nearest_name("memorry", kKnown), "memory");
  EXPECT_EQ(nearest_name("mempry", kKnown), "memory");
  EXPECT_EQ(nearest_name("mmeory", kKnown), "memory");
  EXPECT_EQ(nearest_name("mailbox_byte", kKnown), "mailbox_bytes");
  EXPECT_EQ(nearest_name("sned", kKnown), "send");
  EXPECT_EQ(nearest_name("ot", kKnown), "to");
}

TEST(NearestName, is_none_where_none_is_near) {
  EXPECT_EQ(nearest_name("disk", kKnown), "");
  EXPECT_EQ(nearest_name("", kKnown), "");
  EXPECT_EQ(nearest_name("ab", kKnown), "") << "a name is not made of other letters altogether";
  EXPECT_EQ(nearest_name(std::string(100'000, 'm'), kKnown), "");
  EXPECT_EQ(nearest_name("memory", {}), "");
}

}  // namespace
}  // namespace airssys::config
