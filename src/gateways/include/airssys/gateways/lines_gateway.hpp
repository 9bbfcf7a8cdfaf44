#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "airssys/core/address.hpp"
#include "airssys/core/codec.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/ports/log_port.hpp"
#include "airssys/gateways/line_key.hpp"
#include "airssys/messaging/host_sender.hpp"

namespace airssys::gateways {

class KeyFinder;
class Targets;

/// How a gateway chooses among its targets.
enum class Spread : std::uint8_t {
  round_robin,   ///< One after the other.
  least_loaded,  ///< The one with the fewest messages waiting.
  hash,          ///< By the line's key: lines with the same one go to one target, in their order.
};

/// What a gateway has done so far. A value.
struct LinesStats {
  std::uint64_t lines = 0;  ///< Read, sent or not.
  std::uint64_t sent = 0;
  std::uint64_t bytes = 0;    ///< Of what was sent.
  std::uint64_t refused = 0;  ///< Not sent: too long, or nobody takes them. The log names the first of them.
  std::uint64_t waited = 0;   ///< Times a target had no room, or no target was there.
  std::uint64_t unkeyed = 0;  ///< Went by the whole line, since they have no key. The log names the first of them.
};

/// Sends each line of a file or of standard input to one of its targets, as it is: any bytes, without the line feed that ends
/// it, a carriage return kept. A last line without an end is a line. A full mailbox makes it wait, so that the source is
/// slowed down and memory stays constant. A line beyond the longest body is refused, and the rest goes on.
///
/// A target that has stopped is passed over, and tried again with a later line, once a second at most: somebody may have
/// brought it back. While all have stopped, the line in hand waits, and the source with it. They have stopped for good when
/// none of them `may_return`, or when none has returned for `patience`: then the gateway ends with `target_gone`.
///
/// Has a thread of its own from `start` to `stop`. Any thread may call it.
class LinesGateway {
 public:
  struct Options {
    std::string path = "-";  ///< "-": standard input.
    std::vector<core::Address> targets;
    Spread spread = Spread::round_robin;
    LineKey key{};  ///< Of `hash`.
    core::Codec codec = core::Codec::raw;
    core::Bytes line_bytes_max = core::Limits{}.body_bytes;
    /// Messages waiting at a target; for `least_loaded`. Called on the gateway's thread.
    std::function<std::size_t(const core::Address&)> load{};
    /// How long a line waits while no target is there.
    std::chrono::milliseconds patience = std::chrono::seconds(30);
    /// Whether one that is not there can come back; empty: it can. Called on the gateway's thread, once a second at most.
    std::function<bool(const core::Address&)> may_return{};
    /// Called once, when `finished` has become true, on the gateway's thread: to wake who waits for it. Must not block.
    std::function<void()> on_finished{};
  };

  /// `invalid`: no targets, or `least_loaded` without `load`; `not_found`, `io`: the file can't be read. `sender`, `log` and
  /// `clock` are borrowed and outlive the gateway.
  static core::Result<std::unique_ptr<LinesGateway>> start(Options options, messaging::HostSender& sender, core::LogPort& log,
                                                           const core::ClockPort& clock);
  /// What `start` would say of the path, as far as that can be known without opening it: a pipe's writer would notice.
  static core::Result<void> check_source(const std::string& path);
  LinesGateway(const LinesGateway&) = delete;
  LinesGateway& operator=(const LinesGateway&) = delete;
  /// Stops.
  ~LinesGateway();

  /// Reads no more, even if it waits for input or for room; a line in hand may be lost to the targets, and is then counted
  /// as refused. Returns when the thread has ended. Idempotent.
  void stop();
  /// The source is at its end and every line is sent or refused, or it was stopped.
  bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }
  LinesStats stats() const noexcept;
  /// Why it ended before the end of its source; nothing while all is well.
  std::optional<core::Error> trouble() const;

 private:
  class Source;
  /// Of lines that are named in the log, as one that has no key.
  void say_unkeyed();
  LinesGateway(Options options, std::unique_ptr<Source> source, messaging::HostSender& sender, core::LogPort& log,
               const core::ClockPort& clock);

  void run() noexcept;
  bool send_line(std::string_view line);
  bool deliver(const core::Payload& payload);
  bool patient_send(std::size_t target, const core::Payload& payload, std::optional<core::SendError>& failure);
  std::optional<std::size_t> choose(std::uint64_t hash);
  /// Nothing: no more lines.
  std::optional<std::size_t> choose_or_wait(std::uint64_t hash);
  bool wait_for_anybody();
  bool all_gone_for_good() const;
  void say_waiting();
  void note_here(std::size_t target);
  void note_gone(std::size_t target);
  void warn(std::string_view text);
  std::uint64_t hash_of_key(std::string_view line);
  /// Names a line whose trace is recorded, so that an operator finds it.
  void note_traced(core::MessageId id);
  void refuse(std::string_view why);
  void end_with(core::Error error);
  bool stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }

  Options options_;
  std::unique_ptr<Source> source_;
  messaging::HostSender& sender_;
  core::LogPort& log_;
  const core::ClockPort& clock_;
  std::unique_ptr<Targets> targets_;
  std::unique_ptr<KeyFinder> key_finder_;  ///< Of hash.
  bool said_waiting_ = false;              ///< Since somebody was there.
  std::atomic<bool> stopping_{false};
  std::atomic<bool> finished_{false};
  std::atomic<std::uint64_t> lines_{0};
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> waited_{0};
  std::atomic<std::uint64_t> unkeyed_{0};
  mutable std::mutex mutex_;
  std::optional<core::Error> trouble_;
  std::mutex stop_mutex_;
  std::thread thread_;
};

}  // namespace airssys::gateways
