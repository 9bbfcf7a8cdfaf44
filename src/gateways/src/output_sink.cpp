#include "airssys/gateways/output_sink.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <system_error>

namespace airssys::gateways {
namespace {

/// While it lives, a SIGPIPE that this thread causes goes nowhere.
class PipeSignalGuard {
 public:
  PipeSignalGuard() {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeSignalGuard() {
    const timespec now{};
    if (caused_ && !was_pending_) sigtimedwait(&pipe_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalGuard(const PipeSignalGuard&) = delete;
  PipeSignalGuard& operator=(const PipeSignalGuard&) = delete;

  void note_broken_pipe() noexcept { caused_ = true; }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
  bool caused_ = false;
};

core::Error closed() {
  return {core::ErrorCode::unavailable, "gateways", "nobody reads the output any more"};
}

core::Error failed(int code) {
  return {core::ErrorCode::io, "gateways", fmt::format("can't write the output: {}", std::generic_category().message(code))};
}

}  // namespace

DescriptorSink::DescriptorSink(int descriptor) : descriptor_(descriptor), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

DescriptorSink::~DescriptorSink() {
  if (wake_ >= 0) close(wake_);
}

void DescriptorSink::interrupt() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof(one));
}

core::Result<void> DescriptorSink::wait_for_room() const {
  std::array<pollfd, 2> waits{pollfd{descriptor_, POLLOUT, 0}, pollfd{wake_, POLLIN, 0}};
  while (poll(waits.data(), waits.size(), -1) < 0) {
    if (errno != EINTR) return std::unexpected(failed(errno));
  }
  if (waits[1].revents != 0) {
    return std::unexpected(core::Error(core::ErrorCode::unavailable, "gateways", "the output was interrupted"));
  }
  return {};
}

core::Result<void> DescriptorSink::write(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  PipeSignalGuard guard;
  while (!bytes.empty()) {
    AIRSSYS_TRY(wait_for_room());
    // A pipe with any room takes this much without blocking, so `interrupt` is never kept waiting.
    const std::size_t part = std::min<std::size_t>(bytes.size(), PIPE_BUF);
    const ssize_t written = ::write(descriptor_, bytes.data(), part);
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      guard.note_broken_pipe();
      return std::unexpected(closed());
    } else if (errno != EINTR && errno != EAGAIN) {
      return std::unexpected(failed(errno));
    }
  }
  return {};
}

}  // namespace airssys::gateways
