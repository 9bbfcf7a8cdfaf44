// What a process inherits and what is done to it from outside: descriptors that are closed, readers that are stuck, signals,
// being the first process.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

#include <array>
#include <fstream>

#include "command.hpp"

namespace airssys::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A pipe that is full, and that nobody reads.
struct StuckPipe {
  StuckPipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    unread = Descriptor(ends[0]);
    end = Descriptor(ends[1]);
    const std::string page(4096, '.');
    while (::write(end.get(), page.data(), page.size()) > 0) {
    }
    EXPECT_EQ(fcntl(end.get(), F_SETFL, 0), 0);
  }
  Descriptor unread;
  Descriptor end;
};

std::string echo_and_printer() {
  return system_of({"echo"}) + "[[gateway]]\nkind = \"standard-output\"\n";
}

bool answers(const std::string& file) {
  return run({"request", "demo/echo/1", "x", "-f", file, "--timeout", "20s"}).out == "x";
}

TEST(ClosedDescriptors, get_no_file_of_ours) {
  const Folder folder;
  const std::string file = folder.write("system.toml", echo_and_printer());
  Command system({"run", file}, {.closed = {0, 1}});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  EXPECT_EQ(run({"request", "airssys/standard-output/1", "over your files", "-f", file}).code, 1);
  EXPECT_EQ(read_all(folder / ".airssys/lock"), std::to_string(system.process()));
  system.signal(SIGTERM);
  const auto ended = system.end();
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("can't write the output: Bad file descriptor"));
}

TEST(ClosedDescriptors, have_nothing_to_read) {
  const Folder folder;
  const std::string file =
      folder.write("system.toml", echo_and_printer() + "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/echo/1\"\n");
  const auto ended = run({"run", file, "--until-idle"}, {.closed = {0}});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("0 lines in"));
}

TEST(ClosedDescriptors, do_not_keep_a_system_from_running) {
  const Folder folder;
  const std::string file = folder.write("system.toml", echo_and_printer());
  Command system({"run", file}, {.closed = {0, 1, 2}});
  for (int i = 0; i < 2000 && !std::filesystem::exists(folder / ".airssys/control.sock"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(answers(file));
  system.signal(SIGTERM);
  EXPECT_EQ(system.end().code, 0);
}

TEST(Results, that_cannot_be_written_are_no_success) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo"}));
  const Descriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  const Descriptor gone = closed_pipe();
  const std::vector<std::vector<std::string>> commands{{"check", file}, {"--help"}, {"--version"}, {"run", "--help"}};
  for (const auto& command : commands) {
    const auto closed = run(command, {.closed = {1}});
    EXPECT_EQ(closed.code, 1) << command.front();
    EXPECT_THAT(closed.err, HasSubstr("can't write the result: Bad file descriptor"));
    EXPECT_EQ(run(command, {.output = full.get()}).code, 1) << command.front();
    EXPECT_EQ(run(command, {.output = gone.get()}).code, 1) << command.front();
  }
}

TEST(Results, of_a_final_request_that_cannot_be_written_are_no_success) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo"}));
  const std::vector<std::string> command{"run", file, "--until-idle", "--final-request", "demo/echo/1", "x"};
  EXPECT_EQ(run(command).out, "x");
  const Descriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  const auto ended = run(command, {.output = full.get()});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("can't write the result: No space left on device"));
  EXPECT_EQ(run(command, {.closed = {1}}).code, 1);
}

