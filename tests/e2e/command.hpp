#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace airssys::e2e {

/// A folder of its own for one test, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "airssys-e2e-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  std::string write(std::string_view name, std::string_view text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { reset(); }
  void reset() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }
  int get() const noexcept { return number_; }

 private:
  int number_;
};

/// One `airssys`, from its start to its end; killed if it is still there at the end of its scope.
class Command {
 public:
  struct Limit {
    __rlimit_resource_t resource;
    rlim_t most;
  };
  struct Options {
    std::string input{};                     ///< What standard input holds, then its end.
    bool keep_input_open = false;            ///< Instead of its end: `type`, until `end_input`.
    std::filesystem::path folder{};          ///< Where it runs.
    int output = -1;                         ///< Instead of a file that `out` reads.
    int error = -1;                          ///< Instead of one that `err` reads.
    std::vector<int> closed{};               ///< Of 0 to 2, those that it does not have.
    std::vector<Limit> limits{};             ///< What it may have.
    int blocked = 0;                         ///< A signal that its parent had blocked.
    int ignored = 0;                         ///< A signal that it is to ignore, as `nohup` has it.
    std::vector<std::string> environment{};  ///< "NAME=value" beside the test's own.
  };
  struct Result {
    int code = -1;  ///< The exit code; 128 and the signal, if one ended it.
    std::string out;
    std::string err;
    long peak_kib = 0;  ///< The most memory it had at a time.
  };

  explicit Command(std::vector<std::string> arguments) : Command(std::move(arguments), Options{}) {}
  Command(std::vector<std::string> arguments, const Options& options) {
    arguments.insert(arguments.begin(), AIRSSYS_COMMAND);
    std::array<int, 2> input{};
    EXPECT_EQ(pipe2(input.data(), O_CLOEXEC), 0);
    const Descriptor read_end(input[0]);
    input_ = Descriptor(input[1]);
    const Descriptor out(open((files_ / "out").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    const Descriptor err(open((files_ / "err").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    process_ = fork();
    if (process_ == 0) {
      dup2(read_end.get(), 0);
      dup2(options.output >= 0 ? options.output : out.get(), 1);
      dup2(options.error >= 0 ? options.error : err.get(), 2);
      for (const int number : options.closed) close(number);
      if (!options.folder.empty() && chdir(options.folder.c_str()) != 0) _exit(126);
      for (const std::string& variable : options.environment) putenv(const_cast<char*>(variable.c_str()));
      std::signal(SIGPIPE, SIG_DFL);
      for (const Limit& limit : options.limits) {
        const rlimit most{limit.most, limit.most};
        setrlimit(limit.resource, &most);
      }
      if (options.blocked != 0) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, options.blocked);
        sigprocmask(SIG_BLOCK, &set, nullptr);
      }
      if (options.ignored != 0) std::signal(options.ignored, SIG_IGN);
      execv(words[0], words.data());
      _exit(127);
    }
    type(options.input);
    if (!options.keep_input_open) end_input();
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  ~Command() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  pid_t process() const noexcept { return process_; }
  void type(std::string_view text) {
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    while (!text.empty()) {
      const ssize_t written = ::write(input_.get(), text.data(), text.size());
      if (written < 0) break;  // It reads no more.
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    std::signal(SIGPIPE, before);
  }
  void end_input() { input_.reset(); }
  void signal(int number) const { kill(process_, number); }
  std::string out() const { return read_all(files_ / "out"); }
  std::string err() const { return read_all(files_ / "err"); }

  /// Until standard error holds `text`. Whether it did within 60 s.
  bool says(std::string_view text) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (err().find(text) == std::string::npos) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  /// Waits for its end, at most two minutes.
  Result end() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    int status = 0;
    rusage used{};
    while (wait4(process_, &status, WNOHANG, &used) == 0) {
      if (std::chrono::steady_clock::now() > until) {
        ADD_FAILURE() << "it does not end; it said: " << err();
        return {};
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    process_ = 0;
    return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            .out = out(),
            .err = err(),
            .peak_kib = used.ru_maxrss};
  }

 private:
  Folder files_;
  Descriptor input_;
  pid_t process_ = 0;
};

inline Command::Result run(std::vector<std::string> arguments, const Command::Options& options = {}) {
  return Command(std::move(arguments), options).end();
}

/// A pipe whose reader has gone.
inline Descriptor closed_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  close(ends[0]);
  return Descriptor(ends[1]);
}

inline std::string guest(std::string_view name) {
  return std::string(AIRSSYS_BUILT_GUESTS) + "/" + std::string(name);
}

/// A system with one actor of each of the guests named: demo/<name>/1.
inline std::string system_of(std::initializer_list<std::string_view> names) {
  std::string text = "[system]\nname = \"demo\"\n";
  for (const std::string_view name : names) {
    text += "[[actor]]\naddress = \"demo/" + std::string(name) + "/1\"\ncomponent = \"" + guest(name) + "\"\n";
  }
  return text;
}

}  // namespace airssys::e2e
