#include "airssys/runtime/component_loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "testing/deep_components.hpp"
#include "testing/runtime_fixture.hpp"
#include "testing/temporary_folder.hpp"

namespace airssys::runtime {
namespace {

using ::testing::AllOf;
using testing::component_from;
using ::testing::ElementsAre;
using testing::Guest;
using ::testing::HasSubstr;
using testing::kEcho;
using testing::or_fail;
using testing::RuntimeTest;
using testing::TemporaryFolder;
using testing::write_bytes;
using namespace airssys::literals;

class Loading : public RuntimeTest {
 protected:
  std::string file(std::string_view name, std::span<const std::byte> bytes) {
    write_bytes(folder / name, bytes);
    return (folder / name).string();
  }
  core::Error error_of(const std::filesystem::path& path) {
    auto loaded = loader.load_file(path);
    return loaded ? core::Error(core::ErrorCode::internal, "test", "it was loaded") : std::move(loaded).error();
  }
  core::Error error_of(const Guest& guest) { return error_of(file("guest.wasm", component_from(guest))); }
  core::Error error_of_component(const std::string& wat) { return error_of(file("guest.wasm", or_fail(wat_to_wasm(wat)))); }

  TemporaryFolder folder;
};

TEST_F(Loading, names_a_component_after_its_file_and_its_bytes) {
  const auto wasm = component_from(Guest{.handle_message = kEcho});
  const auto component = or_fail(loader.load_file(file("counter.wasm", wasm)));
  EXPECT_EQ(component->name(), "counter");
  EXPECT_EQ(component->digest(), core::to_hex(hash.digest(wasm)));
  EXPECT_EQ(component->initial_memory(), 64_KiB);
  EXPECT_FALSE(component->has(Export::reply_handler));
  EXPECT_FALSE(component->has(Export::state));
  EXPECT_EQ(reply_to(*spawn(component), "hi"), "hi");
}

TEST_F(Loading, says_when_there_is_no_such_file) {
  const core::Error error = error_of(folder / "missing.wasm");
  EXPECT_EQ(error.code(), core::ErrorCode::not_found);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("missing.wasm"), HasSubstr("No such file")));
}

TEST_F(Loading, refuses_folders_and_pipes) {
  const core::Error folder_error = error_of(folder.path());
  EXPECT_EQ(folder_error.code(), core::ErrorCode::invalid);
  EXPECT_THAT(folder_error.message(), HasSubstr("a folder, expected a file"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of(folder / "pipe").message(), HasSubstr("not a regular file"));
}

TEST_F(Loading, refuses_files_beyond_the_limit_unread) {
  const std::string large = file("large.wasm", {});
  std::filesystem::resize_file(large, 64_MiB + 1);
  const core::Error error = error_of(large);
  EXPECT_EQ(error.code(), core::ErrorCode::too_large);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("large.wasm"), HasSubstr("67108865 bytes"), HasSubstr("67108864")));
}

TEST_F(Loading, refuses_bytes_beyond_the_limit) {
  ComponentLoader small(*engine, host.ports(), hash, {.cache = {}, .max_bytes = 10});
  const auto loaded = small.load_bytes(component_from(Guest{}), "guest");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code(), core::ErrorCode::too_large);
}

TEST_F(Loading, refuses_what_is_no_component_with_the_path) {
  EXPECT_THAT(error_of(file("empty.wasm", {})).message(), AllOf(HasSubstr("empty.wasm: "), HasSubstr("is empty")));
  const core::Error module = error_of(file("module.wasm", or_fail(wat_to_wasm("(module)"))));
  EXPECT_EQ(module.code(), core::ErrorCode::invalid);
  EXPECT_THAT(module.message(),
              HasSubstr("module.wasm: this is a core module, not a component: build it with `airssys build`"));
}

TEST_F(Loading, refuses_every_beginning_of_a_component_that_lacks_something) {
  const auto whole = component_from(Guest{.handle_message = kEcho});
  int loads = 0;
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    const auto loaded = loader.load_bytes(std::span(whole).first(size), "guest");
    if (loaded) {
      EXPECT_EQ(reply_to(*spawn(*loaded), "hi"), "hi") << "only names may be missing at " << size << " of " << whole.size();
    } else {
      EXPECT_EQ(loaded.error().code(), core::ErrorCode::invalid) << loaded.error();
    }
    loads += loaded ? 1 : 0;
  }
  EXPECT_LE(loads, 2);
}

