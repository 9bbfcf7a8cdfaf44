#include "airssys/monitoring/crash_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "testing/folder.hpp"
#include "testing/reports.hpp"

namespace airssys::monitoring {
namespace {

using monitoring::testing::Folder;
using monitoring::testing::full_report;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(CrashStore, gives_back_all_that_was_saved) {
  const Folder folder;
  CrashStore store(folder.path() / "crashes");
  const actor::CrashReport saved = full_report();
  const auto id = store.save(saved);
  ASSERT_TRUE(id);
  const auto loaded = store.load(*id);
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(loaded->id, "1");
  EXPECT_EQ(loaded->body_begin, saved.body_begin);
  EXPECT_EQ(loaded->stack, saved.stack);
  EXPECT_EQ(loaded->trap, saved.trap);
  EXPECT_EQ(to_json(*loaded), to_json(saved));
}

TEST(CrashStore, keeps_a_report_without_message_and_trap) {
  const Folder folder;
  CrashStore store(folder.path());
  actor::CrashReport bare;
  bare.address = "demo/a/1";
  ASSERT_TRUE(store.save(bare));
  const auto loaded = store.load("1");
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(loaded->trap);
  EXPECT_EQ(loaded->message_id, 0U);
}

TEST(CrashStore, saves_texts_that_are_no_utf8) {
  const Folder folder;
  CrashStore store(folder.path());
  actor::CrashReport odd = full_report();
  odd.reason = "bytes \xff\xfe";
  odd.log = {"\xc3"};
  ASSERT_TRUE(store.save(odd));
  EXPECT_TRUE(store.load("1"));
}

TEST(CrashStore, makes_room_by_removing_the_oldest) {
  const Folder folder;
  CrashStore store(folder.path(), 3);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store.save(full_report()));
  EXPECT_THAT(store.list(), ElementsAre("3", "4", "5"));
  EXPECT_EQ(files_in(folder.path()), 3U);
}

actor::CrashReport report_of(const std::string& address) {
  actor::CrashReport report = full_report();
  report.address = address;
  return report;
}

TEST(CrashStore, an_actor_that_dies_over_and_over_pushes_out_its_own_reports_also_those_of_an_earlier_run) {
  const Folder folder;
  {
    CrashStore store(folder.path(), 4);
    for (const char* address : {"demo/loop/1", "demo/rare/1", "demo/loop/1", "demo/rare/2"})
      ASSERT_TRUE(store.save(report_of(address)));
  }
  CrashStore store(folder.path(), 4);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(store.save(report_of("demo/loop/1")));
  EXPECT_THAT(store.list(), ElementsAre("2", "4", "53", "54"));
}

TEST(CrashStore, of_actors_with_as_many_reports_the_one_that_died_most_often_lately_makes_room) {
  const Folder folder;
  CrashStore store(folder.path(), 3);
  const CrashStore::DeathsLately deaths = [](std::string_view address) { return address == "demo/quiet/1" ? 1U : 50U; };
  ASSERT_TRUE(store.save(report_of("demo/quiet/1"), deaths));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store.save(report_of("demo/loop/" + std::to_string(i)), deaths));
  EXPECT_THAT(store.list(), ElementsAre("1", "10", "11"));
}

TEST(CrashStore, counts_a_large_report_as_several) {
  const Folder folder;
  CrashStore store(folder.path(), 10, 40'000);
  for (const char* address : {"demo/small/1", "demo/small/1"}) ASSERT_TRUE(store.save(report_of(address)));
  actor::CrashReport large = report_of("demo/large/1");
  large.log = {std::string(30'000, 'x')};
  ASSERT_TRUE(store.save(large));
  large.address = "demo/large/2";
  ASSERT_TRUE(store.save(large));
  EXPECT_THAT(store.list(), ElementsAre("1", "2", "4"));
}

TEST(CrashStore, is_bounded_in_bytes_too) {
  const Folder folder;
  const core::Bytes one = to_json(full_report()).size();
  CrashStore store(folder.path(), 100, 3 * one);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store.save(full_report()));
  EXPECT_THAT(store.list(), ElementsAre("8", "9", "10"));
}

TEST(CrashStore, does_not_read_a_file_that_is_no_report_to_its_end) {
  const Folder folder;
  std::ofstream(folder.path() / "crash-00000001.json") << "[" << std::string(2 << 20, ' ') << "]";
  EXPECT_EQ(CrashStore(folder.path()).load("1").error().code(), core::ErrorCode::too_large);
}

TEST(CrashStore, goes_on_counting_in_the_next_run) {
  const Folder folder;
  for (int run = 0; run < 3; ++run) {
    CrashStore store(folder.path(), 2);
    ASSERT_TRUE(store.save(full_report()));
  }
  EXPECT_THAT(CrashStore(folder.path()).list(), ElementsAre("2", "3"));
}

TEST(CrashStore, leaves_foreign_files_alone) {
  const Folder folder;
  for (const char* name : {"crash-.json", "crash-x.json", "notes.txt", "crash-7.json.new"})
    std::ofstream(folder.path() / name) << "x";
  CrashStore store(folder.path(), 1);
  ASSERT_TRUE(store.save(full_report()));
  ASSERT_TRUE(store.save(full_report()));
  EXPECT_THAT(store.list(), ElementsAre("2"));
  EXPECT_EQ(files_in(folder.path()), 5U);
}

TEST(CrashStore, lists_nothing_where_there_is_no_folder) {
  EXPECT_THAT(CrashStore("/nonexistent/crashes").list(), IsEmpty());
}

TEST(CrashStore, says_why_it_cannot_save) {
  const Folder folder;
  std::ofstream(folder.path() / "file") << "x";
  CrashStore store(folder.path() / "file" / "crashes");
  const auto saved = store.save(full_report());
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code(), core::ErrorCode::io);
  EXPECT_THAT(saved.error().message(), HasSubstr("file/crashes"));
}

TEST(CrashStore, tells_which_reports_there_are_when_asked_for_another) {
  const Folder folder;
  CrashStore store(folder.path());
  ASSERT_TRUE(store.save(full_report()));
  ASSERT_TRUE(store.save(full_report()));
  const auto missing = store.load("9");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), core::ErrorCode::not_found);
  EXPECT_THAT(missing.error().message(), HasSubstr("there are 1 to 2"));
  EXPECT_EQ(store.load("../1").error().code(), core::ErrorCode::invalid);
}

TEST(CrashStore, refuses_a_damaged_file_and_names_it) {
  const Folder folder;
  CrashStore store(folder.path());
  const std::string good = to_json(full_report());
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[1]"), good.substr(0, good.size() / 2),
                                  std::string("{\"time_ms\":\"never\"}")}) {
    std::ofstream(folder.path() / "crash-00000004.json", std::ios::trunc) << text;
    const auto damaged = store.load("4");
    ASSERT_FALSE(damaged) << text;
    EXPECT_EQ(damaged.error().code(), core::ErrorCode::invalid);
    EXPECT_THAT(damaged.error().message(), HasSubstr("crash-00000004.json is damaged"));
  }
}

}  // namespace
}  // namespace airssys::monitoring
