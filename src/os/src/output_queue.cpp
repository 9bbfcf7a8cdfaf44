#include "airssys/os/output_queue.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "airssys/core/shares.hpp"
#include "airssys/os/descriptor.hpp"

namespace airssys::os {
namespace {

/// How long a thread that was woken may take to come back before it counts as held by the kernel.
constexpr std::chrono::milliseconds kComesBack{200};
constexpr std::size_t kFileStep = std::size_t{64} << 10;
/// That the thread takes at once.
constexpr std::size_t kBatch = std::size_t{64} << 10;
/// Of memory, beside its bytes, for a text that has an owner.
constexpr std::size_t kBooks = 128;

/// A pipe with any room takes this much without blocking, so that a thread which wrote it can always be woken.
std::size_t step_of(int descriptor) noexcept {
  struct stat status{};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) ? kFileStep : std::size_t{PIPE_BUF};
}

/// No signal is this thread's to handle; that of a reader who has gone least of all.
void block_all_signals() noexcept {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

/// 0, or why nothing can ever be written there.
int defect_of(int descriptor) noexcept {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags < 0 || (flags & O_ACCMODE) == O_RDONLY ? EBADF : 0;
}

/// 0, or why nothing can be written: known before a write, of a pipe whose reader has gone.
int trouble_of(int descriptor) noexcept {
  pollfd look{descriptor, POLLOUT, 0};
  if (::poll(&look, 1, 0) <= 0) return 0;
  if ((look.revents & POLLNVAL) != 0) return EBADF;
  return (look.revents & POLLERR) != 0 ? EPIPE : 0;
}

}  // namespace

/// Shared with the thread, which may have to be left behind.
class OutputQueue::State : public std::enable_shared_from_this<State> {
 public:
  State(int descriptor, std::size_t bytes_max)
      : descriptor_(descriptor),
        bytes_max_(bytes_max),
        step_(step_of(descriptor)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        defect_(defect_of(descriptor)) {}

  Offer offer(std::string_view text, std::string_view from) {
    const std::lock_guard lock(mutex_);
    if (failure_ != 0 || ended_) return Offer::failed;
    if (!make_room(cost_of(text, from), from)) return Offer::full;
    if (waiting() == 0) {
      failure_ = defect_ != 0 ? defect_ : trouble_of(descriptor_);
      if (failure_ != 0) return Offer::failed;
    }
    if (!start()) return Offer::full;
    keep(text, from);
    work_.notify_one();
    return Offer::taken;
  }

  void when_room(std::function<void()> told) {
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      if (failure_ == 0 && taken_up() > enough()) {
        waiters_.push_back(std::move(told));
        return;
      }
    }
    told();
  }

  bool flush(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [this] { return waiting() == 0 || failure_ != 0 || ended_; });
    return waiting() == 0;
  }

