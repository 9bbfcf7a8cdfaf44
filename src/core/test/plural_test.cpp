#include "airssys/core/plural.hpp"

#include <gtest/gtest.h>

namespace airssys::core {
namespace {

TEST(Plural, is_one_of_one_and_many_of_none) {
  EXPECT_EQ(plural(0, "line"), "0 lines");
  EXPECT_EQ(plural(1, "line"), "1 line");
  EXPECT_EQ(plural(2, "line"), "2 lines");
  EXPECT_EQ(plural(1, "message was", "messages were"), "1 message was");
  EXPECT_EQ(plural(7, "message was", "messages were"), "7 messages were");
}

}  // namespace
}  // namespace airssys::core
