#include "subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "airssys/core/units.hpp"

// Two processes are made: a guard, and in it the program. The guard does nothing but wait; it leads a group of its own, and
// when whoever made it ends, the kernel tells it, and it kills the group; when the program ends, it says so and does the same.
// Both are made by `_Fork`, without the handlers that other threads may need for their locks, so until the program is executed
// nothing is called that may wait for a lock.

namespace airssys::toolchain {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kOutputMax = 256 * 1024;
/// What a compiler writes is smaller by far.
constexpr rlim_t kFileMax = rlim_t{1} << 30;
/// Threads that may use their time at once: of a linker, say.
constexpr rlim_t kMaxThreads = 16;
constexpr int kNotStarted = 127;

core::Error os_error(std::string_view what, int number) {
  return {core::ErrorCode::io, "toolchain", fmt::format("{}: {}", what, std::generic_category().message(number))};
}

class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close_now();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }
  ~Descriptor() { close_now(); }
  int get() const noexcept { return number_; }
  void close_now() noexcept {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  Descriptor reader;
  Descriptor writer;
};

core::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(os_error("cannot make a pipe", errno));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// All that the two processes need, made before there are any.
struct Plan {
  const char* program;
  char* const* words;
  int output;
  int trouble;  ///< Takes errno, if the program can't be started.
  int ending;   ///< Takes the exit code.
  pid_t parent;
  rlim_t memory;
  rlim_t cpu_seconds;
};

void limit(__rlimit_resource_t resource, rlim_t most) noexcept {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return;
  now.rlim_max = std::min(now.rlim_max, most);
  now.rlim_cur = std::min(now.rlim_cur, now.rlim_max);
  ::setrlimit(resource, &now);
}

/// The caller's masks and ignored signals must not make a compiler deaf.
void hear_all_signals() noexcept {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void be_the_program(const Plan& plan) noexcept {
  hear_all_signals();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  limit(RLIMIT_DATA, plan.memory);
  limit(RLIMIT_CPU, plan.cpu_seconds);
  limit(RLIMIT_FSIZE, kFileMax);
  limit(RLIMIT_CORE, 1);
  ::execv(plan.program, plan.words);
  const int number = errno;
  if (::write(plan.trouble, &number, sizeof number) != sizeof number) ::_exit(kNotStarted);
  ::_exit(kNotStarted);
}

extern "C" void kill_own_group(int) {
  ::kill(0, SIGKILL);
}

[[noreturn]] void be_the_guard(const Plan& plan) noexcept {
  ::setpgid(0, 0);
  hear_all_signals();
  ::signal(SIGTERM, kill_own_group);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != plan.parent) ::_exit(kNotStarted);  // it ended before we had asked to be told
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0) ::_exit(kNotStarted);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(plan.output, STDOUT_FILENO);
  ::dup2(plan.output, STDERR_FILENO);
  const pid_t program = ::_Fork();
  if (program == 0) be_the_program(plan);
  if (program < 0) ::_exit(kNotStarted);
  ::close(plan.trouble);
  int status = 0;
  while (::waitpid(program, &status, 0) < 0 && errno == EINTR) {
  }
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (::write(plan.ending, &code, sizeof code) == sizeof code) kill_own_group(0);
  ::_exit(code);
}

/// A guard and its group, until they are waited for.
class Group {
 public:
  explicit Group(pid_t guard) noexcept : guard_(guard) {
    ::setpgid(guard, guard);  // the guard does the same: whoever comes first
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() { end(); }

  void kill() noexcept { ::kill(-guard_, SIGKILL); }

  /// Waits for the guard and leaves nobody of the group.
  void end() noexcept {
    if (guard_ == 0) return;
    siginfo_t ended{};
    while (::waitid(P_PID, static_cast<id_t>(guard_), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    // As long as the guard is not waited for, its number is its own.
    kill();
    while (::waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
    }
    guard_ = 0;
  }

 private:
  pid_t guard_;
};

/// What the other end wrote before it was closed, if it did.
std::optional<int> number_from(const Descriptor& reader) {
  int number = 0;
  ssize_t size = 0;
  do {
    size = ::read(reader.get(), &number, sizeof number);
  } while (size < 0 && errno == EINTR);
  return size == sizeof number ? std::optional(number) : std::nullopt;
}

/// Until all who write have ended. False: not in time.
bool read_until(int descriptor, Clock::time_point until, std::string& text) {
  bool cut = false;
  std::array<char, 16384> chunk{};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
    constexpr std::chrono::milliseconds::rep kHour = 3'600'000;
    if (::poll(&waiting, 1, static_cast<int>(std::min(left, kHour))) <= 0) continue;
    const ssize_t size = ::read(descriptor, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    const std::size_t kept = std::min(kOutputMax - text.size(), static_cast<std::size_t>(size));
    cut = cut || kept < static_cast<std::size_t>(size);
    text.append(chunk.data(), kept);  // beyond the bound reading goes on, or the child would block
  }
  if (cut) text += "\n[more output was cut]\n";
  return true;
}

std::string out_of_time(const BuildLimits& limits) {
  return fmt::format("it took more than {} and was stopped; allow more with `--time`", core::duration_to_string(limits.time));
}

/// As the runtimes of C++ and LLVM say it before they give up.
std::string out_of_memory(const Finished& finished, const BuildLimits& limits) {
  if (finished.exit_code == 0) return {};
  for (const std::string_view words : {"out of memory", "std::bad_alloc", "Cannot allocate memory"}) {
    if (finished.output.find(words) == std::string::npos) continue;
    return fmt::format("it took more than {} of memory and gave up; allow more with `--memory`",
                       core::bytes_to_string(limits.memory));
  }
  return {};
}

}  // namespace

core::Result<Finished> run(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                           const BuildLimits& limits) {
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  AIRSSYS_TRY(Pipe output, make_pipe());
  AIRSSYS_TRY(Pipe trouble, make_pipe());
  AIRSSYS_TRY(Pipe ending, make_pipe());
  const Plan plan{.program = program.c_str(),
                  .words = pointers.data(),
                  .output = output.writer.get(),
                  .trouble = trouble.writer.get(),
                  .ending = ending.writer.get(),
                  .parent = ::getpid(),
                  .memory = limits.memory,
                  .cpu_seconds = kMaxThreads * static_cast<rlim_t>(limits.time.count() / 1000 + 1)};
  const Clock::time_point until = Clock::now() + limits.time;
  const pid_t guard = ::_Fork();
  if (guard == 0) be_the_guard(plan);
  if (guard < 0) return std::unexpected(os_error(fmt::format("cannot start {}", program.string()), errno));
  Group group(guard);
  output.writer.close_now();  // ours; when the others' copies are closed too, the reading ends
  trouble.writer.close_now();
  ending.writer.close_now();

  if (const auto number = number_from(trouble.reader)) {
    return std::unexpected(os_error(fmt::format("cannot start {}", program.string()), *number));
  }
  Finished finished;
  if (!read_until(output.reader.get(), until, finished.output)) {
    group.kill();
    finished.stopped = out_of_time(limits);
  }
  group.end();
  finished.exit_code = number_from(ending.reader).value_or(128 + SIGKILL);
  if (finished.stopped.empty()) finished.stopped = out_of_memory(finished, limits);
  return finished;
}

}  // namespace airssys::toolchain
