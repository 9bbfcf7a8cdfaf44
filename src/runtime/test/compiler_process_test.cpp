#include "compiler_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "artifacts_in_work.hpp"
#include "testing/deep_components.hpp"
#include "testing/heavy_components.hpp"
#include "testing/runtime_fixture.hpp"
#include "testing/temporary_folder.hpp"

namespace airssys::runtime {
namespace {

using ::testing::AllOf;
using testing::component_from;
using ::testing::EndsWith;
using testing::Guest;
using ::testing::HasSubstr;
using testing::kEcho;
using testing::or_fail;
using testing::RuntimeTest;
using ::testing::StartsWith;
using testing::TemporaryFolder;
using testing::write_bytes;
using namespace airssys::literals;
using namespace std::chrono_literals;

constexpr std::string_view kNowhere = "/nowhere/compiler";

/// A guest that replies what it gets, with functions beside that make it `bytes` large or a little more.
std::vector<std::byte> large_guest(std::size_t bytes) {
  constexpr std::size_t kSteps = 1'000;
  constexpr std::size_t kStepBytes = 6;  // of 3 instructions
  std::string function = "(func (param i32) (result i32) (local.get 0)";
  for (std::size_t i = 0; i < kSteps; ++i) function += fmt::format(" (i32.const {}) (i32.mul) (i32.popcnt)", 10'000 + i);
  function += ")\n";
  std::string functions;
  for (std::size_t i = 0; i < bytes / (kSteps * kStepBytes) + 1; ++i) functions += function;
  return component_from(Guest{.handle_message = kEcho, .more = functions});
}

class CompilerProcess : public RuntimeTest {
 protected:
  std::unique_ptr<ComponentLoader> new_loader(CompilerOptions options) {
    return std::make_unique<ComponentLoader>(*engine, host.ports(), hash,
                                             LoaderOptions{.cache = folder / "cache", .compiler = std::move(options)});
  }
  static CompilerOptions options(core::Bytes memory = 2_GiB, std::chrono::milliseconds time = 10min) {
    return {.program = AIRSSYS_COMPILE_COMPONENT, .memory = memory, .time = time};
  }
  std::string error_of(std::span<const std::byte> wasm, const CompilerOptions& with) {
    const auto loaded = new_loader(with)->load_bytes(wasm, "guest");
    if (loaded) return "it was loaded";
    return fmt::format("{}: {}", core::name_of(loaded.error().code()), loaded.error().message());
  }
  /// A program that is no compiler.
  CompilerOptions script(std::string_view text) {
    const std::string whole = fmt::format("#!/bin/sh\n{}\n", text);
    write_bytes(folder / "script", std::as_bytes(std::span(whole)));
    ::chmod((folder / "script").c_str(), 0700);
    return {.program = folder / "script"};
  }
  static void expect_no_children() {
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  TemporaryFolder folder;
};

TEST_F(CompilerProcess, compiles_a_megabyte_once_and_is_not_started_again) {
  const auto wasm = large_guest(1_MiB);
  ASSERT_GE(wasm.size(), 1_MiB);
  const auto first = new_loader(options());
  EXPECT_EQ(reply_to(*spawn(or_fail(first->load_bytes(wasm, "guest"))), "hi"), "hi");
  EXPECT_EQ(first->stats().compiled, 1U);
  expect_no_children();

  const auto second = new_loader({.program = kNowhere});
  EXPECT_EQ(reply_to(*spawn(or_fail(second->load_bytes(wasm, "guest"))), "hi"), "hi");
  EXPECT_EQ(second->stats().compiled, 0U);
  EXPECT_EQ(second->stats().cached, 1U);
}

TEST_F(CompilerProcess, makes_the_same_artifact_as_this_process) {
  const auto wasm = component_from(Guest{.handle_message = kEcho});
  EXPECT_EQ(or_fail(compile_in_a_process(engine->options(), wasm, options())), or_fail(engine->compile(wasm)));
}

TEST_F(CompilerProcess, compiles_for_the_engine_that_it_is_told) {
  const auto wasm = component_from(Guest{.handle_message = kEcho});
  const auto other = or_fail(Engine::create({.profile = core::Profile::dense, .signal_traps = false, .guest_stack = 256_KiB}));
  EXPECT_EQ(or_fail(compile_in_a_process(other->options(), wasm, options())), or_fail(other->compile(wasm)));
}

TEST_F(CompilerProcess, that_takes_too_long_is_ended) {
  const auto wasm = or_fail(wat_to_wasm(testing::compile_bomb()));
  EXPECT_EQ(error_of(wasm, options(2_GiB, 200ms)),
            "too-large: guest: compiling it took more than 200ms and was stopped; if you trust it, allow more with "
            "`compile_time` in [system], else see that no function of it is huge");
  expect_no_children();
}

TEST_F(CompilerProcess, that_takes_too_much_memory_is_ended_and_takes_none_of_ours) {
#if defined(AIRSSYS_UNDER_ASAN) || defined(AIRSSYS_UNDER_TSAN)
  GTEST_SKIP() << "a sanitizer's allocator says otherwise that there is no memory";
#endif
  const auto wasm = or_fail(wat_to_wasm(testing::compile_bomb()));
  rusage before{};
  ASSERT_EQ(::getrusage(RUSAGE_SELF, &before), 0);
  EXPECT_EQ(error_of(wasm, options(200_MiB)),
            "too-large: guest: compiling it took more than 200MiB of memory and was stopped; if you trust it, allow more with "
            "`compile_memory` in [system], else see that no function of it is huge");
  rusage after{};
  ASSERT_EQ(::getrusage(RUSAGE_SELF, &after), 0);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 50 << 10) << "KiB";
  expect_no_children();
  EXPECT_EQ(error_of(component_from(Guest{.handle_message = kEcho}), options(200_MiB)), "it was loaded");
}

TEST_F(CompilerProcess, passes_the_compilers_words_on) {
  auto damaged = component_from(Guest{.handle_message = "(i32.const 12345)"});
  const auto constant = testing::bytes_of({0x41, 0xb9, 0xe0, 0x00});
  const auto found = std::ranges::search(damaged, constant);
  ASSERT_FALSE(found.empty());
  found.front() = std::byte{0x7c};  // an addition of what is not there
  const std::string ours = error_of(damaged, {});
  EXPECT_THAT(ours, AllOf(StartsWith("invalid: guest: "), HasSubstr("not valid")));
  EXPECT_EQ(error_of(damaged, options()), ours);
}

TEST_F(CompilerProcess, that_is_not_there_is_said) {
  EXPECT_EQ(error_of(component_from(Guest{}), {.program = kNowhere}),
            "io: guest: can't start the compiler /nowhere/compiler: No such file or directory");
}

TEST_F(CompilerProcess, that_ends_without_a_result_is_said_with_its_last_words) {
  const auto wasm = component_from(Guest{});
  EXPECT_THAT(
      error_of(wasm, script("echo oh dear >&2; exit 3")),
      AllOf(StartsWith("internal: guest: the compiler "), EndsWith(" ended with exit code 3, without a result: oh dear")));
  EXPECT_THAT(error_of(wasm, script("kill -11 $$")), EndsWith(" ended by signal 11, without a result"));
  EXPECT_THAT(error_of(wasm, script("exit 0")), EndsWith(" ended with exit code 0, without a result"));
  EXPECT_THAT(error_of(wasm, script("cat")), EndsWith(" without a result"));
  expect_no_children();
}

TEST_F(CompilerProcess, that_closes_its_output_and_stays_is_ended) {
  EXPECT_THAT(error_of(component_from(Guest{}), script("exec >&-; while true; do :; done")),
              EndsWith(" ended by signal 9, without a result"));
  expect_no_children();
}

TEST_F(CompilerProcess, that_answers_without_end_is_ended) {
  CompilerOptions endless = script("yes");
  endless.memory = 1_MiB;
  EXPECT_THAT(error_of(component_from(Guest{}), endless), HasSubstr("took more than 1MiB of memory"));
  expect_no_children();
}

TEST_F(CompilerProcess, gets_neither_our_descriptors_nor_our_environment) {
  ::setenv("AIRSSYS_TEST_SECRET", "a secret", 1);
  constexpr int kOpen = 77;
  ASSERT_EQ(::dup2(STDERR_FILENO, kOpen), kOpen);  // not closed at exec
  const std::string said = error_of(
      component_from(Guest{}), script("[ -e /proc/self/fd/2 ] && echo two >&2; [ -e /proc/self/fd/77 ] && echo leaked >&2\n"
                                      "echo \"secret: <$AIRSSYS_TEST_SECRET>\" >&2; exit 1"));
  ::close(kOpen);
  ::unsetenv("AIRSSYS_TEST_SECRET");
  EXPECT_THAT(said, EndsWith("without a result: two\nsecret: <>"));
}

TEST_F(CompilerProcess, is_told_everything_in_words_that_it_reads_back) {
  const CompilerOrder order{
      .engine = {.profile = core::Profile::dense, .signal_traps = false, .guest_stack = 1'234}, .memory = 5_GiB, .time = 61s};
  const std::vector<std::string> words = order.to_arguments();
  const auto read = CompilerOrder::from_arguments(words);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->to_arguments(), words);
  EXPECT_EQ(words, (std::vector<std::string>{"compile-component", "dense", "checks", "1234", "5368709120", "61000"}));
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto wrong = words;
    wrong[i] = "x";
    EXPECT_FALSE(CompilerOrder::from_arguments(wrong)) << i;
    wrong.erase(wrong.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(CompilerOrder::from_arguments(wrong)) << i;
  }
}

TEST(ArtifactsInWork, are_made_once_for_all_who_come_meanwhile) {
  ArtifactsInWork in_work;
  const core::Digest key{};
  const std::vector<std::byte> made(3, std::byte{7});
  std::atomic<int> makes = 0;
  std::vector<std::thread> others;
  const auto join = [&] {
    const auto artifact = in_work.join(key, [&]() -> core::Result<std::vector<std::byte>> {
      ++makes;
      return made;
    });
    EXPECT_EQ(**artifact, made);
  };
  const auto first = in_work.join(key, [&]() -> core::Result<std::vector<std::byte>> {
    ++makes;
    for (int i = 0; i < 4; ++i) others.emplace_back(join);
    while (in_work.waiting() < 4) std::this_thread::yield();
    return made;
  });
  for (std::thread& other : others) other.join();
  EXPECT_EQ(**first, made);
  EXPECT_EQ(makes, 1);
  join();
  EXPECT_EQ(makes, 2) << "nobody was at it any more";
}

TEST(ArtifactsInWork, whose_making_throws_are_an_error_for_all_who_wait_and_are_made_anew_by_the_next) {
  ArtifactsInWork in_work;
  std::vector<std::thread> others;
  std::atomic<int> refused{0};
  const auto first = in_work.join({}, [&]() -> core::Result<std::vector<std::byte>> {
    for (int i = 0; i < 3; ++i) {
      others.emplace_back([&] {
        const auto shared = in_work.join({}, []() -> core::Result<std::vector<std::byte>> { return std::vector<std::byte>(); });
        if (!shared && shared.error().code() == core::ErrorCode::resources) ++refused;
      });
    }
    while (in_work.waiting() < 3) std::this_thread::yield();
    throw std::bad_alloc();
  });
  for (std::thread& other : others) other.join();
  ASSERT_FALSE(first.has_value());
  EXPECT_EQ(first.error().code(), core::ErrorCode::resources);
  EXPECT_EQ(refused, 3);
  const auto odd =
      in_work.join({}, []() -> core::Result<std::vector<std::byte>> { throw std::runtime_error("something else"); });
  ASSERT_FALSE(odd.has_value());
  EXPECT_EQ(odd.error().message(), "something else");
  EXPECT_TRUE(in_work.join({}, []() -> core::Result<std::vector<std::byte>> { return std::vector<std::byte>(); }));
}

TEST(ArtifactsInWork, that_failed_are_made_anew_by_the_next) {
  ArtifactsInWork in_work;
  const core::Error error(core::ErrorCode::invalid, "test", "no");
  const auto failed = in_work.join({}, [&]() -> core::Result<std::vector<std::byte>> { return std::unexpected(error); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(), "no");
  EXPECT_TRUE(in_work.join({}, []() -> core::Result<std::vector<std::byte>> { return std::vector<std::byte>(); }));
}

}  // namespace
}  // namespace airssys::runtime