  std::size_t finish(std::chrono::milliseconds patience) {
    flush(patience);
    std::unique_lock lock(mutex_);
    const bool first = !std::exchange(ended_, true);
    if (first && thread_.joinable()) {
      work_.notify_one();
      const std::uint64_t one = 1;
      [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
      if (changed_.wait_for(lock, kComesBack, [this] { return gone_; })) {
        lock.unlock();
        thread_.join();
        lock.lock();
      } else {
        thread_.detach();
      }
      waiters_.clear();
    }
    return lost_ + waiting();
  }

  int failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

  std::uint64_t take_pushed_out() noexcept { return pushed_out_.exchange(0, std::memory_order_relaxed); }

 private:
  /// One that was taken, or several of nobody's.
  struct Text {
    std::string bytes;
    bool has_owner = false;  ///< It is in `shares_`.
  };
  using Number = core::Shares::ItemNumber;

  /// Bytes that are not written yet.
  std::size_t waiting() const noexcept { return queued_ + in_hand_; }
  /// Of the room: with what it costs to keep the texts apart.
  std::size_t taken_up() const noexcept { return waiting() + owned_ * kBooks; }
  /// Below what one sender alone can fill, or who was refused would be told at once, and again.
  std::size_t enough() const noexcept { return bytes_max_ / 4; }
  static std::size_t cost_of(std::string_view text, std::string_view from) noexcept {
    return text.size() + (from.empty() ? 0 : kBooks);
  }

  /// False: there is none to be had for that one.
  bool make_room(std::size_t cost, std::string_view from) {
    const auto fits = [&] { return waiting() == 0 || (cost <= bytes_max_ && taken_up() <= bytes_max_ - cost); };
    if (fits()) return true;
    if (from.empty() || shares_.holders() == 0 || shares_.holds_most() == from) return false;
    if (waiting() - owned_bytes_ + cost > bytes_max_) return false;
    while (!fits()) push_out(shares_.first_to_go());
    return true;
  }

  void keep(std::string_view text, std::string_view from) {
    queued_ += text.size();
    if (from.empty()) {
      const bool joins = !texts_.empty() && !texts_.rbegin()->second.has_owner && texts_.rbegin()->second.bytes.size() < kBatch;
      Text& last = joins ? texts_.rbegin()->second : texts_[next_++];
      last.bytes += text;
      return;
    }
    shares_.add(next_, from, from, cost_of(text, from));
    texts_.emplace(next_++, Text{.bytes = std::string(text), .has_owner = true});
    ++owned_;
    owned_bytes_ += text.size();
  }

  /// Out of the queue, to be written or to be lost.
  std::string take_out(Number number) {
    const auto place = texts_.find(number);
    Text text = std::move(place->second);
    texts_.erase(place);
    queued_ -= text.bytes.size();
    if (text.has_owner) {
      shares_.remove(number);
      --owned_;
      owned_bytes_ -= text.bytes.size();
    }
    return std::move(text.bytes);
  }

  void push_out(Number number) {
    take_out(number);
    pushed_out_.fetch_add(1, std::memory_order_relaxed);
  }

  /// What is in hand can't make room for others any more, so it is little.
  void take_batch(std::string& batch) {
    batch.clear();
    while (!texts_.empty() && (batch.empty() || batch.size() + texts_.begin()->second.bytes.size() <= kBatch)) {
      batch += take_out(texts_.begin()->first);
    }
    in_hand_ = batch.size();
  }

  bool start() {
    if (thread_.joinable()) return true;
    try {
      thread_ = std::thread([self = shared_from_this()] { self->run(); });
    } catch (const std::exception&) {
      return false;
    }
    return true;
  }

  void run() {
    block_all_signals();
    std::string batch;
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [this] { return !texts_.empty() || ended_; });
      if (ended_) break;
      take_batch(batch);
      lock.unlock();
      const int failure = write(batch);
      lock.lock();
      if (failure != 0) fail(failure);
      tell_waiters(lock);
    }
    gone_ = true;
    changed_.notify_all();
  }

  /// 0, or why it can't be written. Also 0 when the end has come.
  int write(std::string_view text) {
    while (!text.empty()) {
      if (!wait_until_writable()) return 0;
      const ssize_t count = ::write(descriptor_, text.data(), std::min(text.size(), step_));
      if (count >= 0) {
        text.remove_prefix(static_cast<std::size_t>(count));
        wrote(static_cast<std::size_t>(count));
      } else if (errno != EINTR && errno != EAGAIN) {
        return errno;
      }
    }
    return 0;
  }

  /// False: the end has come.
  bool wait_until_writable() const noexcept {
    std::array<pollfd, 2> waits{pollfd{descriptor_, POLLOUT, 0}, pollfd{wake_.get(), POLLIN, 0}};
    while (::poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
    }
    return waits[1].revents == 0;
  }

  void wrote(std::size_t count) {
    std::unique_lock lock(mutex_);
    in_hand_ -= count;
    if (waiting() == 0) changed_.notify_all();
    tell_waiters(lock);
  }

  void fail(int failure) {
    failure_ = failure;
    lost_ += waiting();
    in_hand_ = 0;
    queued_ = 0;
    owned_ = 0;
    owned_bytes_ = 0;
    texts_.clear();
    shares_.clear();
    changed_.notify_all();
  }

  void tell_waiters(std::unique_lock<std::mutex>& lock) {
    if (waiters_.empty() || ended_ || (failure_ == 0 && taken_up() > enough())) return;
    const std::vector<std::function<void()>> waiters = std::exchange(waiters_, {});
    lock.unlock();
    for (const auto& told : waiters) told();
    lock.lock();
  }

  const int descriptor_;
  const std::size_t bytes_max_;
  const std::size_t step_;
  const Descriptor wake_;
  const int defect_;
  mutable std::mutex mutex_;
  std::condition_variable work_;     ///< For the thread.
  std::condition_variable changed_;  ///< For those who wait for it.
  std::map<Number, Text> texts_;     ///< In their order.
  core::Shares shares_;              ///< Who has how much of these.
  Number next_ = 1;
  std::size_t queued_ = 0;       ///< Bytes of these.
  std::size_t owned_ = 0;        ///< Those with an owner.
  std::size_t owned_bytes_ = 0;  ///< Likewise.
  std::size_t in_hand_ = 0;      ///< Of what the thread has taken: not written yet.
  std::size_t lost_ = 0;         ///< Taken, and never to be written.
  std::atomic<std::uint64_t> pushed_out_{0};
  std::vector<std::function<void()>> waiters_;
  int failure_ = 0;     ///< An errno, once nothing can be written any more.
  bool ended_ = false;  ///< Nothing is taken any more.
  bool gone_ = false;   ///< The thread has come to its end.
  std::thread thread_;
};

OutputQueue::OutputQueue(int descriptor, std::size_t bytes_max) : state_(std::make_shared<State>(descriptor, bytes_max)) {}

OutputQueue::~OutputQueue() {
  state_->finish({});
}

OutputQueue::Offer OutputQueue::offer(std::string_view text, std::string_view from) {
  return state_->offer(text, from);
}

void OutputQueue::when_room(std::function<void()> told) {
  state_->when_room(std::move(told));
}

bool OutputQueue::flush(std::chrono::milliseconds patience) {
  return state_->flush(patience);
}

std::size_t OutputQueue::finish(std::chrono::milliseconds patience) {
  return state_->finish(patience);
}

std::uint64_t OutputQueue::take_pushed_out() noexcept {
  return state_->take_pushed_out();
}

int OutputQueue::failure() const {
  return state_->failure();
}

}  // namespace airssys::os
