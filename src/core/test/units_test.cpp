#include "airssys/core/units.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string_view>
#include <vector>

namespace airssys::core {
namespace {

using namespace std::chrono_literals;

template <typename T>
struct Case {
  std::string_view text;
  std::optional<T> value;  ///< None: must be refused.
};

template <typename T, typename Parse>
void expect_all(const std::vector<Case<T>>& cases, const Parse& parse) {
  for (const auto& [text, value] : cases) {
    const auto parsed = parse(text);
    EXPECT_EQ(parsed.has_value(), value.has_value()) << '"' << text << '"';
    if (parsed && value) {
      EXPECT_EQ(*parsed, *value) << '"' << text << '"';
    }
    if (!parsed) {
      EXPECT_EQ(parsed.error().code(), ErrorCode::invalid) << '"' << text << '"';
    }
  }
}

TEST(Units, read_sizes) {
  expect_all<Bytes>(
      {
          {"0B", 0},
          {"1B", 1},
          {"512B", 512},
          {"4KiB", 4096},
          {"16MiB", 16 << 20},
          {"1GiB", Bytes{1} << 30},
          {"007B", 7},
          {"18446744073709551615B", ~Bytes{0}},
          {"18446744073709551616B", std::nullopt},
          {"17179869183GiB", Bytes{17179869183} << 30},
          {"17179869184GiB", std::nullopt},
          {"99999999999999999999999999999999GiB", std::nullopt},
          {"", std::nullopt},
          {"B", std::nullopt},
          {"16", std::nullopt},
          {"16MB", std::nullopt},
          {"16mib", std::nullopt},
          {"16 MiB", std::nullopt},
          {" 16MiB", std::nullopt},
          {"16MiB ", std::nullopt},
          {"16MiBs", std::nullopt},
          {"-16MiB", std::nullopt},
          {"+16MiB", std::nullopt},
          {"1.5MiB", std::nullopt},
          {"1e3B", std::nullopt},
          {"0x10B", std::nullopt},
          {std::string_view("16MiB\0", 6), std::nullopt},
          {"\xd9\xa1\x42", std::nullopt},
      },
      parse_bytes);
}

TEST(Units, read_times) {
  expect_all<std::chrono::milliseconds>(
      {
          {"0ms", 0ms},
          {"250ms", 250ms},
          {"10s", 10s},
          {"2m", 2min},
          {"1h", 1h},
          {"9223372036854775807ms", std::chrono::milliseconds::max()},
          {"9223372036854775808ms", std::nullopt},
          {"2562047788015h", std::chrono::hours(2562047788015)},
          {"2562047788016h", std::nullopt},
          {"", std::nullopt},
          {"10", std::nullopt},
          {"ms", std::nullopt},
          {"10us", std::nullopt},
          {"10S", std::nullopt},
          {"-10s", std::nullopt},
          {"1m30s", std::nullopt},
          {"0.5s", std::nullopt},
          {"10 s", std::nullopt},
      },
      parse_duration);
}

TEST(Units, read_rates) {
  expect_all<Rate>(
      {
          {"0/s", Rate{0}},
          {"1000/s", Rate{1000}},
          {"4294967295/s", Rate{4294967295}},
          {"4294967296/s", std::nullopt},
          {"", std::nullopt},
          {"/s", std::nullopt},
          {"1000", std::nullopt},
          {"1000/m", std::nullopt},
          {"1000/", std::nullopt},
          {"1000 /s", std::nullopt},
          {"-1/s", std::nullopt},
      },
      parse_rate);
}

TEST(Units, say_what_was_expected) {
  EXPECT_EQ(parse_bytes("16MB").error().message(),
            R"("16MB" is no size; expected a whole number and B, KiB, MiB or GiB, as in "16MiB")");
  EXPECT_EQ(parse_duration("soon").error().message(),
            R"("soon" is no time; expected a whole number and ms, s, m or h, as in "250ms")");
  EXPECT_EQ(parse_rate("often").error().message(), R"("often" is no rate; expected a whole number and /s, as in "1000/s")");
  EXPECT_EQ(parse_bytes("17179869184GiB").error().message(), R"("17179869184GiB" is too large for a size)");
}

TEST(Units, write_the_shortest_exact_text) {
  EXPECT_EQ(bytes_to_string(0), "0B");
  EXPECT_EQ(bytes_to_string(1023), "1023B");
  EXPECT_EQ(bytes_to_string(1025), "1025B");
  EXPECT_EQ(bytes_to_string(Bytes{16} << 20), "16MiB");
  EXPECT_EQ(bytes_to_string(Bytes{1} << 40), "1024GiB");
  EXPECT_EQ(duration_to_string(0ms), "0ms");
  EXPECT_EQ(duration_to_string(1500ms), "1500ms");
  EXPECT_EQ(duration_to_string(90s), "90s");
  EXPECT_EQ(duration_to_string(2h), "2h");
  EXPECT_EQ(to_string(Rate{1000}), "1000/s");
}

TEST(Units, read_what_they_write) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    // All magnitudes, with many zeros at the end among them.
    const std::uint64_t value = (random() >> (random() % 64)) << (random() % 64);
    EXPECT_EQ(parse_bytes(bytes_to_string(value)), value);
    const std::chrono::milliseconds duration(static_cast<std::int64_t>(value >> 1));
    EXPECT_EQ(parse_duration(duration_to_string(duration)), duration);
    const Rate rate{static_cast<std::uint32_t>(value)};
    EXPECT_EQ(parse_rate(to_string(rate)), rate);
  }
}

TEST(UnitsDeath, assert_that_a_duration_is_not_negative) {
  EXPECT_DEATH(static_cast<void>(duration_to_string(-1ms)), "assertion failed");
}

}  // namespace
}  // namespace airssys::core
