#include "subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace airssys::toolchain {

namespace {

constexpr std::size_t kOutputMax = 256 * 1024;

core::Error os_error(std::string_view what, int number) {
  return {core::ErrorCode::io, "toolchain", fmt::format("{}: {}", what, std::generic_category().message(number))};
}

class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close_now(); }
  int get() const noexcept { return number_; }
  void close_now() noexcept {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

/// Both outputs into one pipe, input from nowhere.
class SpawnActions {
 public:
  explicit SpawnActions(int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// Signal masks are inherited: a caller that blocks SIGINT must not make the compiler deaf to it.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const noexcept { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::string read_all(int descriptor) {
  std::string text;
  bool cut = false;
  std::array<char, 16384> chunk{};
  while (true) {
    const ssize_t size = ::read(descriptor, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    const std::size_t kept = std::min(kOutputMax - text.size(), static_cast<std::size_t>(size));
    cut = cut || kept < static_cast<std::size_t>(size);
    text.append(chunk.data(), kept);  // beyond the bound reading goes on, or the child would block
  }
  if (cut) text += "\n[more output was cut]\n";
  return text;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

core::Result<pid_t> spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments, int output) {
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  const SpawnActions actions(output);
  const SpawnAttributes attributes;
  pid_t child = 0;
  const int failure = ::posix_spawn(&child, program.c_str(), actions.get(), attributes.get(), pointers.data(), environ);
  if (failure != 0) return std::unexpected(os_error(fmt::format("cannot start {}", program.string()), failure));
  return child;
}

}  // namespace

core::Result<Finished> run(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(os_error("cannot make a pipe", errno));
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  AIRSSYS_TRY(const pid_t child, spawn(program, arguments, writer.get()));
  writer.close_now();  // ours; when the child's copies are closed too, the reading ends

  Finished finished;
  finished.output = read_all(reader.get());
  finished.exit_code = wait_for(child);
  return finished;
}

}  // namespace airssys::toolchain
