#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "airssys/core/error.hpp"

namespace airssys::bench {

/// A process that measures when it is asked: a peer, or this program again where a measurement needs a process of its own.
/// It is asked by a line on its standard input and answers with a line of two numbers, what was measured and what came out.
/// It ends when its input does.
class Child {
 public:
  struct Answer {
    double value = 0;          ///< In the child's unit.
    std::uint64_t result = 0;  ///< What the work came to, for whoever asked to check.
  };

  /// `command`: the program, by its path or its name in PATH, and its arguments. `speaks_on`: the descriptor that is read.
  static core::Result<std::unique_ptr<Child>> start(std::vector<std::string> command, int speaks_on = 1);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  /// One batch. `timeout`: no answer in time; the child is of no use then.
  core::Result<Answer> ask(std::chrono::seconds patience = kPatience);
  /// What it says next, unasked.
  core::Result<std::string> line(std::chrono::seconds patience = kPatience);

  pid_t process() const noexcept { return process_; }
  /// Ends its input and waits for its end; when that does not come, it is killed.
  void finish(std::chrono::seconds patience = std::chrono::seconds(2));

  static constexpr std::chrono::seconds kPatience{120};

 private:
  Child(std::string name, pid_t process, int to, int from) : name_(std::move(name)), process_(process), to_(to), from_(from) {}

  std::string name_;
  pid_t process_;
  int to_;
  int from_;
};

}  // namespace airssys::bench