TEST(StuckReader, of_standard_error_holds_nobody_and_does_not_keep_the_process_from_ending) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo", "trapping"}));
  const StuckPipe stuck;
  Command system({"run", file, "--workers", "1"}, {.error = stuck.end.get()});
  for (int i = 0; i < 2000 && !std::filesystem::exists(folder / ".airssys/control.sock"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(run({"request", "demo/trapping/1", "unreachable", "-f", file}).code, 1);
  EXPECT_TRUE(answers(file));
  system.signal(SIGTERM);
  EXPECT_EQ(system.end().code, 0);
}

TEST(StuckReader, of_standard_output_holds_no_worker) {
  const Folder folder;
  const std::string file = folder.write("system.toml", echo_and_printer());
  const StuckPipe stuck;
  Command system({"run", file, "--workers", "1", "--drain", "100ms"}, {.output = stuck.end.get()});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  const std::string line(50'000, 'x');
  for (int i = 0; i < 4; ++i) EXPECT_EQ(run({"send", "airssys/standard-output/1", line, "-f", file}).code, 0);
  EXPECT_TRUE(answers(file));
  system.signal(SIGTERM);
  const auto ended = system.end();
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("messages were not handled"));
}

TEST(StuckReader, that_reads_on_gets_every_line) {
  const Folder folder;
  const std::string file = folder.write("system.toml", echo_and_printer());
  StuckPipe stuck;
  Command system({"run", file, "--workers", "1"}, {.output = stuck.end.get()});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  std::string all;
  for (int i = 0; i < 6; ++i) {
    const std::string line(30'000, static_cast<char>('a' + i));
    EXPECT_EQ(run({"send", "airssys/standard-output/1", line, "-f", file}).code, 0);
    all += line + "\n";
  }
  system.signal(SIGTERM);
  stuck.end.reset();
  EXPECT_EQ(fcntl(stuck.unread.get(), F_SETFL, 0), 0);
  std::string came;
  std::array<char, 65536> chunk{};
  for (ssize_t size = 0; (size = read(stuck.unread.get(), chunk.data(), chunk.size())) > 0;) {
    came.append(chunk.data(), static_cast<std::size_t>(size));
  }
  came.erase(0, came.find_first_not_of('.'));
  EXPECT_EQ(came, all);
  EXPECT_EQ(system.end().code, 0);
}

TEST(Signals, that_mean_nothing_to_a_run_do_nothing) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo"}));
  Command system({"run", file}, {.ignored = SIGHUP});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  for (const int signal : {SIGUSR1, SIGUSR2, SIGPIPE, SIGHUP, SIGCHLD, SIGWINCH}) system.signal(signal);
  EXPECT_TRUE(answers(file));
  system.signal(SIGTERM);
  EXPECT_EQ(system.end().code, 0);
}

TEST(Signals, that_its_parent_had_blocked_or_ignored_are_its_own) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo"}));
  Command system({"run", file}, {.blocked = SIGTERM, .ignored = SIGTERM});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  system.signal(SIGTERM);
  EXPECT_EQ(system.end().code, 0);
  // Whose children's ends are ignored can't know that the compiler failed.
  folder.write("guest/component.toml", "[component]\nname = \"guest\"\nversion = \"0.1.0\"\n");
  folder.write("guest/guest.cpp", "int oops = \"text\";\n");
  EXPECT_EQ(run({"build", (folder / "guest").string()}, {.ignored = SIGCHLD}).code, 8);
}

TEST(Signals, sigquit_ends_a_run_at_once_and_the_next_one_finds_nothing_in_its_way) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo"}));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_CORE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_CORE, &none), 0);
  Command system({"run", file});
  ASSERT_EQ(setrlimit(RLIMIT_CORE, &before), 0);
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  system.signal(SIGQUIT);
  EXPECT_EQ(system.end().code, 128 + SIGQUIT);
  Command next({"run", file});
  ASSERT_TRUE(next.says("demo is running")) << next.err();
  EXPECT_TRUE(answers(file));
  // The socket of one that lives is not replaced.
  EXPECT_EQ(run({"run", file}).code, 1);
  EXPECT_TRUE(answers(file));
}

