#pragma once

#include <mutex>
#include <string_view>

#include "airssys/core/error.hpp"

namespace airssys::gateways {

/// Where bytes go that leave the system.
class OutputSink {
 public:
  virtual ~OutputSink() = default;
  /// All of `bytes`, or an error after which more will fail too: `unavailable` if nobody reads any more or it was
  /// interrupted, else `io`. Any thread: what one call writes stays
  /// together.
  virtual core::Result<void> write(std::string_view bytes) = 0;
};

/// A file descriptor, borrowed. A slow reader makes `write` wait; a reader that has gone is an error, never a signal: the
/// SIGPIPE of its own write is taken back, whatever the process does about that signal.
class DescriptorSink final : public OutputSink {
 public:
  explicit DescriptorSink(int descriptor);
  ~DescriptorSink() override;
  DescriptorSink(const DescriptorSink&) = delete;
  DescriptorSink& operator=(const DescriptorSink&) = delete;

  core::Result<void> write(std::string_view bytes) override;
  /// Ends a `write` that waits, and all later ones. Any thread.
  void interrupt() noexcept;

 private:
  core::Result<void> wait_for_room() const;

  const int descriptor_;
  std::mutex mutex_;
  const int wake_;
};

}  // namespace airssys::gateways
