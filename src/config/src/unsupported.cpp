#include <fmt/format.h>

#include <array>

#include "airssys/config/system_file.hpp"

// What the files can say and this version does not do. A line here goes when its feature comes.

namespace airssys::config {
namespace {

constexpr std::array<std::string_view, 4> kUnservedLimits{"reserve", "storage", "storage_rate", "value_bytes"};

void refuse(Problems& problems, const Place& place, std::string_view what, std::string_view remedy) {
  problems.push_back(problem_at(place, fmt::format("{} not served by this version of airssys: {}", what, remedy)));
}

void refuse_limits(const LimitsPatch& limits, Problems& problems) {
  for (const std::string_view key : kUnservedLimits) {
    const auto place = limits.places.find(key);
    if (place != limits.places.end()) refuse(problems, place->second, fmt::format("the limit {} is", key), "remove it");
  }
}

void refuse_actor(const ActorEntry& actor, Problems& problems) {
  if (actor.is_template()) {
    refuse(problems, actor.address_place, fmt::format("the template {} is", actor.address.text()),
           "name its actors one by one, or use instances");
  }
  if (std::holds_alternative<PackageName>(actor.component)) {
    refuse(problems, actor.component_place, "a component of the store is", "give the path of its folder or .wasm");
  }
  if (actor.durable) refuse(problems, actor.durable_place, "durable = true is", "remove it; the actor is volatile then");
  if (!actor.secrets.empty()) refuse(problems, actor.secrets_place, "secrets are", "remove them");
  refuse_limits(actor.limits, problems);
}

void refuse_grant(const GrantEntry& entry, Problems& problems) {
  if (const auto find = entry.verb_places.find(security::Verb::find); find != entry.verb_places.end()) {
    refuse(problems, find->second, "the verb find is", "remove it from allow");
  }
}

}  // namespace

Problems unsupported(const SystemFile& system) {
  Problems problems;
  if (system.memory_budget) {
    refuse(problems, system.memory_budget_place, "memory_budget is", "remove it, and bound each actor's memory by its limits");
  }
  refuse_limits(system.defaults, problems);
  for (const SupervisorEntry& supervisor : system.supervisors) {
    if (supervisor.strategy == Strategy::one_for_one) continue;
    refuse(problems, supervisor.strategy_place, fmt::format("strategy = \"{}\" is", name_of(supervisor.strategy)),
           "use \"one_for_one\"");
  }
  for (const ActorEntry& actor : system.actors) refuse_actor(actor, problems);
  for (const GrantEntry& grant : system.grants) refuse_grant(grant, problems);
  return problems;
}

Problems unsupported(const ComponentManifest& component) {
  Problems problems;
  if (component.wants.storage) {
    refuse(problems, component.wants.storage_place, "storage is", "use a component that does without it");
  }
  if (!component.wants.secrets.empty()) {
    refuse(problems, component.wants.secrets_place, "secrets are", "use a component that does without them");
  }
  refuse_limits(component.limits, problems);
  return problems;
}

}  // namespace airssys::config
