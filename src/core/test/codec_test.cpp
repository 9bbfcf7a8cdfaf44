#include "airssys/core/codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

namespace airssys::core {
namespace {

TEST(Codec, has_the_codes_of_the_multicodec_table) {
  constexpr std::pair<std::string_view, std::uint32_t> kTable[] = {
      {"identity", 0x00},      {"protobuf", 0x50}, {"cbor", 0x51},       {"raw", 0x55},
      {"rlp", 0x60},           {"bencode", 0x63},  {"dag-pb", 0x70},     {"dag-cbor", 0x71},
      {"dag-jose", 0x85},      {"dag-cose", 0x86}, {"dag-json", 0x0129}, {"json", 0x0200},
      {"messagepack", 0x0201}, {"car", 0x0202},    {"ssz", 0xb501},      {"json-jcs", 0xb601}};
  for (const auto& [name, code] : kTable) EXPECT_EQ(codec_from_name(name), Codec{code}) << name;
}

TEST(Codec, of_a_format_that_the_table_lacks_is_in_its_private_use_area) {
  const auto is_private = [](std::string_view name) { return is_private_use(*codec_from_name(name)); };
  EXPECT_EQ(std::ranges::count_if(codec_names(), is_private), std::ssize(codec_names()) - 16)
      << "all that are not in the test above";
  EXPECT_EQ(codec_from_name("text"), Codec{0x300001});
  EXPECT_EQ(codec_from_name("avro"), Codec{0x300010});
  EXPECT_EQ(codec_from_name("bson"), Codec{0x300022});
  EXPECT_TRUE(is_private_use(Codec{0x300000}) && is_private_use(Codec{0x3fffff}));
  EXPECT_FALSE(is_private_use(Codec{0x2fffff}) || is_private_use(Codec{0x400000}));
}

TEST(Codec, has_one_name_and_one_code) {
  std::set<std::string_view> names;
  std::set<Codec> codes;
  for (const std::string_view name : codec_names()) {
    const auto codec = codec_from_name(name);
    ASSERT_TRUE(codec) << name;
    EXPECT_EQ(to_string(*codec), name);
    names.insert(name);
    codes.insert(*codec);
  }
  EXPECT_EQ(names.size(), codec_names().size());
  EXPECT_EQ(codes.size(), codec_names().size());
}

TEST(Codec, without_a_name_is_written_as_a_number) {
  EXPECT_EQ(to_string(Codec{0x1234}), "0x1234");
  EXPECT_EQ(codec_from_name("0x1234"), Codec{0x1234});
  EXPECT_EQ(codec_from_name("0xffffffff"), Codec{0xffffffff});
}

TEST(Codec, reads_what_it_writes) {
  const auto same = [](std::uint32_t code) { return codec_from_name(to_string(Codec{code})) == Codec{code}; };
  for (std::uint32_t code = 0; code < 0x400; ++code) EXPECT_TRUE(same(code)) << code;
  for (std::uint32_t code = 0x300000; code < 0x300100; ++code) EXPECT_TRUE(same(code)) << code;
}

TEST(Codec, is_not_made_of_other_names) {
  for (const char* name : {"", "Raw", "raw ", "85", "0x", "0x100000000", "0x-1", "0x12g", "x55"}) {
    EXPECT_EQ(codec_from_name(name), std::nullopt) << name;
  }
}

TEST(Codec, prints_its_name) {
  std::ostringstream out;
  out << Codec::json;
  EXPECT_EQ(out.str(), "json");
}

}  // namespace
}  // namespace airssys::core
