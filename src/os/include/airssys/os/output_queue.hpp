#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace airssys::os {

/// Texts for a file descriptor whose reader may be slow, stuck or gone: a thread of its own writes them in order, so that who
/// has something to say never waits. Bounded: what finds no room is refused, and who was refused can be told of room. A text is
/// taken whole or not at all. Any thread.
///
/// A thread that the kernel holds in a write can't be ended: it is left behind, and ends with the process.
class OutputQueue {
 public:
  static constexpr std::size_t kUsualBytes = std::size_t{1} << 20;
  enum class Offer {
    taken,   ///< It will be written, unless writing fails or the end comes first.
    full,    ///< No room now.
    failed,  ///< Nothing can be written any more.
  };

  /// `descriptor` is borrowed, for as long as the process lives. At most `bytes_max` wait, and one text of any size.
  explicit OutputQueue(int descriptor, std::size_t bytes_max = kUsualBytes);
  OutputQueue(const OutputQueue&) = delete;
  OutputQueue& operator=(const OutputQueue&) = delete;
  /// `finish`, without patience.
  ~OutputQueue();

  /// `from`: whose it is, of several who share the queue. Where there is no room, the oldest texts of whoever has most in it
  /// make some, so that however many flood it, who says little is heard; whoever has most himself is refused. Empty:
  /// nobody's; it pushes out none, and none pushes it out.
  Offer offer(std::string_view text, std::string_view from = {});
  /// How many texts have made room for others since the last call. Any thread, waits for nobody.
  std::uint64_t take_pushed_out() noexcept;
  /// Calls `told` once, when three quarters of the room are free or nothing can be written any more: at once, or later on the
  /// thread that writes. It may offer, and must not wait.
  void when_room(std::function<void()> told);
  /// Waits until nothing that was taken is left to write: it is written, or lost. False: the time is over.
  bool flush(std::chrono::milliseconds patience);
  /// `flush`, then nothing is taken any more and nobody is told. Returns how many bytes were not written. Idempotent.
  std::size_t finish(std::chrono::milliseconds patience);
  /// Why nothing can be written any more: an errno. 0: all is well.
  int failure() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace airssys::os