TEST_F(Loading, survives_flipped_bits) {
  const auto whole = component_from(Guest{.handle_message = kEcho});
  for (std::size_t bit = 3; bit < whole.size() * 8; bit += 61) {
    auto flipped = whole;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const auto loaded = loader.load_bytes(flipped, "guest");
    if (!loaded) {
      EXPECT_FALSE(loaded.error().message().empty());
    }
  }
}

TEST_F(Loading, refuses_deep_nesting_before_the_engine_sees_it) {
  const core::Error error = error_of(file("deep.wasm", testing::nested_components(20'000)));
  EXPECT_EQ(error.code(), core::ErrorCode::too_large);
  EXPECT_THAT(error.message(), HasSubstr("more than 64 levels"));
}

TEST_F(Loading, refuses_a_component_without_handler) {
  const core::Error error = error_of_component("(component)");
  EXPECT_EQ(error.code(), core::ErrorCode::invalid);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("guest.wasm: this component can't run here:\n  "), HasSubstr("handler")));
}

TEST_F(Loading, lists_imports_that_nobody_knows) {
  const core::Error error = error_of_component(R"((component
    (import "acme:disk/files@1.0.0" (instance (export "wipe" (func))))
    (import "airssys:core/messaging@0.1.0" (instance (export "shout" (func))))))");
  EXPECT_EQ(error.code(), core::ErrorCode::invalid);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("acme:disk/files@1.0.0"), HasSubstr("wipe"), HasSubstr("shout")));
}

TEST_F(Loading, refuses_our_names_with_other_types) {
  std::string wit = testing::text_of_file(AIRSSYS_WIT_FILE);
  const std::string ours = "now-ms: func() -> u64";
  ASSERT_NE(wit.find(ours), std::string::npos);
  wit.replace(wit.find(ours), ours.size(), "now-ms: func() -> u32");
  const Guest guest{.imports = R"((import "airssys:core/context@0.1.0" "now-ms" (func (result i32))))"};
  const auto wasm = or_fail(componentize(or_fail(wat_to_wasm(guest.text())), wit));
  const core::Error error = error_of(file("guest.wasm", wasm));
  EXPECT_EQ(error.code(), core::ErrorCode::invalid);
  EXPECT_THAT(error.message(), HasSubstr("now-ms"));
}

TEST_F(Loading, takes_what_imports_the_whole_contract_and_names_what_it_will_not_get) {
  const auto component = load({.imports = R"(
    (import "airssys:core/storage@0.1.0" "get-usage" (func (param i32)))
    (import "airssys:core/storage@0.1.0" "get" (func (param i32 i32 i32)))
    (import "airssys:core/secrets@0.1.0" "get" (func (param i32 i32 i32)))
    (import "airssys:core/timers@0.1.0" "arm" (func (param i64 i64 i32 i64 i32)))
    (import "airssys:core/directory@0.1.0" "find" (func (param i32 i32 i32 i32 i32 i32 i32))))"});
  EXPECT_THAT(component->imports_in_vain(),
              ElementsAre("directory", "secrets", "storage", "timers.arm (it exports no timer-handler)"));
  EXPECT_EQ(reply_to(*spawn(component), ""), "[done]");
}

TEST_F(Loading, says_that_one_file_holds_one_component) {
  auto both = component_from(Guest{});
  const std::string where = std::to_string(both.size());
  const auto other = component_from(Guest{.handle_message = kEcho});
  both.insert(both.end(), other.begin(), other.end());
  EXPECT_THAT(error_of(file("both.wasm", both)).message(),
              HasSubstr("both.wasm: another component begins at byte " + where + ": one file holds one component"));
}

TEST_F(Loading, works_from_many_threads_at_once) {
  const std::string path = file("guest.wasm", component_from(Guest{.handle_message = kEcho}));
  ComponentLoader cached(*engine, host.ports(), hash, {.cache = folder / "cache"});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) EXPECT_TRUE(cached.load_file(path).has_value());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cached.stats().refused, 0U);
  EXPECT_EQ(cached.stats().unwritten, 0U);
  EXPECT_EQ(cached.stats().compiled, 1U);
  EXPECT_EQ(cached.stats().cached, 19U);
}

}  // namespace
}  // namespace airssys::runtime
