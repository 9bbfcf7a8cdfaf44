#include "limit_contradictions.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "airssys/core/units.hpp"

namespace airssys::system {
namespace {

enum class Unit : std::uint8_t { bytes, milliseconds };

/// Two limits of which the first should not be more than the second.
struct Pair {
  std::string_view small;
  std::string_view large;
  Unit unit;
  std::uint64_t (*small_of)(const core::Limits&);
  std::uint64_t (*large_of)(const core::Limits&);
  std::string_view otherwise;
};

std::uint64_t number(core::Bytes bytes) noexcept {
  return bytes;
}
std::uint64_t number(std::chrono::milliseconds time) noexcept {
  return static_cast<std::uint64_t>(time.count());
}
template <auto Member>
std::uint64_t value_of(const core::Limits& limits) {
  return number(limits.*Member);
}

using core::Limits;
constexpr std::array<Pair, 5> kPairs{{
    {"slice", "turn_cpu", Unit::milliseconds, value_of<&Limits::slice>, value_of<&Limits::turn_cpu>,
     "a turn is looked at when turn_cpu is over, and slice is without effect"},
    {"turn_cpu", "turn_wall", Unit::milliseconds, value_of<&Limits::turn_cpu>, value_of<&Limits::turn_wall>,
     "a turn is stopped when turn_wall is over, and can't use turn_cpu up"},
    {"body_bytes", "mailbox_bytes", Unit::bytes, value_of<&Limits::body_bytes>, value_of<&Limits::mailbox_bytes>,
     "a larger body than mailbox_bytes never has room, and is refused as too large"},
    {"body_bytes", "turn_bytes", Unit::bytes, value_of<&Limits::body_bytes>, value_of<&Limits::turn_bytes>,
     "it can be sent a body that it can't send on"},
    {"body_bytes", "reply_bytes", Unit::bytes, value_of<&Limits::body_bytes>, value_of<&Limits::reply_bytes>,
     "it can be sent a body that would be refused as a reply"},
}};

std::string shown(Unit unit, std::uint64_t value) {
  if (unit == Unit::bytes) return core::bytes_to_string(value);
  return core::duration_to_string(std::chrono::milliseconds(value));
}

/// Where one of the two is written; both may be in the file.
config::Place place_of(const config::SystemFile& file, const config::ActorEntry& entry, std::string_view one,
                       std::string_view other) {
  const config::Place place = config::place_of_limit(file, entry, one);
  return place == entry.component_place ? config::place_of_limit(file, entry, other) : place;
}

std::string warning_of(const config::SystemFile& file, const config::ActorEntry& entry, const Limits& limits,
                       const Pair& pair) {
  return fmt::format("{}: {} has {} = {}, more than {} = {}: {}",
                     config::to_string(place_of(file, entry, pair.small, pair.large)), entry.address.text(), pair.small,
                     shown(pair.unit, pair.small_of(limits)), pair.large, shown(pair.unit, pair.large_of(limits)),
                     pair.otherwise);
}

/// Bytes that are put into a guest's memory in one piece.
struct Piece {
  std::string_view key;
  core::Bytes Limits::* limit;
  std::optional<core::Bytes> config::LimitsPatch::* need;
  std::string_view otherwise;
};
constexpr Piece kBody{"body_bytes", &Limits::body_bytes, &config::LimitsPatch::body_bytes,
                      "larger bodies are refused as too large"};
constexpr Piece kReply{"reply_bytes", &Limits::reply_bytes, &config::LimitsPatch::reply_bytes,
                       "a larger reply ends it, out of memory"};

/// A body or a reply that its memory has no room for.
void look_at_memory(const config::SystemFile& file, const config::ActorEntry& entry, const LoadedComponent& component,
                    const Limits& limits, const Piece& piece, Contradictions& found) {
  const core::Bytes room = component.code->room_for_a_body(limits.memory);
  const core::Bytes most = limits.*piece.limit;
  if (most <= room) return;
  const std::string what =
      fmt::format("{} has {} = {}, and memory = {} leaves {} beside the {} that {} begins with", entry.address.text(),
                  piece.key, core::bytes_to_string(most), core::bytes_to_string(limits.memory), core::bytes_to_string(room),
                  core::bytes_to_string(component.code->initial_memory()), component.code->name());
  const config::Place place = place_of(file, entry, "memory", piece.key);
  const core::Bytes needed = (component.manifest.limits.*piece.need).value_or(0);
  if (needed > room) {
    found.problems.push_back(config::problem_at(place, what,
                                                fmt::format("limits.memory of at least {}, as its component needs such bodies",
                                                            core::bytes_to_string(component.code->initial_memory() + needed))));
    return;
  }
  found.warnings.push_back(fmt::format("{}: {}: {}", config::to_string(place), what, piece.otherwise));
}

/// Whether somebody wrote it, here or in the component's needs. The default is for all memories.
bool is_named(const config::SystemFile& file, const config::ActorEntry& entry, const LoadedComponent& component,
              const Piece& piece) {
  return (component.manifest.limits.*piece.need).has_value() ||
         config::place_of_limit(file, entry, piece.key) != entry.component_place;
}

}  // namespace

Contradictions contradictions(const config::SystemFile& file, const config::ActorEntry& entry, const LoadedComponent& component,
                              const core::Limits& limits) {
  Contradictions found;
  for (const Pair& pair : kPairs) {
    if (pair.small_of(limits) > pair.large_of(limits)) found.warnings.push_back(warning_of(file, entry, limits, pair));
  }
  if (component.code->initial_memory() > limits.memory) return found;  // That is a problem of its own.
  look_at_memory(file, entry, component, limits, kBody, found);
  if (is_named(file, entry, component, kReply)) look_at_memory(file, entry, component, limits, kReply, found);
  return found;
}

}  // namespace airssys::system
