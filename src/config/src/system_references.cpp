#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <ranges>

#include "airssys/config/nearest.hpp"
#include "airssys/config/overlap.hpp"
#include "airssys/core/quoted.hpp"
#include "system_tables.hpp"

namespace airssys::config {
namespace {

using Supervisors = std::map<std::string_view, const SupervisorEntry*>;

/// By name; a name that is there twice is a problem.
Supervisors known_supervisors(const SystemFile& system, Problems& problems) {
  Supervisors known;
  for (const SupervisorEntry& supervisor : system.supervisors) {
    const auto [first, is_new] = known.emplace(supervisor.name, &supervisor);
    if (is_new) continue;
    problems.push_back(problem_at(supervisor.name_place,
                                  fmt::format("the supervisor {} is there twice, first at {}", core::quoted(supervisor.name),
                                              to_string(first->second->name_place)),
                                  "a name of its own"));
  }
  return known;
}

void check_supervisors_named(const SystemFile& system, const Supervisors& known, Problems& problems) {
  std::vector<std::string_view> names;
  for (const std::string_view name : std::views::keys(known)) names.push_back(name);
  for (const ActorEntry& actor : system.actors) {
    if (!actor.supervisor || known.contains(*actor.supervisor)) continue;
    problems.push_back(problem_at(
        actor.supervisor_place,
        fmt::format("{} names the supervisor {}, and there is none", actor.address.text(), core::quoted(*actor.supervisor)),
        fmt::format("a [[supervisor]] with name = {}", core::quoted(*actor.supervisor)),
        std::string(nearest_name(*actor.supervisor, names))));
  }
}

/// Which addresses are taken. Entries may stand for many (`instances`), so that numbered addresses are kept as ranges: of
/// one namespace and name, by their first number; ranges never overlap.
class TakenAddresses {
 public:
  /// The entry that has taken one of `actor`'s addresses before, or null; then `actor` has taken them.
  const ActorEntry* take(const ActorEntry& actor) {
    const std::string_view text = actor.address.text();
    const std::string_view instance = text.substr(text.rfind('/') + 1);
    const auto number = number_of(instance);
    if (!number) return texts_.emplace(text, &actor).first->second;
    return take_range(numbered_[text.substr(0, text.size() - instance.size())], *number, *number + actor.instances - 1, actor);
  }

 private:
  struct Range {
    std::uint64_t last;
    const ActorEntry* actor;
  };
  using Ranges = std::map<std::uint64_t, Range>;

  /// Of "7", not of "07": that is another address than /7.
  static std::optional<std::uint64_t> number_of(std::string_view text) noexcept {
    constexpr std::size_t kMostDigits = 18;
    if (text.size() > kMostDigits || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    std::uint64_t number = 0;
    const auto [stop, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    return number;
  }

  static const ActorEntry* take_range(Ranges& ranges, std::uint64_t first, std::uint64_t last, const ActorEntry& actor) {
    auto next = ranges.upper_bound(last);
    if (next != ranges.begin()) {
      const auto& [before_first, before] = *std::prev(next);
      if (before.last >= first) return before.actor;
    }
    ranges.emplace(first, Range{last, &actor});
    return &actor;
  }

  std::map<std::string_view, const ActorEntry*> texts_;
  std::map<std::string_view, Ranges> numbered_;
};

void check_addresses(const SystemFile& system, Problems& problems) {
  TakenAddresses taken;
  for (const ActorEntry& actor : system.actors) {
    const ActorEntry* owner = taken.take(actor);
    if (owner == &actor) continue;
    const std::string of_how_many = owner->instances > 1 ? fmt::format(" with {} instances", owner->instances) : "";
    problems.push_back(problem_at(actor.address_place,
                                  fmt::format("the address {} is taken by the actor at {}{}",
                                              core::quoted(actor.address.text()), to_string(owner->address_place), of_how_many),
                                  "an address of its own"));
  }
}

bool covers_an_actor(const core::AddressPattern& pattern, const SystemFile& system) {
  return std::ranges::any_of(system.actors, [&pattern](const ActorEntry& actor) { return actor.is_covered_by(pattern); });
}

/// Gateways that print what they are sent are targets like actors.
bool covers_a_printer(const core::AddressPattern& pattern, const SystemFile& system) {
  return std::ranges::any_of(system.gateways, [&pattern](const GatewayEntry& gateway) {
    return gateway.kind == GatewayKind::standard_output && pattern.matches(gateway.address);
  });
}

Problem nobody_there(const Place& place, std::string_view key, const core::AddressPattern& pattern, const SystemFile& system) {
  std::vector<std::string_view> known;
  for (const ActorEntry& actor : system.actors) known.push_back(actor.address.text());
  return problem_at(place, fmt::format("{} = {} covers no actor of this system", key, core::quoted(pattern.text())),
                    "the address of an [[actor]], or a pattern of some", std::string(nearest_name(pattern.text(), known)));
}

void check_targets(const SystemFile& system, Problems& problems) {
  for (const SubscriptionEntry& subscription : system.subscriptions) {
    if (covers_an_actor(subscription.actor, system)) continue;
    problems.push_back(nobody_there(subscription.actor_place, "actor", subscription.actor, system));
  }
  for (const GatewayEntry& gateway : system.gateways) {
    if (!gateway.to || covers_an_actor(*gateway.to, system) || covers_a_printer(*gateway.to, system)) continue;
    problems.push_back(nobody_there(gateway.to_place, "to", *gateway.to, system));
  }
}

/// What two read at once is cut apart: each gets pieces of lines.
void check_standard_input(const SystemFile& system, Problems& problems) {
  const GatewayEntry* reader = nullptr;
  for (const GatewayEntry& gateway : system.gateways) {
    if (gateway.kind != GatewayKind::lines || gateway.path != "-") continue;
    if (reader != nullptr) {
      problems.push_back(problem_at(gateway.path_place,
                                    fmt::format("standard input is read by the gateway at {}", to_string(reader->path_place)),
                                    "one gateway with path = \"-\""));
    } else {
      reader = &gateway;
    }
  }
}

}  // namespace

void check_references(Reading& reading) {
  const Supervisors supervisors = known_supervisors(reading.system, reading.problems);
  if (!reading.supervisors_in_doubt) check_supervisors_named(reading.system, supervisors, reading.problems);
  check_addresses(reading.system, reading.problems);
  if (!reading.actors_in_doubt) check_targets(reading.system, reading.problems);
  check_standard_input(reading.system, reading.problems);
}

}  // namespace airssys::config
