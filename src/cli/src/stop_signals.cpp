#include "stop_signals.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <limits>

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

StopSignals::StopSignals() : events_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), nudges_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  signal_target.store(events_);
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < kOrders.size(); ++i) {
    sigaction(kOrders[i], nullptr, &orders_before_[i]);
    const bool wants_to_survive = kOrders[i] == SIGHUP && orders_before_[i].sa_handler == SIG_IGN;
    if (!wants_to_survive) sigaction(kOrders[i], &action, nullptr);
  }
  action.sa_handler = SIG_IGN;
  for (std::size_t i = 0; i < kIgnored.size(); ++i) sigaction(kIgnored[i], &action, &ignored_before_[i]);
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kOrders.size(); ++i) sigaction(kOrders[i], &orders_before_[i], nullptr);
  for (std::size_t i = 0; i < kIgnored.size(); ++i) sigaction(kIgnored[i], &ignored_before_[i], nullptr);
  signal_target.store(-1);
  close(events_);
  close(nudges_);
}

void StopSignals::raise() noexcept {
  add_one(events_);
}

void StopSignals::nudge() noexcept {
  add_one(nudges_);
}

std::uint64_t StopSignals::wait(std::chrono::milliseconds patience) {
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  std::array<pollfd, 2> waits{pollfd{events_, POLLIN, 0}, pollfd{nudges_, POLLIN, 0}};
  poll(waits.data(), waits.size(), static_cast<int>(std::min<std::int64_t>(patience.count(), kMost)));
  std::uint64_t more = 0;
  if (read(nudges_, &more, sizeof(more)) == sizeof(more)) more = 0;
  if (read(events_, &more, sizeof(more)) == sizeof(more)) count_ += more;
  return count_;
}

}  // namespace airssys::cli
