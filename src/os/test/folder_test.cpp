#include "airssys/os/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "test/temporary_folder.hpp"

namespace airssys::os {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Missing = Folder::Missing;
using Privacy = Folder::Privacy;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

core::Result<void> replace(const Folder& folder, std::string_view name, std::string_view text) {
  const std::array parts{std::as_bytes(std::span(text))};
  return folder.replace(name, parts);
}

core::Result<std::string> read(const Folder& folder, std::string_view name, Privacy privacy = Privacy::ours) {
  AIRSSYS_TRY(const auto bytes, folder.read(name, 1000, privacy));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

class FolderTest : public ::testing::Test {
 protected:
  Folder open() const {
    auto folder = Folder::open(here.path() / "data", Missing::make);
    EXPECT_TRUE(folder) << folder.error().message();
    return std::move(*folder);
  }
  testing::TemporaryFolder here;
};

TEST_F(FolderTest, is_made_for_its_owner_alone_with_those_above_it) {
  EXPECT_TRUE(Folder::open(here.path() / "a" / "b", Missing::make));
  EXPECT_EQ(mode_of(here.path() / "a" / "b"), 0700U);
  EXPECT_TRUE(Folder::open(here.path() / "slash/", Missing::make));
  EXPECT_EQ(mode_of(here.path() / "slash"), 0700U);
  EXPECT_EQ(Folder::open(here.path() / "c", Missing::refuse).error().code(), core::ErrorCode::not_found);
}

TEST_F(FolderTest, that_others_may_write_in_is_refused_with_the_remedy_and_left_as_it_is) {
  fs::create_directory(here.path() / "data");
  for (const mode_t mode : {0777U, 0775U, 01777U}) {
    ASSERT_EQ(::chmod((here.path() / "data").c_str(), mode), 0);
    const auto folder = Folder::open(here.path() / "data", Missing::make);
    ASSERT_FALSE(folder);
    EXPECT_THAT(folder.error().message(), HasSubstr("chmod go-w"));
    EXPECT_EQ(mode_of(here.path() / "data"), mode);
  }
  ASSERT_EQ(::chmod((here.path() / "data").c_str(), 0755), 0);
  EXPECT_TRUE(Folder::open(here.path() / "data", Missing::make));
  EXPECT_EQ(mode_of(here.path() / "data"), 0755U);
}

TEST_F(FolderTest, of_another_user_is_refused_with_the_remedy) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  fs::create_directory(here.path() / "data");
  ASSERT_EQ(::chown((here.path() / "data").c_str(), 12345, 12345), 0);
  const auto folder = Folder::open(here.path() / "data", Missing::make);
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message(), HasSubstr("belongs to user 12345"));
  EXPECT_THAT(folder.error().message(), HasSubstr("chown"));
  EXPECT_TRUE(Folder::look_into(here.path() / "data"));
}

TEST_F(FolderTest, is_reached_through_a_link_only_where_that_is_allowed_and_it_is_ours) {
  open();
  fs::create_directory_symlink("data", here.path() / "link");
  EXPECT_TRUE(Folder::open(here.path() / "link", Missing::refuse, Folder::Links::ours));
  EXPECT_THAT(Folder::open(here.path() / "link", Missing::refuse).error().message(), HasSubstr("a symbolic link:"));
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a link away";
  ASSERT_EQ(::lchown((here.path() / "link").c_str(), 12345, 12345), 0);
  EXPECT_THAT(Folder::open(here.path() / "link", Missing::refuse, Folder::Links::ours).error().message(),
              HasSubstr("symbolic link that belongs to user 12345"));
}

TEST_F(FolderTest, follows_no_link_inside_for_reading_updating_or_replacing) {
  const Folder folder = open();
  std::ofstream(here.path() / "precious") << "untouched";
  fs::create_symlink(here.path() / "precious", folder.path() / "file");
  EXPECT_THAT(read(folder, "file", Privacy::any).error().message(), HasSubstr("symbolic link"));
  EXPECT_THAT(folder.open_for_update("file").error().message(), HasSubstr("symbolic link"));
  EXPECT_TRUE(replace(folder, "file", "new"));
  EXPECT_EQ(read(folder, "file"), "new");
  EXPECT_EQ(text_of(here.path() / "precious"), "untouched");
}

TEST_F(FolderTest, updates_no_file_that_has_another_name) {
  const Folder folder = open();
  std::ofstream(here.path() / "precious") << "untouched";
  fs::create_hard_link(here.path() / "precious", folder.path() / "lock");
  EXPECT_THAT(folder.open_for_update("lock").error().message(), HasSubstr("other names"));
}

TEST_F(FolderTest, reads_no_pipe_and_does_not_wait_for_its_writer) {
  const Folder folder = open();
  ASSERT_EQ(::mkfifo((folder.path() / "file").c_str(), 0600), 0);
  EXPECT_THAT(read(folder, "file", Privacy::any).error().message(), HasSubstr("no regular file"));
}

TEST_F(FolderTest, believes_a_file_only_if_it_is_as_private_as_it_must_be) {
  const Folder folder = open();
  ASSERT_TRUE(replace(folder, "file", "x"));
  EXPECT_EQ(read(folder, "file", Privacy::secret), "x");
  ASSERT_EQ(::chmod((folder.path() / "file").c_str(), 0644), 0);
  EXPECT_EQ(read(folder, "file", Privacy::ours), "x");
  EXPECT_THAT(read(folder, "file", Privacy::secret).error().message(), HasSubstr("others may read it"));
  ASSERT_EQ(::chmod((folder.path() / "file").c_str(), 0664), 0);
  EXPECT_EQ(read(folder, "file", Privacy::any), "x");
  EXPECT_THAT(read(folder, "file", Privacy::ours).error().message(), HasSubstr("others may change it"));
}

TEST_F(FolderTest, stays_the_one_that_was_opened_whatever_takes_its_name) {
  const Folder folder = open();
  fs::rename(folder.path(), here.path() / "moved");
  fs::create_directory(folder.path());
  ASSERT_TRUE(replace(folder, "file", "x"));
  EXPECT_EQ(text_of(here.path() / "moved" / "file"), "x");
  EXPECT_FALSE(fs::exists(folder.path() / "file"));
}

TEST_F(FolderTest, leaves_nothing_beside_what_was_asked_for) {
  const Folder folder = open();
  const std::string_view text = "x";
  const std::array parts{std::as_bytes(std::span(text))};
  EXPECT_EQ(folder.create("file", parts), true);
  EXPECT_EQ(folder.create("file", parts), false);
  EXPECT_TRUE(folder.replace_unsynced("file", parts));
  fs::create_directory(folder.path() / "taken");
  EXPECT_FALSE(folder.replace("taken", parts));
  ASSERT_EQ(folder.files().size(), 1U);
  EXPECT_EQ(folder.files().front().name, "file");
  EXPECT_EQ(mode_of(folder.path() / "file"), 0600U);
  EXPECT_TRUE(folder.remove("file"));
  EXPECT_TRUE(folder.remove("file"));
  EXPECT_TRUE(folder.files().empty());
}

}  // namespace
}  // namespace airssys::os
