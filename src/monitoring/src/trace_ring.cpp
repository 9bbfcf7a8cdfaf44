#include "airssys/monitoring/trace_ring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "airssys/core/quoted.hpp"

namespace airssys::monitoring {
namespace {

constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kTraceparentBytes = 55;
/// A record, its owner and its place in the chains.
constexpr core::Bytes kSlotBytes = sizeof(actor::TurnRecord) + sizeof(void*) + 4 * sizeof(std::uint32_t);
/// An entry of the table of owners, about.
constexpr core::Bytes kOwnerBytes = 48;

core::Bytes bytes_of(const actor::TurnRecord& record) noexcept {
  return kSlotBytes + record.actor.capacity() + record.sender.capacity();
}

std::optional<std::uint64_t> number_from(std::string_view digits, int base) {
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, fault] = std::from_chars(digits.data(), end, number, base);
  if (fault != std::errc{} || stop != end) return std::nullopt;
  return number;
}

/// Of 32 hexadecimal digits, or of a traceparent: `00-<32 digits>-<16 digits>-01`.
std::optional<core::TraceContext> trace_from(std::string_view id) {
  if (id.size() == kTraceparentBytes && id[2] == '-' && id[35] == '-') id = id.substr(3, kTraceDigits);
  if (id.size() != kTraceDigits) return std::nullopt;
  const auto high = number_from(id.substr(0, kTraceDigits / 2), 16);
  const auto low = number_from(id.substr(kTraceDigits / 2), 16);
  if (!high || !low) return std::nullopt;
  return core::TraceContext{.trace_high = *high, .trace_low = *low, .span = 0};
}

/// Places take half of the bytes at most, so that the other half is for what is in them.
TraceRing::Options bounds_of_a_part(const TraceRing::Options& all) {
  const core::Bytes bytes = all.bytes_max / TraceRing::kParts;
  const std::size_t fitting = bytes / 2 / kSlotBytes;
  return {.turns_max = std::max<std::size_t>(1, std::min(all.turns_max / TraceRing::kParts, fitting)), .bytes_max = bytes};
}

core::Error not_kept(std::string_view id) {
  return {
      core::ErrorCode::not_found, "monitoring",
      fmt::format("no turn of {} is kept: nothing of it has ended yet, it is not recorded, or newer ones pushed it out", id)};
}

}  // namespace

TraceRing::TraceRing(Options options) : part_bounds_(bounds_of_a_part(options)) {}

void TraceRing::Part::push(const actor::TurnRecord& record, const Options& bounds) {
  const std::size_t owner = std::hash<std::string>{}(record.actor);
  const Place place = place_for(owner, bounds);
  Slot& slot = slots[place];
  bytes -= bytes_of(slot.record);
  // Assigned, not moved in: the strings of the record that was here have the room.
  slot.record = record;
  bytes += bytes_of(slot.record);
  link(place, owner);
  while (bytes > bounds.bytes_max && size > 1) forget(first_to_go(owner));
}

TraceRing::Part::Place TraceRing::Part::place_for(std::size_t owner, const Options& bounds) {
  if (free != kNone) return std::exchange(free, slots[free].newer);
  if (slots.size() < bounds.turns_max) {
    slots.emplace_back();
    bytes += bytes_of(slots.back().record);
    return static_cast<Place>(slots.size() - 1);
  }
  const Place place = first_to_go(owner);
  unlink(place);
  return place;
}

TraceRing::Part::Place TraceRing::Part::first_to_go(std::size_t owner) const {
  const auto found = owners.find(owner);
  if (found == owners.end() || found->second.oldest == newest) return oldest;
  return found->second.records >= std::max<std::size_t>(1, size / kShareOfPart) ? found->second.oldest : oldest;
}

void TraceRing::Part::link(Place place, std::size_t owner) {
  const auto [entry, is_new] = owners.try_emplace(owner);
  if (is_new) bytes += kOwnerBytes;
  Owner& own = entry->second;
  Slot& slot = slots[place];
  slot.owner = &*entry;
  slot.older = newest;
  slot.newer = slot.next_of_owner = kNone;
  (newest == kNone ? oldest : slots[newest].newer) = place;
  newest = place;
  (own.newest == kNone ? own.oldest : slots[own.newest].next_of_owner) = place;
  own.newest = place;
  ++own.records;
  ++size;
}

void TraceRing::Part::unlink(Place place) {
  const Slot& slot = slots[place];
  (slot.older == kNone ? oldest : slots[slot.older].newer) = slot.newer;
  (slot.newer == kNone ? newest : slots[slot.newer].older) = slot.older;
  --size;
  Owner& own = slot.owner->second;
  own.oldest = slot.next_of_owner;
  if (--own.records > 0) return;
  bytes -= kOwnerBytes;
  const std::size_t owner = slot.owner->first;
  owners.erase(owner);
}

