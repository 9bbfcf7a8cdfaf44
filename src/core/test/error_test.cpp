#include "airssys/core/error.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

namespace airssys::core {
namespace {

TEST(Error, prints_its_code_and_its_causes) {
  const Error disk(ErrorCode::io, "storage", "No space left on device");
  const Error cache(ErrorCode::unavailable, "runtime", "cannot write /data/artifacts", disk);
  const Error error(ErrorCode::internal, "system", "cannot load counter", cache);
  EXPECT_EQ(error.to_string(), "cannot load counter: cannot write /data/artifacts: No space left on device");
  std::ostringstream out;
  out << error;
  EXPECT_EQ(out.str(), "internal: cannot load counter: cannot write /data/artifacts: No space left on device");
  ASSERT_NE(error.cause(), nullptr);
  EXPECT_EQ(error.cause()->code(), ErrorCode::unavailable);
  EXPECT_EQ(error.cause()->layer(), "runtime");
}

TEST(Error, has_a_name_of_its_own_for_each_code) {
  std::set<std::string_view> names;
  int codes = 0;
  for (int code = 0; code <= static_cast<int>(ErrorCode::io); ++code, ++codes)
    names.insert(name_of(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(codes));
  EXPECT_FALSE(names.contains("unknown"));
}

Result<int> halved(int number) {
  if (number % 2 != 0) return std::unexpected(Error(ErrorCode::invalid, "test", "odd: " + std::to_string(number)));
  return number / 2;
}

Result<void> check_even(int number) {
  AIRSSYS_TRY(halved(number));
  return {};
}

Result<std::string> quartered(int number) {
  AIRSSYS_TRY(check_even(number));
  AIRSSYS_TRY(const int half, halved(number));
  AIRSSYS_TRY(const int quarter, halved(half));
  return std::to_string(quarter);
}

TEST(Try, goes_on_with_the_value) {
  EXPECT_EQ(quartered(12), "3");
}

TEST(Try, returns_the_first_error) {
  EXPECT_EQ(quartered(7).error().message(), "odd: 7");
  EXPECT_EQ(quartered(6).error().message(), "odd: 3");
}

}  // namespace
}  // namespace airssys::core
