#include "airssys/core/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace airssys::core {
namespace {

using namespace airssys::literals;

TEST(Address, has_three_segments) {
  const Address address = "demo/counter-2/a_1"_address;
  EXPECT_EQ(address.text(), "demo/counter-2/a_1");
  EXPECT_EQ(address.space(), "demo");
  EXPECT_EQ(address.name(), "counter-2");
  EXPECT_EQ(address.instance(), "a_1");
}

struct BadText {
  std::string_view text;
  std::string_view message;
};

TEST(Address, says_what_is_wrong_with_a_malformed_one) {
  const std::vector<BadText> cases{
      {"", R"("" is no address: it is empty)"},
      {"demo", R"("demo" is no address: it has 1 segment)"},
      {"demo/counter", R"("demo/counter" is no address: it has 2 segments)"},
      {"a/b/c/d", R"("a/b/c/d" is no address: it has 4 segments)"},
      {"/b/c", R"("/b/c" is no address: segment 1 is empty)"},
      {"a//c", R"("a//c" is no address: segment 2 is empty)"},
      {"a/b/", R"("a/b/" is no address: segment 3 is empty)"},
      {"demo/Counter/1", R"("demo/Counter/1" is no address: segment 2 has "C" at its position 1)"},
      {"demo/a b/1", R"("demo/a b/1" is no address: segment 2 has " " at its position 2)"},
      {"demo/a/*", R"("demo/a/*" is no address: segment 3 has "*" at its position 1)"},
      {"demo/a/1\n", R"("demo/a/1\x0a" is no address: segment 3 has "\x0a" at its position 2)"},
      {std::string_view("demo/a/1\0", 9), R"("demo/a/1\x00" is no address: segment 3 has "\x00" at its position 2)"},
      {"demo/\xc3\xa4/1", R"("demo/\xc3\xa4/1" is no address: segment 2 has "\xc3" at its position 1)"},
  };
  for (const BadText& bad : cases) {
    const auto address = Address::parse(bad.text);
    ASSERT_FALSE(address) << bad.text;
    EXPECT_EQ(address.error().code(), ErrorCode::invalid);
    EXPECT_EQ(address.error().message(), std::string(bad.message) + "; expected namespace/name/instance, each of a-z 0-9 - _");
    EXPECT_FALSE(Address::is_valid(bad.text));
  }
}

TEST(Address, takes_255_bytes_and_no_more) {
  const std::string longest = "a/b/" + std::string(251, 'c');
  EXPECT_TRUE(Address::parse(longest));
  const auto longer = Address::parse(longest + "c");
  ASSERT_FALSE(longer);
  EXPECT_THAT(longer.error().message(), testing::HasSubstr("it has 256 bytes, at most 255 are allowed"));
  EXPECT_LT(longer.error().message().size(), 300U) << "the offending text is shown in part only";
}

TEST(Address, knows_those_of_the_host) {
  EXPECT_TRUE(operator_address().is_host());
  EXPECT_EQ(operator_address().text(), "airssys/operator/1");
  EXPECT_FALSE("airssys2/operator/1"_address.is_host());
}

TEST(Address, can_be_a_key) {
  const std::unordered_set<Address> addresses{"a/b/1"_address, "a/b/1"_address, "a/b/2"_address};
  EXPECT_EQ(addresses.size(), 2U);
  EXPECT_LT("a/b/1"_address, "a/b/2"_address);
}

struct Match {
  std::string_view pattern;
  std::string_view address;
  bool expected;
};

TEST(AddressPattern, covers_what_its_segments_cover) {
  const std::vector<Match> cases{
      {"demo/a/1", "demo/a/1", true},
      {"demo/a/1", "demo/a/12", false},
      {"demo/a/1", "demo/a/", false},
      {"demo/a/*", "demo/a/1", true},
      {"demo/a/*", "demo/a/xyz", true},
      {"demo/a/*", "demo/b/1", false},
      {"demo/*/1", "demo/anything/1", true},
      {"demo/*/1", "demo/a/2", false},
      {"*/*/*", "a/b/c", true},
      {"*/*/*", "airssys/operator/1", true},
      {"*/*/*", "a/b", false},
      {"*/*/*", "a/b/c/d", false},
      {"*/*/*", "a/B/c", false},
      {"*/*/*", "", false},
      {"demo/re*/1", "demo/report/1", true},
      {"demo/re*/1", "demo/re/1", true},
      {"demo/re*/1", "demo/r/1", false},
      {"demo/re*/1", "demo/re/x/1", false},
      {"demo/re*/*", "demo/report/1", true},
      {"demo/re*/*", "demo/request/x", true},
      {"demo/re*/*", "demo/r/e", false},
      {"*/counter/1", "demo/counter/1", true},
      {"*/counter/1", "demo/counter/2", false},
      {"*/counter/*", "demo/gauge/1", false},
      {"d*/c*/1*", "demo/counter/100", true},
      {"d*/c*/1*", "demo/counter/2", false},
  };
  for (const Match& match : cases) {
    const auto pattern = AddressPattern::parse(match.pattern);
    ASSERT_TRUE(pattern) << match.pattern;
    EXPECT_EQ(pattern->matches(match.address), match.expected) << match.pattern << " on " << match.address;
    if (const auto address = Address::parse(match.address)) {
      EXPECT_EQ(pattern->matches(*address), match.expected);
    }
  }
}

TEST(AddressPattern, says_what_is_wrong_with_a_malformed_one) {
  const std::vector<BadText> cases{
      {"demo/*", R"("demo/*" is no address pattern: it has 2 segments)"},
      {"*", R"("*" is no address pattern: it has 1 segment)"},
      {"demo/**/1", R"("demo/**/1" is no address pattern: segment 2 has a * that is not its last character)"},
      {"demo/*a/1", R"("demo/*a/1" is no address pattern: segment 2 has a * that is not its last character)"},
      {"demo/a*b/1", R"("demo/a*b/1" is no address pattern: segment 2 has a * that is not its last character)"},
      {"demo/?/1", R"("demo/?/1" is no address pattern: segment 2 has "?" at its position 1)"},
  };
  for (const BadText& bad : cases) {
    const auto pattern = AddressPattern::parse(bad.text);
    ASSERT_FALSE(pattern) << bad.text;
    EXPECT_EQ(pattern.error().message(),
              std::string(bad.message) + "; expected three segments of a-z 0-9 - _, each of which may be or end in *");
  }
}

TEST(AddressPattern, made_of_an_address_matches_it_alone) {
  const AddressPattern pattern("demo/a/1"_address);
  EXPECT_TRUE(pattern.is_literal());
  EXPECT_TRUE(pattern.matches("demo/a/1"_address));
  EXPECT_FALSE(pattern.matches("demo/a/2"_address));
  EXPECT_FALSE("demo/a/*"_pattern.is_literal());
}

TEST(AddressDeath, asserts_that_checked_text_is_valid) {
  EXPECT_DEATH(static_cast<void>(make_checked_address("no address")), "assertion failed");
  EXPECT_DEATH(static_cast<void>(make_checked_pattern("no pattern")), "assertion failed");
}

}  // namespace
}  // namespace airssys::core
