#include "artifact_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "file.hpp"
#include "testing/runtime_fixture.hpp"
#include "testing/temporary_folder.hpp"

namespace airssys::runtime {
namespace {

namespace fs = std::filesystem;
using testing::component_from;
using testing::FakeHash;
using testing::Guest;
using ::testing::HasSubstr;
using testing::kEcho;
using testing::or_fail;
using testing::RuntimeTest;
using testing::TemporaryFolder;
using testing::write_bytes;

class Cache : public RuntimeTest {
 protected:
  /// A new process would be such a new loader.
  std::unique_ptr<ComponentLoader> new_loader() {
    return std::make_unique<ComponentLoader>(*engine, host.ports(), hash, LoaderOptions{.cache = folder / "deep" / "cache"});
  }
  /// Loads with a new loader, sees that the component works, and says "compiled", "cached", "refused" as it was.
  std::string load_again() {
    const auto fresh = new_loader();
    const auto component = or_fail(fresh->load_bytes(wasm, "guest"));
    EXPECT_EQ(reply_to(*spawn(component), "hi"), "hi");
    const LoaderStats stats = fresh->stats();
    trouble = fresh->cache_trouble() ? fresh->cache_trouble()->message() : "";
    std::string text;
    for (std::uint64_t i = 0; i < stats.refused; ++i) text += "refused ";
    for (std::uint64_t i = 0; i < stats.unwritten; ++i) text += "unwritten ";
    return text + (stats.compiled > 0 ? "compiled" : stats.cached > 0 ? "cached" : "neither");
  }
  fs::path cache() const { return folder / "deep" / "cache"; }
  fs::path artifact() const {
    for (const auto& entry : fs::directory_iterator(cache())) {
      if (entry.path().extension() == ".native") return entry.path();
    }
    return {};
  }
  static std::vector<std::byte> bytes_of(const fs::path& file) { return or_fail(read_file(file, core::Bytes{1} << 30)); }

