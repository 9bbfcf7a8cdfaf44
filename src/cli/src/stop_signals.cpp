#include "stop_signals.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace airssys::cli {
namespace {

/// A signal handler is given nothing but a number, so where it writes can't be anybody's member.
std::atomic<int> signal_target{-1};

void add_one(int events) noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(events, &one, sizeof(one));
}

void on_signal(int) noexcept {
  const int code = errno;
  add_one(signal_target.load());
  errno = code;
}

}  // namespace

StopSignals::StopSignals() : events_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  signal_target.store(events_);
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &before_int_);
  sigaction(SIGTERM, &action, &before_term_);
}

StopSignals::~StopSignals() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
  signal_target.store(-1);
  close(events_);
}

void StopSignals::raise() noexcept {
  add_one(events_);
}

std::uint64_t StopSignals::wait(std::chrono::milliseconds patience) {
  pollfd wait{events_, POLLIN, 0};
  poll(&wait, 1, static_cast<int>(patience.count()));
  std::uint64_t more = 0;
  if (read(events_, &more, sizeof(more)) == sizeof(more)) count_ += more;
  return count_;
}

}  // namespace airssys::cli
