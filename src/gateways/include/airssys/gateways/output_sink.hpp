#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "airssys/core/error.hpp"
#include "airssys/os/output_queue.hpp"

namespace airssys::gateways {

/// Where bytes go that leave the system. Any thread; nothing here waits for a reader.
class OutputSink {
 public:
  virtual ~OutputSink() = default;
  /// Takes all of `bytes`, which stay together, or none. `busy`: there is no room now. Otherwise more will fail, too:
  /// `unavailable` if nobody reads any more or it was ended, else `io`.
  virtual core::Result<void> write(std::string_view bytes) = 0;
  /// Calls `told` once, on any thread, when there may be room after `busy`, or no hope of any.
  virtual void when_room(std::function<void()> told) = 0;
};

/// A file descriptor, borrowed for as long as the process lives. A thread of its own writes what is taken; a reader that has
/// gone is an error, never a signal.
class DescriptorSink final : public OutputSink {
 public:
  /// As much again as a pipe holds: what is taken and not read yet should be little.
  static constexpr std::size_t kBytesMax = std::size_t{64} << 10;
  explicit DescriptorSink(int descriptor, std::size_t bytes_max = kBytesMax) : queue_(descriptor, bytes_max) {}

  core::Result<void> write(std::string_view bytes) override;
  void when_room(std::function<void()> told) override { queue_.when_room(std::move(told)); }
  /// Waits until nothing that was taken is left to write: it is written, or lost. False: the time is over.
  bool flush(std::chrono::milliseconds patience) { return queue_.flush(patience); }
  /// `flush`, and takes no more. Returns how many bytes of what was taken are lost.
  std::size_t finish(std::chrono::milliseconds patience) { return queue_.finish(patience); }
  /// Why nothing can be written any more; nothing while all is well.
  std::optional<core::Error> trouble() const;

 private:
  os::OutputQueue queue_;
};

}  // namespace airssys::gateways
