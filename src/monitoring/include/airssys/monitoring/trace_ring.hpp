#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "airssys/actor/observer.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/monitoring/trace.hpp"

namespace airssys::monitoring {

/// The last turns of the traces that are recorded, bounded by count and bytes; the oldest make room. Any thread.
///
/// It is told on workers of every such turn, so it must be cheap: a record costs a lock that is rarely contended, a look into a
/// table and two short copies, however many are kept. Traces are spread over several parts by their id, so that workers rarely
/// meet, and so that one trace that floods the ring pushes out an eighth of the others at most. An actor that has a quarter of
/// a full part pushes out its own oldest turns and nobody else's.
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
  /// Records in the order in which they came, and those of each actor in theirs: chains through slots of a vector that grows to
  /// its bound. So whoever has to make room is found without looking through the others.
  struct Part {
    using Place = std::uint32_t;
    static constexpr Place kNone = ~Place{0};

    struct Owner {
      Place oldest = kNone;
      Place newest = kNone;
      std::uint32_t records = 0;
    };
    /// By a hash of their address.
    using Owners = std::unordered_map<std::size_t, Owner, std::hash<std::size_t>, std::equal_to<>,
                                      core::BlockAllocator<std::pair<const std::size_t, Owner>>>;
    struct Slot {
      actor::TurnRecord record;
      Owners::value_type* owner = nullptr;
      Place older = kNone;
      Place newer = kNone;  ///< Of one that is free, the next free one.
      Place next_of_owner = kNone;
    };
    mutable std::mutex mutex;
    std::vector<Slot> slots;
    Owners owners;
    Place oldest = kNone;
    Place newest = kNone;
    Place free = kNone;
    std::size_t size = 0;
    core::Bytes bytes = 0;

    void push(const actor::TurnRecord& record, const Options& bounds);

   private:
    /// A free one, or that of a record that is taken out for it. With whatever strings were there.
    Place place_for(std::size_t owner, const Options& bounds);
    /// The oldest, or the owner's oldest if it has its share. Never the newest, if there is another.
    Place first_to_go(std::size_t owner) const;
    void link(Place place, std::size_t owner);
    /// Whose place comes first of its owner's.
    void unlink(Place place);
    void forget(Place place);
  };

  const Part& part_of(const core::TraceContext& trace) const noexcept { return parts_[trace.trace_low % kParts]; }
  std::optional<core::TraceContext> trace_of_message(core::MessageId message) const;
  std::vector<actor::TurnRecord> records_of(const core::TraceContext& trace) const;

  const Options part_bounds_;
  std::array<Part, kParts> parts_;
};

}  // namespace airssys::monitoring
