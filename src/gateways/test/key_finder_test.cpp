#include "key_finder.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace airssys::gateways {
namespace {

std::string key_of(LineKey key, std::string_view line) {
  KeyFinder finder(std::move(key));
  return std::string(finder.find(line).value_or("(none)"));
}

TEST(KeyFinder, without_a_key_takes_the_whole_line) {
  EXPECT_EQ(key_of({}, "a b"), "a b");
  EXPECT_EQ(key_of({}, ""), "");
}

TEST(KeyFinder, counts_fields_between_white_space_as_awk_does) {
  const FieldKey second{.number = 2, .separator = {}};
  EXPECT_EQ(key_of(second, "a b c"), "b");
  EXPECT_EQ(key_of(second, " \t a \t  b\r"), "b");
  EXPECT_EQ(key_of(FieldKey{.number = 1, .separator = {}}, "  a"), "a");
  EXPECT_EQ(key_of(second, "a"), "(none)");
  EXPECT_EQ(key_of(second, "a  "), "(none)");
  EXPECT_EQ(key_of(second, ""), "(none)");
}

TEST(KeyFinder, cuts_fields_at_each_separator) {
  const FieldKey second{.number = 2, .separator = ","};
  EXPECT_EQ(key_of(second, "a,b,c"), "b");
  EXPECT_EQ(key_of(second, "a,,c"), "");
  EXPECT_EQ(key_of(second, "a,"), "");
  EXPECT_EQ(key_of(second, "a, b\r"), " b");
  EXPECT_EQ(key_of(second, "a"), "(none)");
  EXPECT_EQ(key_of(FieldKey{.number = 3, .separator = "::"}, "a::b::c::d"), "c");
  EXPECT_EQ(key_of(FieldKey{.number = 1, .separator = ","}, ""), "");
  EXPECT_EQ(key_of(FieldKey{.number = 10'000, .separator = ","}, "a,b"), "(none)");
}

TEST(KeyFinder, finds_a_value_of_json) {
  const PointerKey id{"/customer/id"};
  EXPECT_EQ(key_of(id, R"({"customer":{"id":"alice"}})"), "alice");
  EXPECT_EQ(key_of(id, R"( { "total" : [1,{"id":2}], "customer" : { "name": {"id": "x"}, "id" : 7 } } )"), "7");
  EXPECT_EQ(key_of(id, R"({"customer":{"id":"\u0061lice"}})"), "alice");
  EXPECT_EQ(key_of(id, R"({"customer":{"id":null}})"), "null");
  EXPECT_EQ(key_of(id, R"({"customer":{"id":false}})"), "false");
  EXPECT_EQ(key_of(id, R"({"customer":{"id":1.50}})"), "1.50");
  EXPECT_EQ(key_of(id, R"({"customer":{"id":-3}})"), "-3");
  EXPECT_EQ(key_of(id, R"({"customer":{"id":"a"},"customer":{"id":"b"}})"), "a");
}

TEST(KeyFinder, follows_a_pointer_through_arrays_and_escapes) {
  EXPECT_EQ(key_of(PointerKey{"/1"}, "[10,20,30]"), "20");
  EXPECT_EQ(key_of(PointerKey{"/1/0"}, R"([[0],["x"],[1]])"), "x");
  EXPECT_EQ(key_of(PointerKey{"/a/2/b"}, R"({"a":[{"b":0},[1,2],{"b":3}]})"), "3");
  EXPECT_EQ(key_of(PointerKey{"/01"}, "[10,20]"), "(none)");
  EXPECT_EQ(key_of(PointerKey{"/-"}, "[10,20]"), "(none)");
  EXPECT_EQ(key_of(PointerKey{"/a~1b"}, R"({"a/b":1})"), "1");
  EXPECT_EQ(key_of(PointerKey{"/a~0b"}, R"({"a~b":1})"), "1");
  EXPECT_EQ(key_of(PointerKey{"/a~01"}, R"({"a~1":1})"), "1");
  EXPECT_EQ(key_of(PointerKey{"/"}, R"({"a":2,"":1})"), "1");
  EXPECT_EQ(key_of(PointerKey{"/0"}, R"({"0":1})"), "1");
}

TEST(KeyFinder, finds_nothing_where_there_is_no_such_value) {
  const PointerKey id{"/customer/id"};
  for (const char* line : {"", "alice", "7", "[]", "{}", R"({"customer":7})", R"({"customer":{}})", R"({"customer":{"id":{}}})",
                           R"({"customer":{"id":[1]}})", R"({"customer":{"name":"a"},"id":1})", R"({"id":1,"customer":)",
                           R"({"customer":{"id")", R"([{"customer":{"id":1}}])", "{\"customer\":{\"id\":\"\xff\"}}",
                           R"({"a":{"customer":{"id":1}}})", R"({"customer":[{"id":1}]})", R"({"customer":{"id":1e999}})"}) {
    EXPECT_EQ(key_of(id, line), "(none)") << line;
  }
}

TEST(KeyFinder, survives_any_bytes_and_any_nesting) {
  EXPECT_EQ(key_of(PointerKey{"/a"}, std::string(1 << 20, '[')), "(none)");
  EXPECT_EQ(key_of(PointerKey{"/a"}, R"({"b":)" + std::string(100'000, '[') + std::string(100'000, ']') + R"(,"a":1})"), "1");
  std::mt19937 random(7);
  KeyFinder pointer(PointerKey{"/a/1/b"});
  KeyFinder field(FieldKey{.number = 3, .separator = "ab"});
  const std::string_view letters = R"({}[],:"ab1\ tfn.e-)";
  for (int round = 0; round < 20'000; ++round) {
    std::string line;
    for (auto i = random() % 40; i > 0; --i) {
      line += random() % 50 == 0 ? static_cast<char>(random()) : letters[random() % letters.size()];
    }
    pointer.find(line);
    field.find(line);
  }
}

}  // namespace
}  // namespace airssys::gateways
