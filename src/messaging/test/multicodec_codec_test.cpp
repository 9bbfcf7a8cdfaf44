#include "airssys/messaging/multicodec_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace airssys::messaging {
namespace {

using namespace std::string_view_literals;

core::Payload payload(std::uint32_t code, std::string_view body) {
  return {.codec = core::Codec{code}, .body = core::Body::copy_of(body)};
}

std::string words(std::string_view bytes) {
  const auto decoded = MulticodecCodec::decode(bytes);
  return decoded ? core::to_string(decoded->codec) + " " + std::string(decoded->body) : decoded.error().message();
}

TEST(Multicodec, form_is_the_codec_as_a_varint_and_the_body) {
  EXPECT_EQ(MulticodecCodec::encode(payload(0x55, "abc")),
            "\x55"
            "abc");
  EXPECT_EQ(MulticodecCodec::encode(core::json("{}")), "\x80\x04{}");
  EXPECT_EQ(MulticodecCodec::encode(payload(0x300001, "")), "\x81\x80\xc0\x01");
  // The examples of the varint's specification.
  for (const auto& [code, varint] : {std::pair(1U, "\x01"sv),
                                     {127U, "\x7f"sv},
                                     {128U, "\x80\x01"sv},
                                     {255U, "\xff\x01"sv},
                                     {300U, "\xac\x02"sv},
                                     {16384U, "\x80\x80\x01"sv}}) {
    EXPECT_EQ(MulticodecCodec::encode(payload(code, "")), varint) << code;
  }
}

TEST(Multicodec, form_that_is_wrong_is_refused_and_says_how) {
  EXPECT_EQ(words(""), "no multicodec form: the codec's number is missing");
  EXPECT_EQ(words("\x80"), "no multicodec form: the codec's number is cut off after 1 byte");
  EXPECT_EQ(words("\x80\x80\x80\x80\x80\x80\x80\x80"), "no multicodec form: the codec's number is cut off after 8 bytes");
  EXPECT_EQ(words("\xd5\x00x"sv), "no multicodec form: the codec's number is not in its shortest form");
  EXPECT_EQ(words("\x80\x80\x80\x80\x10"), "no multicodec form: the codec's number 0x100000000 is beyond 32 bits");
  EXPECT_EQ(words("\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
            "no multicodec form: the codec's number 0x7fffffffffffffff is beyond 32 bits");
  EXPECT_EQ(words("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "no multicodec form: the codec's number is longer than 9 bytes");
  EXPECT_EQ(words("\xff\xff\xff\xff\x0f"), "0xffffffff ") << "the largest there is";
}

/// What the first bytes mean, written down case by case and not in a loop as the code has it.
std::string meaning(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  const auto good = [&](std::uint32_t code, std::size_t prefix) {
    return core::to_string(core::Codec{code}) + " " + std::string(bytes.substr(prefix));
  };
  const std::string overlong = "no multicodec form: the codec's number is not in its shortest form";
  if (bytes.empty()) return "no multicodec form: the codec's number is missing";
  if (at(0) < 128) return good(at(0), 1);
  if (bytes.size() == 1) return "no multicodec form: the codec's number is cut off after 1 byte";
  if (at(1) == 0) return overlong;
  if (at(1) < 128) return good(at(0) - 128 + 128 * at(1), 2);
  if (bytes.size() == 2) return "no multicodec form: the codec's number is cut off after 2 bytes";
  if (at(2) == 0) return overlong;
  if (at(2) < 128) return good(at(0) - 128 + 128 * (at(1) - 128) + 128 * 128 * at(2), 3);
  return "no multicodec form: the codec's number is cut off after 3 bytes";
}

TEST(Multicodec, form_of_every_short_input_is_judged_as_it_should_be) {
  EXPECT_EQ(words(""), meaning(""));
  std::uint32_t wrong = 0;
  const auto look = [&](std::string_view bytes) { wrong += words(bytes) == meaning(bytes) ? 0U : 1U; };
  for (int first = 0; first < 256; ++first) {
    std::string bytes(1, static_cast<char>(first));
    look(bytes);
    for (int second = 0; second < 256; ++second) {
      bytes.resize(1);
      bytes.push_back(static_cast<char>(second));
      look(bytes);
      for (const int third : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
        bytes.resize(2);
        bytes.push_back(static_cast<char>(third));
        look(bytes);
      }
    }
  }
  EXPECT_EQ(wrong, 0U);
}

/// Bytes as somebody would send who means harm: mostly continuation bytes, zeros and edges.
rc::Gen<std::string> hostile_bytes() {
  const auto going_on = rc::gen::element<char>('\x80', '\x81', '\x8f', '\xff');
  const auto ending = rc::gen::element<char>('\x00', '\x01', '\x0f', '\x10', '\x7f');
  const auto any = rc::gen::arbitrary<char>();
  return rc::gen::container<std::string>(rc::gen::weightedOneOf<char>({{6, going_on}, {2, ending}, {1, any}}));
}

RC_GTEST_PROP(MulticodecProperty, what_is_encoded_is_what_is_decoded, (std::uint32_t code, const std::string& body)) {
  const std::string bytes = MulticodecCodec::encode(payload(code, body));
  RC_ASSERT(bytes.size() <= body.size() + MulticodecCodec::kPrefixBytesMax);
  const auto decoded = MulticodecCodec::decode(bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == (PayloadView{core::Codec{code}, body}));
}

RC_GTEST_PROP(MulticodecProperty, hostile_bytes_are_refused_or_have_no_other_form, ()) {
  for (const std::string& bytes : *rc::gen::container<std::vector<std::string>>(hostile_bytes())) {
    const auto decoded = MulticodecCodec::decode(bytes);
    if (!decoded) {
      RC_ASSERT(decoded.error().code() == core::ErrorCode::invalid);
      continue;
    }
    const auto code = static_cast<std::uint32_t>(decoded->codec);
    RC_ASSERT(MulticodecCodec::encode(payload(code, decoded->body)) == bytes);
    RC_ASSERT(decoded->body.data() + decoded->body.size() == bytes.data() + bytes.size());
  }
}

RC_GTEST_PROP(MulticodecProperty, a_number_that_is_cut_off_is_refused, (std::uint32_t code)) {
  const std::string varint = MulticodecCodec::encode(payload(code, ""));
  for (std::size_t size = 0; size < varint.size(); ++size) {
    // In memory of just that size, where the sanitizer sees one byte too far.
    const std::string cut(varint, 0, size);
    RC_ASSERT(!MulticodecCodec::decode(cut));
  }
}

RC_GTEST_PROP(MulticodecProperty, a_number_with_needless_bytes_is_refused, (std::uint32_t code)) {
  std::string varint = MulticodecCodec::encode(payload(code, ""));
  varint.back() = static_cast<char>(static_cast<unsigned char>(varint.back()) | 0x80U);
  const auto needless = *rc::gen::inRange<std::size_t>(0, 6);
  varint.append(needless, '\x80');
  varint.push_back('\0');
  RC_ASSERT(!MulticodecCodec::decode(varint));
}

}  // namespace
}  // namespace airssys::messaging
