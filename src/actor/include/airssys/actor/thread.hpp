#pragma once

#include <functional>
#include <memory>

#include "airssys/core/limits.hpp"

namespace airssys::actor {

/// A thread whose stack is as large as it is told. `std::thread` takes what the process inherited (`ulimit -s`), and with too
/// little of that a guest that recurses runs into the end of the host's stack before it meets its own limit: then the process
/// dies, not the guest. Made and joined by one thread; must be joined before it is destroyed.
class Thread {
 public:
  /// `body` must not throw. Throws `std::system_error` where the system has no thread or no memory for it, as `std::thread`.
  Thread(core::Bytes stack, std::function<void()> body);
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread();

  /// Blocks until it has ended. Idempotent.
  void join() noexcept;

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;  ///< Null: joined.
};

}  // namespace airssys::actor