/// `airssys ARGUMENTS` as the first process of a namespace of its own, until it ends by `signal`. Its exit code; -1: this test
/// may not make such a namespace.
int as_first_process(std::vector<std::string> arguments, const std::filesystem::path& errors, int signal) {
  arguments.insert(arguments.begin(), AIRSSYS_COMMAND);
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  const pid_t outer = fork();
  if (outer == 0) {
    if (unshare(CLONE_NEWPID) != 0) _exit(200);
    const pid_t first = fork();
    if (first == 0) {
      dup2(open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), 2);
      execv(words[0], words.data());
      _exit(127);
    }
    while (read_all(errors).find("is running") == std::string::npos) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    kill(first, signal);
    int status = 0;
    waitpid(first, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
  int status = 0;
  waitpid(outer, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
  return code == 200 ? -1 : code;
}

TEST(FirstProcess, obeys_signals_as_any_other) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo"}));
  for (const auto& [signal, code] : {std::pair(SIGTERM, 0), std::pair(SIGINT, 0), std::pair(SIGHUP, 0)}) {
    const auto errors = folder / ("err" + std::to_string(signal));
    const int ended = as_first_process({"run", file}, errors, signal);
    if (ended == -1) GTEST_SKIP() << "no namespace of processes can be made here";
    EXPECT_EQ(ended, code) << read_all(errors);
    EXPECT_THAT(read_all(errors), HasSubstr("demo has stopped"));
  }
  const auto errors = folder / "err";
  EXPECT_EQ(as_first_process({"run", file}, errors, SIGQUIT), 128 + SIGQUIT);
}

TEST(Room, that_is_too_small_is_said_before_anything_runs) {
  const Folder folder;
  const std::string actor = "[[actor]]\naddress = \"demo/echo/1\"\ncomponent = \"" + guest("echo") + "\"\n";
  const std::string file = folder.write("system.toml", "[system]\nname = \"demo\"\n" + actor);
  const Command::Options small{.limits = {{RLIMIT_AS, rlim_t{3} << 30}}};
  for (const std::string command : {"run", "check"}) {
    const auto refused = run({command, file}, small);
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("1 actor with `profile = \"fast\"`"));
    EXPECT_THAT(refused.err, HasSubstr("ulimit -v"));
    EXPECT_THAT(refused.err, Not(HasSubstr("is running")));
  }
  const std::string dense = folder.write("dense.toml", "[system]\nname = \"demo\"\n" + actor + "profile = \"dense\"\n");
  const auto fits = run({"run", dense, "--until-idle", "--final-request", "demo/echo/1", "x"}, small);
  EXPECT_EQ(fits.code, 0) << fits.err;
  EXPECT_EQ(fits.out, "x");
}

TEST(Room, for_files_that_is_used_up_is_an_error_and_no_signal) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo"}));
  const auto ended = run({"run", file, "--until-idle"}, {.limits = {{RLIMIT_FSIZE, 2048}}});
  EXPECT_THAT(ended.err, HasSubstr("File too large")) << ended.code;
  EXPECT_LT(ended.code, 128);
}

TEST(OperatorTimeout, is_whole_though_the_system_is_stopped) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo"}));
  Command system({"run", file});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  system.signal(SIGSTOP);
  const std::vector<std::vector<std::string>> commands{{"request", "demo/echo/1", "x"},
                                                       {"send", "demo/echo/1", "x"},
                                                       {"list"},
                                                       {"info", "demo/echo/1"},
                                                       {"dead", "list"},
                                                       {"trace", "17"}};
  for (std::vector<std::string> command : commands) {
    command.insert(command.end(), {"-f", file, "--timeout", "200ms"});
    const auto ended = run(command);
    EXPECT_EQ(ended.code, 1) << command.front();
    EXPECT_THAT(ended.err, HasSubstr("did not answer within 200ms")) << command.front();
  }
  system.signal(SIGCONT);
  EXPECT_TRUE(answers(file));
}

TEST(Cacheless, start_goes_on_and_says_why_it_compiles_anew) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo", "counter"}));
  const auto said = [](const std::string& text, std::string_view what) {
    std::size_t times = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++times;
    return times;
  };
  ASSERT_THAT(run({"run", file, "--until-idle"}).err, Not(HasSubstr("compiled code")));
  const auto artifacts = folder / ".airssys/artifacts";
  std::filesystem::permissions(artifacts / "key", std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const auto untrusted = run({"run", file, "--until-idle"});
  EXPECT_EQ(untrusted.code, 0) << untrusted.err;
  EXPECT_EQ(said(untrusted.err, "compiled code can't be kept"), 1U) << untrusted.err;
  EXPECT_THAT(untrusted.err, HasSubstr("remove this file"));
  std::filesystem::remove_all(artifacts);
  folder.write(".airssys/artifacts", "no folder");
  for (const std::string command : {"run", "check"}) {
    const auto unwritten = command == "run" ? run({command, file, "--until-idle"}) : run({command, file});
    EXPECT_EQ(unwritten.code, 0) << unwritten.err;
    EXPECT_EQ(said(unwritten.err, "compiled code can't be kept"), 1U) << unwritten.err;
  }
}

}  // namespace
}  // namespace airssys::e2e
