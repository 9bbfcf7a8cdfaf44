#include "kit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "files.hpp"

namespace airssys::toolchain {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// The variables that say where a cache may be, for one test: none, but a temporary folder of its own.
class CacheFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryFolder::make_in(fs::temp_directory_path());
    ASSERT_TRUE(made);
    folder.emplace(std::move(*made));
    for (const char* const name : {"HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "TMPDIR"}) {
      const char* const value = std::getenv(name);
      before[name] = value == nullptr ? std::nullopt : std::optional<std::string>(value);
      unsetenv(name);
    }
    setenv("TMPDIR", folder->path().c_str(), 1);
  }
  void TearDown() override {
    for (const auto& [name, value] : before) {
      if (value) {
        setenv(name.c_str(), value->c_str(), 1);
      } else {
        unsetenv(name.c_str());
      }
    }
  }
  fs::path in_temporary() const { return folder->path() / ("airssys-" + std::to_string(::geteuid())); }

  std::optional<TemporaryFolder> folder;
  std::map<std::string, std::optional<std::string>> before;
};

TEST_F(CacheFolder, is_what_is_wanted_or_the_users_own) {
  EXPECT_EQ(cache_folder("/somewhere"), "/somewhere");
  setenv("HOME", "/users/somebody", 1);
  EXPECT_EQ(cache_folder({}), "/users/somebody/.cache/airssys");
  setenv("XDG_CACHE_HOME", "/caches", 1);
  EXPECT_EQ(cache_folder({}), "/caches/airssys");
}

TEST_F(CacheFolder, in_a_place_where_anybody_can_make_one_is_used_only_if_it_is_ours) {
  EXPECT_EQ(cache_folder({}), in_temporary());
  struct stat status{};
  ASSERT_EQ(::stat(in_temporary().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  ASSERT_EQ(::chmod(in_temporary().c_str(), 0777), 0);
  const auto open_to_all = cache_folder({});
  ASSERT_FALSE(open_to_all);
  EXPECT_THAT(open_to_all.error().message(), HasSubstr("set HOME or XDG_CACHE_HOME"));
  fs::remove(in_temporary());
  fs::create_directory_symlink(folder->path(), in_temporary());
  EXPECT_THAT(cache_folder({}).error().message(), HasSubstr("symbolic link"));
  setenv("XDG_RUNTIME_DIR", folder->path().c_str(), 1);
  EXPECT_EQ(cache_folder({}), folder->path() / "airssys");
}

}  // namespace
}  // namespace airssys::toolchain
