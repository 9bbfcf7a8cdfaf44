#include "child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

extern char** environ;

namespace airssys::bench {
namespace {

core::Error failure(core::ErrorCode code, std::string_view name, std::string_view what) {
  return {code, "bench", fmt::format("{}: {}", name, what)};
}

/// Both ends of a pipe, closed unless taken. A child inherits only what is duplicated for it.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    for (const int end : ends_) {
      if (end >= 0) ::close(end);
    }
  }

  bool is_open() const noexcept { return ends_[0] >= 0; }
  int reader() const noexcept { return ends_[0]; }
  int writer() const noexcept { return ends_[1]; }
  int take_reader() noexcept { return std::exchange(ends_[0], -1); }
  int take_writer() noexcept { return std::exchange(ends_[1], -1); }

 private:
  std::array<int, 2> ends_{-1, -1};
};

core::Result<Child::Answer> parse(std::string_view name, std::string_view line) {
  Child::Answer answer;
  const char* const end = line.data() + line.size();
  const auto value = std::from_chars(line.data(), end, answer.value);
  if (value.ec == std::errc{} && value.ptr != end && *value.ptr == ' ' &&
      std::from_chars(value.ptr + 1, end, answer.result).ptr == end) {
    return answer;
  }
  return std::unexpected(failure(core::ErrorCode::invalid, name, fmt::format("answered \"{}\", expected two numbers", line)));
}

}  // namespace

core::Result<std::unique_ptr<Child>> Child::start(std::vector<std::string> command, int speaks_on) {
  Pipe in;
  Pipe out;
  if (!in.is_open() || !out.is_open()) return std::unexpected(failure(core::ErrorCode::io, command[0], std::strerror(errno)));
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.reader(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.writer(), speaks_on);
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  pid_t process = 0;
  const int failed = ::posix_spawnp(&process, words[0], &actions, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return std::unexpected(failure(core::ErrorCode::io, command[0], std::strerror(failed)));
  return std::unique_ptr<Child>(
      new Child(fmt::format("{}", fmt::join(command, " ")), process, in.take_writer(), out.take_reader()));
}

Child::~Child() {
  finish();
}

void Child::finish(std::chrono::seconds patience) {
  if (process_ == 0) return;
  ::close(to_);
  constexpr std::chrono::milliseconds kLook{5};
  const auto until = std::chrono::steady_clock::now() + patience;
  while (::waitpid(process_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > until) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
      break;
    }
    std::this_thread::sleep_for(kLook);
  }
  ::close(from_);
  process_ = 0;
}

core::Result<Child::Answer> Child::ask(std::chrono::seconds patience) {
  // A child that has died must not take this process with it: the answer's absence tells.
  ::signal(SIGPIPE, SIG_IGN);
  if (::write(to_, "go\n", 3) != 3) return std::unexpected(failure(core::ErrorCode::io, name_, "has ended"));
  AIRSSYS_TRY(const std::string answer, line(patience));
  return parse(name_, answer);
}

core::Result<std::string> Child::line(std::chrono::seconds patience) {
  std::string line;
  const auto until = std::chrono::steady_clock::now() + patience;
  for (char next = 0; next != '\n';) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd waiting{.fd = from_, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
      return std::unexpected(failure(core::ErrorCode::timeout, name_, "no answer in time"));
    }
    if (::read(from_, &next, 1) != 1) return std::unexpected(failure(core::ErrorCode::io, name_, "ended without an answer"));
    if (next != '\n') line += next;
  }
  return line;
}

}  // namespace airssys::bench