void TraceRing::Part::forget(Place place) {
  unlink(place);
  Slot& slot = slots[place];
  bytes -= bytes_of(slot.record);
  // An assignment would keep the room that they have.
  std::string().swap(slot.record.actor);
  std::string().swap(slot.record.sender);
  bytes += bytes_of(slot.record);
  slot.newer = std::exchange(free, place);
}

void TraceRing::turn(const actor::TurnRecord& record) noexcept {
  Part& part = parts_[record.trace.trace_low % kParts];
  const std::lock_guard lock(part.mutex);
  part.push(record, part_bounds_);
}

std::optional<core::TraceContext> TraceRing::trace_of_message(core::MessageId message) const {
  for (const Part& part : parts_) {
    const std::lock_guard lock(part.mutex);
    for (Part::Place i = part.newest; i != Part::kNone; i = part.slots[i].older) {
      const actor::TurnRecord& record = part.slots[i].record;
      if (record.message == message) return record.trace;
    }
  }
  return std::nullopt;
}

std::vector<actor::TurnRecord> TraceRing::records_of(const core::TraceContext& trace) const {
  std::vector<actor::TurnRecord> records;
  const Part& part = part_of(trace);
  const std::lock_guard lock(part.mutex);
  for (Part::Place i = part.oldest; i != Part::kNone; i = part.slots[i].newer) {
    const actor::TurnRecord& record = part.slots[i].record;
    if (record.trace.is_same_trace(trace)) records.push_back(record);
  }
  return records;
}

core::Result<Trace> TraceRing::find(std::string_view id) const {
  std::optional<core::TraceContext> trace = trace_from(id);
  std::string what = fmt::format("trace {}", id);
  if (!trace) {
    const auto message = number_from(id, 10);
    if (!message || *message == 0) {
      return std::unexpected(core::Error(core::ErrorCode::invalid, "monitoring",
                                         fmt::format("{} is no trace; expected its 32 hexadecimal digits, a traceparent, or a "
                                                     "message's number",
                                                     core::quoted(id))));
    }
    what = fmt::format("message {}", *message);
    trace = trace_of_message(core::MessageId{*message});
    if (!trace) return std::unexpected(not_kept(what));
  }
  Trace found = trace_of(records_of(*trace));
  if (found.turns.empty()) return std::unexpected(not_kept(what));
  return found;
}

namespace {

/// What is known of one trace so far, from its last turn backwards.
struct Found {
  TraceSummary summary;
  core::MonotonicTime end{};
  core::MonotonicTime start{};
};

void look_at(const actor::TurnRecord& record, Found& found) {
  TraceSummary& summary = found.summary;
  const bool first_seen = summary.turns++ == 0;
  if (first_seen) found.end = record.start + record.duration;
  if (record.outcome != "ok" && (first_seen || summary.outcome == "ok")) {
    summary.outcome = record.outcome;
  } else if (first_seen) {
    summary.outcome = "ok";
  }
  if (!first_seen && record.start > found.start) return;
  found.start = record.start;
  summary.start_ms = record.start_ms;
  summary.actor = record.actor;
  summary.turn = record.turn;
  summary.message = core::to_number(record.message);
  summary.sender = record.sender;
}

}  // namespace

std::vector<TraceSummary> TraceRing::latest(std::size_t most) const {
  std::vector<Found> all;
  for (const Part& part : parts_) {
    std::map<std::pair<std::uint64_t, std::uint64_t>, Found> found;
    const std::lock_guard lock(part.mutex);
    for (Part::Place i = part.newest; i != Part::kNone; i = part.slots[i].older) {
      const actor::TurnRecord& record = part.slots[i].record;
      look_at(record, found[{record.trace.trace_high, record.trace.trace_low}]);
    }
    for (auto& [id, one] : found) {
      one.summary.id = fmt::format("{:016x}{:016x}", id.first, id.second);
      all.push_back(std::move(one));
    }
  }
  std::ranges::sort(all, std::ranges::greater(), &Found::end);
  all.resize(std::min({all.size(), most, kMostListed}));
  std::vector<TraceSummary> latest;
  for (Found& one : all) latest.push_back(std::move(one.summary));
  return latest;
}

std::size_t TraceRing::size() const {
  std::size_t size = 0;
  for (const Part& part : parts_) {
    const std::lock_guard lock(part.mutex);
    size += part.size;
  }
  return size;
}

}  // namespace airssys::monitoring
