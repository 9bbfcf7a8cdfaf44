#include "compiler_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "airssys/core/units.hpp"
#include "bridge_values.hpp"
#include "file.hpp"

namespace airssys::runtime {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLastWordsMax = 2048;

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// A file that has no name, with `content`, to be read from its beginning.
core::Result<Descriptor> nameless_file(std::span<const std::byte> content) {
  Descriptor file(::memfd_create("airssys-compile", MFD_CLOEXEC));
  if (!file.is_open()) return std::unexpected(os_error("can't make a file in memory for the compiler", errno));
  if (!write_all(file.get(), content)) {
    return std::unexpected(os_error("can't hand the component to the compiler", errno));
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

class SpawnActions {
 public:
  SpawnActions(int input, int output, int error) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, error, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// No signal is blocked or ignored, and a terminal's ^C is for the host: the compiler ends with it.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const noexcept { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<std::string> environment() {
  std::vector<std::string> variables{
      fmt::format("RAYON_NUM_THREADS={}", std::clamp(std::thread::hardware_concurrency(), 1U, kMaxCompilerThreads))};
  if (const char* libraries = std::getenv("LD_LIBRARY_PATH")) variables.push_back(fmt::format("LD_LIBRARY_PATH={}", libraries));
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// How a process ended, if it is known: a host that ignores SIGCHLD never learns.
std::string text_of_end(std::optional<int> status) {
  if (!status) return "unseen";
  return WIFSIGNALED(*status) ? fmt::format("by signal {}", WTERMSIG(*status))
                              : fmt::format("with exit code {}", WEXITSTATUS(*status));
}

/// A process that was started, until it is waited for; killed if nobody has.
class Process {
 public:
  explicit Process(pid_t id) noexcept : id_(id) {}
  Process(Process&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
  Process& operator=(Process&&) = delete;
  ~Process() { end(); }

  /// Whoever has ended is not touched by the signal; whoever has closed its output and stays is ended.
  std::optional<int> end() noexcept {
    if (id_ == 0) return std::nullopt;
    int status = 0;
    pid_t ended = ::waitpid(id_, &status, WNOHANG);
    if (ended == 0) {
      ::kill(id_, SIGKILL);
      do {
        ended = ::waitpid(id_, &status, 0);
      } while (ended < 0 && errno == EINTR);
    }
    id_ = 0;
    return ended > 0 ? std::optional(status) : std::nullopt;
  }

 private:
  pid_t id_;
};

struct Started {
  Process process;
  Descriptor answer;
};

core::Result<Started> start(const CompilerOptions& options, const CompilerOrder& order, int wasm, int last_words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(os_error("can't make a pipe for the compiler", errno));
  Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  std::vector<std::string> words = order.to_arguments();
  words.insert(words.begin(), options.program.string());
  std::vector<std::string> variables = environment();
  const SpawnActions actions(wasm, writer.get(), last_words);
  const SpawnAttributes attributes;
  pid_t id = 0;
  const int failure = ::posix_spawn(&id, options.program.c_str(), actions.get(), attributes.get(), pointers_to(words).data(),
                                    pointers_to(variables).data());
  if (failure == 0) return Started{Process(id), std::move(reader)};
  return std::unexpected(os_error(fmt::format("can't start the compiler {}", options.program.string()), failure));
}

enum class Reading : std::uint8_t { ended, out_of_time, too_much };

/// All of an answer until its end, within the limits.
Reading read_answer(const Descriptor& from, const CompilerOptions& options, std::vector<std::byte>& answer) {
  const Clock::time_point until = Clock::now() + options.time;
  std::vector<std::byte> chunk(std::size_t{256} << 10);
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return Reading::out_of_time;
    pollfd waiting{.fd = from.get(), .events = POLLIN, .revents = 0};
    constexpr std::chrono::milliseconds::rep kHour = 3'600'000;
    if (::poll(&waiting, 1, static_cast<int>(std::min(left, kHour))) <= 0) continue;
    const ssize_t count = ::read(from.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Reading::ended;
    if (answer.size() + static_cast<std::size_t>(count) > options.memory) return Reading::too_much;
    answer.insert(answer.end(), chunk.begin(), chunk.begin() + count);
  }
}

core::Error out_of_time(const CompilerOptions& options) {
  return runtime_error(core::ErrorCode::too_large,
                       fmt::format("compiling it took more than {} and was stopped; if you trust it, allow more with "
                                   "`compile_time` in [system], else see that no function of it is huge",
                                   core::duration_to_string(options.time)));
}

core::Error out_of_memory(const CompilerOptions& options) {
  return runtime_error(core::ErrorCode::too_large,
                       fmt::format("compiling it took more than {} of memory and was stopped; if you trust it, allow more with "
                                   "`compile_memory` in [system], else see that no function of it is huge",
                                   core::bytes_to_string(options.memory)));
}

std::string text_in(const Descriptor& file) {
  std::string text(kLastWordsMax, '\0');
  const ssize_t count = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// Of a process that ended without an answer.
core::Error untimely_end(const CompilerOptions& options, std::optional<int> status, const std::string& last_words) {
  // As the runtimes of Rust, C++ and C say it before they abort.
  for (const std::string_view words : {"memory allocation of", "std::bad_alloc", "out of memory"}) {
    if (last_words.find(words) != std::string::npos) return out_of_memory(options);
  }
  return runtime_error(core::ErrorCode::internal,
                       fmt::format("the compiler {} ended {}, without a result{}{}", options.program.string(),
                                   text_of_end(status), last_words.empty() ? "" : ": ", last_words));
}

core::Result<std::vector<std::byte>> result_of(std::vector<std::byte> answer) {
  CompilerAnswer header;
  std::memcpy(&header.kind, answer.data(), sizeof(header.kind));
  answer.erase(answer.begin(), answer.begin() + CompilerAnswer::kBytes);
  if (header.kind == 0) return answer;
  const std::string text(reinterpret_cast<const char*>(answer.data()), answer.size());
  return std::unexpected(runtime_error(static_cast<core::ErrorCode>(header.kind - 1), text));
}

bool is_whole(std::span<const std::byte> answer) {
  if (answer.size() < CompilerAnswer::kBytes) return false;
  CompilerAnswer header;
  std::memcpy(&header.size, answer.data() + sizeof(header.kind), sizeof(header.size));
  return answer.size() - CompilerAnswer::kBytes == header.size;
}

}  // namespace

std::vector<std::string> CompilerOrder::to_arguments() const {
  return {std::string(kCompilerCommand),
          std::string(name_of(engine.profile)),
          engine.signal_traps ? "signals" : "checks",
          std::to_string(engine.guest_stack),
          std::to_string(memory),
          std::to_string(time.count())};
}

std::optional<CompilerOrder> CompilerOrder::from_arguments(std::span<const std::string> arguments) {
  if (arguments.size() != 6 || arguments[0] != kCompilerCommand) return std::nullopt;
  const auto stack = number_of<core::Bytes>(arguments[3]);
  const auto memory = number_of<core::Bytes>(arguments[4]);
  const auto time = number_of<std::chrono::milliseconds::rep>(arguments[5]);
  if (!stack || !memory || !time) return std::nullopt;
  CompilerOrder order{.engine = {.guest_stack = *stack}, .memory = *memory, .time = std::chrono::milliseconds(*time)};
  order.engine.profile = arguments[1] == core::name_of(core::Profile::dense) ? core::Profile::dense : core::Profile::fast;
  order.engine.signal_traps = arguments[2] == "signals";
  // Whatever was not understood above comes out otherwise.
  if (!std::ranges::equal(order.to_arguments(), arguments)) return std::nullopt;
  return order;
}

core::Result<std::vector<std::byte>> compile_in_a_process(const EngineOptions& engine, std::span<const std::byte> wasm,
                                                          const CompilerOptions& options) {
  AIRSSYS_TRY(const Descriptor input, nameless_file(wasm));
  AIRSSYS_TRY(const Descriptor last_words, nameless_file({}));
  const CompilerOrder order{.engine = engine, .memory = options.memory, .time = options.time};
  AIRSSYS_TRY(Started started, start(options, order, input.get(), last_words.get()));
  std::vector<std::byte> answer;
  const Reading reading = read_answer(started.answer, options, answer);
  const std::optional<int> status = started.process.end();
  if (reading == Reading::out_of_time) return std::unexpected(out_of_time(options));
  if (reading == Reading::too_much) return std::unexpected(out_of_memory(options));
  if (!is_whole(answer)) return std::unexpected(untimely_end(options, status, text_in(last_words)));
  return result_of(std::move(answer));
}

}  // namespace airssys::runtime
