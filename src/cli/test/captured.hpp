#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "airssys/cli/command_line.hpp"

namespace airssys::cli::testing {

/// A folder of its own for one test, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "airssys-cli-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this / name;
  }

 private:
  std::filesystem::path path_;
};

/// A file in memory, to be a descriptor of a command.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text = {}) : number_(memfd_create("test", MFD_CLOEXEC)) {
    if (write(number_, text.data(), text.size()) < 0) throw std::runtime_error("no memory file can be made");
    lseek(number_, 0, SEEK_SET);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(number_); }
  int get() const noexcept { return number_; }
  std::string text() const {
    std::string all;
    std::array<char, 4096> chunk{};
    for (ssize_t size = 0; (size = pread(number_, chunk.data(), chunk.size(), static_cast<off_t>(all.size()))) > 0;) {
      all.append(chunk.data(), static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  int number_;
};

/// A terminal to write to, and what it was told.
class Terminal {
 public:
  Terminal() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (grantpt(master_) != 0 || unlockpt(master_) != 0) throw std::runtime_error("no terminal can be made");
    number_ = open(ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios settings{};
    tcgetattr(number_, &settings);
    cfmakeraw(&settings);
    tcsetattr(number_, TCSANOW, &settings);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    close(number_);
    close(master_);
  }
  int get() const noexcept { return number_; }
  /// What came since the last time.
  std::string text() const {
    std::string all;
    std::array<char, 4096> chunk{};
    pollfd wait{master_, POLLIN, 0};
    while (poll(&wait, 1, 0) == 1) {
      const ssize_t size = read(master_, chunk.data(), chunk.size());
      if (size <= 0) break;
      all.append(chunk.data(), static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  int master_;
  int number_ = -1;
};

struct Captured {
  int code = -1;
  std::string out;
  std::string err;
};

/// Runs a command in this process.
inline Captured airssys(std::vector<std::string> arguments, std::string_view input = {}) {
  const MemoryFile in(input);
  const MemoryFile out;
  const MemoryFile err;
  const int code = run_command_line(std::move(arguments), {.in = in.get(), .out = out.get(), .err = err.get()});
  return {.code = code, .out = out.text(), .err = err.text()};
}

}  // namespace airssys::cli::testing