  TemporaryFolder folder;
  std::vector<std::byte> wasm = component_from(Guest{.handle_message = kEcho});
  std::string trouble;
};

TEST_F(Cache, spares_the_second_load_the_compiler) {
  EXPECT_EQ(load_again(), "compiled");
  EXPECT_EQ(load_again(), "cached");
  EXPECT_EQ(load_again(), "cached");
  EXPECT_EQ(trouble, "");
}

TEST_F(Cache, is_private_and_leaves_no_litter) {
  load_again();
  struct stat status{};
  ASSERT_EQ(::stat(cache().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(cache())) {
    ++files;
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
  }
  EXPECT_EQ(files, 2) << "the key and one artifact";
}

TEST_F(Cache, tells_components_apart) {
  load_again();
  wasm = component_from(Guest{.handle_message = std::string(kEcho) + "(drop (i32.const 1)) "});
  EXPECT_EQ(load_again(), "compiled");
  EXPECT_EQ(load_again(), "cached");
}

TEST_F(Cache, tells_engines_apart) {
  load_again();
#ifndef AIRSSYS_UNDER_TSAN
  const bool is_dense = engine->profile() == core::Profile::dense;
  engine = or_fail(Engine::create({.profile = is_dense ? core::Profile::fast : core::Profile::dense}));
  EXPECT_EQ(load_again(), "compiled");
#endif
}

TEST_F(Cache, refuses_every_flipped_bit_and_replaces_the_file) {
  load_again();
  const fs::path file = artifact();
  const auto good = bytes_of(file);
  const std::size_t bits[] = {0, 8 * 8, 8 * 20 + 3, 8 * 40, 8 * 47, 8 * 49 + 7, good.size() * 4 + 1, good.size() * 8 - 1};
  for (const std::size_t bit : bits) {
    auto bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    write_bytes(file, bad);
    EXPECT_EQ(load_again(), "refused compiled") << bit;
    EXPECT_THAT(trouble, HasSubstr(file.string()));
    EXPECT_EQ(load_again(), "cached") << bit;
  }
}

TEST_F(Cache, refuses_truncated_and_extended_files) {
  load_again();
  const fs::path file = artifact();
  const auto good = bytes_of(file);
  const std::size_t sizes[] = {0, 1, 8, 39, 40, 47, 48, 49, good.size() / 2, good.size() - 1};
  for (const std::size_t size : sizes) {
    write_bytes(file, std::span(good).first(size));
    EXPECT_EQ(load_again(), "refused compiled") << size;
  }
  auto extended = good;
  extended.push_back(std::byte{0});
  write_bytes(file, extended);
  EXPECT_EQ(load_again(), "refused compiled");
}

TEST_F(Cache, refuses_an_artifact_under_another_name) {
  load_again();
  const fs::path first = artifact();
  const auto content = bytes_of(first);
  fs::remove(first);
  wasm = component_from(Guest{.handle_message = std::string(kEcho) + "(drop (i32.const 1)) "});
  load_again();
  write_bytes(artifact(), content);
  EXPECT_EQ(load_again(), "refused compiled");
}

TEST_F(Cache, refuses_what_was_vouched_for_with_another_key) {
  load_again();
  fs::remove(cache() / "key");
  EXPECT_EQ(load_again(), "refused compiled");
  EXPECT_EQ(load_again(), "cached");
}

TEST_F(Cache, is_not_used_with_a_key_that_others_may_read) {
  load_again();
  fs::permissions(cache() / "key", fs::perms::group_read, fs::perm_options::add);
  EXPECT_EQ(load_again(), "unwritten compiled");
  EXPECT_THAT(trouble, HasSubstr("remove this file"));
  fs::remove(cache() / "key");
  EXPECT_EQ(load_again(), "refused compiled");
}

TEST_F(Cache, is_not_used_with_a_key_of_another_size) {
  load_again();
  fs::resize_file(cache() / "key", 31);
  EXPECT_EQ(load_again(), "unwritten compiled");
  EXPECT_THAT(trouble, HasSubstr("31 bytes, expected 32"));
}

TEST_F(Cache, that_can_not_be_written_costs_time_only) {
  write_bytes(folder / "deep", {});
  EXPECT_EQ(load_again(), "unwritten compiled");
  EXPECT_NE(trouble, "");
}

TEST(ArtifactCaches, keep_a_bounded_number) {
  const TemporaryFolder folder;
  const FakeHash hash;
  ArtifactCache cache(folder / "cache", hash);
  const std::vector<std::byte> artifact(10);
  core::Digest key{};
  for (std::size_t i = 0; i < ArtifactCache::kMaxArtifacts + 20; ++i) {
    key[0] = static_cast<std::byte>(i & 0xffU);
    key[1] = static_cast<std::byte>(i >> 8U);
    cache.keep(key, "guest", artifact);
  }
  std::size_t kept = 0;
  for (const auto& entry : fs::directory_iterator(folder / "cache")) kept += entry.path().extension() == ".native" ? 1U : 0U;
  EXPECT_EQ(kept, ArtifactCache::kMaxArtifacts);
  EXPECT_EQ(cache.unwritten(), 0U);
  EXPECT_EQ(cache.find(key), artifact) << "the newest stays";
}

core::Digest key_of(std::size_t number) {
  core::Digest key{};
  key[0] = static_cast<std::byte>(number & 0xffU);
  key[1] = static_cast<std::byte>(number >> 8U);
  return key;
}

TEST(ArtifactCaches, let_a_component_that_is_built_over_and_over_push_out_its_own) {
  const TemporaryFolder folder;
  const FakeHash hash;
  ArtifactCache cache(folder / "cache", hash);
  const std::vector<std::byte> artifact(10);
  for (std::size_t i = 0; i < 5; ++i) cache.keep(key_of(i), "other " + std::to_string(i), artifact);
  for (std::size_t i = 5; i < ArtifactCache::kMaxArtifacts + 20; ++i) cache.keep(key_of(i), "busy", artifact);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(cache.find(key_of(i))) << i;
  EXPECT_TRUE(cache.find(key_of(ArtifactCache::kMaxArtifacts + 19)));
}

TEST(ArtifactCaches, are_bounded_in_bytes_too) {
  const TemporaryFolder folder;
  const FakeHash hash;
  ArtifactCache cache(folder / "cache", hash, 1'000);
  for (std::size_t i = 0; i < 20; ++i) cache.keep(key_of(i), "guest", std::vector<std::byte>(200));
  std::size_t found = 0;
  for (std::size_t i = 0; i < 20; ++i) found += cache.find(key_of(i)) ? 1U : 0U;
  EXPECT_EQ(found, 4U);
  cache.keep(key_of(30), "guest", std::vector<std::byte>(5'000));
  EXPECT_TRUE(cache.find(key_of(30))) << "one that is larger than all may be is kept alone";
}

TEST(ArtifactCaches, of_two_processes_agree_on_one_key) {
  const TemporaryFolder folder;
  const FakeHash hash;
  ArtifactCache one(folder / "cache", hash);
  ArtifactCache other(folder / "cache", hash);
  const core::Digest key{};
  const std::vector<std::byte> artifact(10, std::byte{7});
  one.keep(key, "guest", artifact);
  EXPECT_EQ(other.find(key), artifact);
  EXPECT_EQ(other.refused(), 0U);
}

}  // namespace
}  // namespace airssys::runtime
