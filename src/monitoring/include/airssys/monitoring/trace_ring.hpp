#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "airssys/actor/observer.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/monitoring/trace.hpp"

namespace airssys::monitoring {

/// The last turns of the traces that are recorded, bounded by count and bytes; the oldest make room. Any thread.
///
/// It is told on workers of every such turn, so it must be cheap: a record costs a lock that is rarely contended and two short
/// copies, no allocation once it is full. Traces are spread over several parts by their id, so that workers rarely meet, and so
/// that one trace that floods the ring pushes out an eighth of the others at most. An actor that has a quarter of a full part
/// pushes out its own oldest turns and nobody else's.
class TraceRing final : public actor::TraceSink {
 public:
  static constexpr std::size_t kParts = 8;
  static constexpr std::size_t kShareOfPart = 4;
  struct Options {
    std::size_t turns_max = 16'384;
    core::Bytes bytes_max = core::Bytes{8} << 20;
  };

  TraceRing() : TraceRing(Options{}) {}
  explicit TraceRing(Options options);

  void turn(const actor::TurnRecord& record) noexcept override;

  /// The tree of a trace: by its id (32 hexadecimal digits), a traceparent, or the id of a message (a decimal number) of whose
  /// trace anything is kept. `invalid`: none of the three; `not_found`.
  core::Result<Trace> find(std::string_view id) const;

  /// The traces of which anything is kept, at most `most` and at most `kMostListed`: those whose last turn came last, first.
  std::vector<TraceSummary> latest(std::size_t most) const;
  static constexpr std::size_t kMostListed = 1000;

  std::size_t size() const;

 private:
  /// A ring in a vector that grows to its bound: the oldest record is at `begin`.
  struct Part {
    struct Slot {
      actor::TurnRecord record;
      std::size_t owner = 0;       ///< A hash of the actor's address.
      std::uint64_t sequence = 0;  ///< In the order in which they came.
    };
    mutable std::mutex mutex;
    std::vector<Slot> slots;
    std::size_t begin = 0;
    std::size_t size = 0;
    core::Bytes bytes = 0;
    std::uint64_t sequence = 0;

    const actor::TurnRecord& at(std::size_t index) const { return slots[(begin + index) % slots.size()].record; }
    void push(const actor::TurnRecord& record, const Options& bounds);
    /// Where the next record goes: a free place, else that of the oldest, or of the owner's oldest if it has its share.
    std::size_t place_for(std::size_t owner);
    void pop() noexcept;
  };

  const Part& part_of(const core::TraceContext& trace) const noexcept { return parts_[trace.trace_low % kParts]; }
  std::optional<core::TraceContext> trace_of_message(core::MessageId message) const;
  std::vector<actor::TurnRecord> records_of(const core::TraceContext& trace) const;

  const Options part_bounds_;
  std::array<Part, kParts> parts_;
};

}  // namespace airssys::monitoring
