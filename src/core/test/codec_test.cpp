#include "airssys/core/codec.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace airssys::core {
namespace {

TEST(Codec, has_the_codes_of_the_multicodec_table) {
  EXPECT_EQ(codec_from_name("identity"), Codec{0x00});
  EXPECT_EQ(codec_from_name("raw"), Codec{0x55});
  EXPECT_EQ(codec_from_name("cbor"), Codec{0x51});
  EXPECT_EQ(codec_from_name("protobuf"), Codec{0x50});
  EXPECT_EQ(codec_from_name("dag-cbor"), Codec{0x71});
  EXPECT_EQ(codec_from_name("dag-json"), Codec{0x0129});
  EXPECT_EQ(codec_from_name("json"), Codec{0x0200});
  EXPECT_EQ(codec_from_name("messagepack"), Codec{0x0201});
}

TEST(Codec, without_a_name_is_written_as_a_number) {
  EXPECT_EQ(to_string(Codec{0x1234}), "0x1234");
  EXPECT_EQ(codec_from_name("0x1234"), Codec{0x1234});
  EXPECT_EQ(codec_from_name("0xffffffff"), Codec{0xffffffff});
}

TEST(Codec, reads_what_it_writes) {
  for (std::uint32_t code = 0; code < 0x400; ++code) EXPECT_EQ(codec_from_name(to_string(Codec{code})), Codec{code});
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
