#include "airssys/system/deployment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace airssys::system {
namespace {

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

actor::RestartPolicy policy_of(const config::SystemFile& file, const config::ActorEntry& entry) {
  actor::RestartPolicy policy;
  for (const config::SupervisorEntry& supervisor : file.supervisors) {
    if (supervisor.name != entry.supervisor) continue;
    policy = {.max_restarts = supervisor.max_restarts,
              .window = supervisor.window,
              .backoff = supervisor.backoff,
              .backoff_max = supervisor.backoff_max};
  }
  return policy;
}

/// Loads each component of a file once in each profile that it is wanted in.
class Components {
 public:
  explicit Components(System& system) : system_(system) {}

  core::Result<ComponentRef> load(const std::filesystem::path& path, core::Profile profile) {
    const auto known = loaded_.find({path, profile});
    if (known != loaded_.end()) return known->second;
    return loaded_.emplace(std::pair(path, profile), system_.load(path, profile)).first->second;
  }

 private:
  System& system_;
  std::map<std::pair<std::filesystem::path, core::Profile>, core::Result<ComponentRef>> loaded_;
};

void plan_actor(const config::ActorEntry& entry, Components& components, Checked& checked) {
  const auto* path = std::get_if<std::filesystem::path>(&entry.component);
  if (path == nullptr || entry.is_template()) return;  // `unsupported` has said so.
  auto component = components.load(*path, entry.profile);
  if (!component) {
    checked.report.components.push_back(config::problem_at(entry.component_place, component.error().to_string()));
    return;
  }
  auto limits = config::resolve_limits(checked.plan.file, entry, (*component)->manifest);
  if (!limits) append(checked.report.files, limits.error());
  auto config = config::resolve_config((*component)->manifest, entry.config, entry.place);
  if (!config) append(checked.report.files, config.error());
  if (!limits || !config) return;
  if ((*component)->code->initial_memory() > limits->memory) {
    checked.report.components.push_back(config::problem_at(
        entry.component_place, fmt::format("{} begins with {} bytes of memory, and its limit is {}", (*component)->code->name(),
                                           (*component)->code->initial_memory(), limits->memory)));
    return;
  }
  actor::ConfigValues values;
  for (const auto& [key, value] : *config) values.emplace(key, value.text);
  for (const core::Address& address : entry.addresses()) {
    checked.plan.actors.push_back({.address = address,
                                   .component = *component,
                                   .limits = *limits,
                                   .config = values,
                                   .restart = policy_of(checked.plan.file, entry),
                                   .supervisor = entry.supervisor.value_or("")});
  }
}

bool covers_somebody(const core::AddressPattern& pattern, const config::SystemFile& file) {
  const auto is_covered = [&](const config::ActorEntry& entry) {
    return std::ranges::any_of(entry.addresses(), [&](const core::Address& address) { return pattern.matches(address); });
  };
  const auto is_gateway = [&](const config::GatewayEntry& gateway) { return pattern.matches(gateway.address); };
  return std::ranges::any_of(file.actors, is_covered) || std::ranges::any_of(file.gateways, is_gateway);
}

void warn_of_idle_grants(Checked& checked) {
  const config::SystemFile& file = checked.plan.file;
  for (const config::GrantEntry& entry : file.grants) {
    const auto warn = [&](const core::AddressPattern& pattern, std::string_view which) {
      if (covers_somebody(pattern, file) || pattern.text().starts_with("airssys/")) return;
      checked.report.warnings.push_back(
          fmt::format("{}: `{} = \"{}\"` covers no actor of this file", config::to_string(entry.place), which, pattern.text()));
    };
    warn(entry.grant.from, "from");
    if (const auto* to = std::get_if<core::AddressPattern>(&entry.grant.to)) warn(*to, "to");
  }
}

}  // namespace

SystemOptions options_of(const config::SystemFile& file) {
  SystemOptions options;
  options.name = file.name;
  options.data = file.data;
  options.limits = config::apply(file.defaults, {});
  options.compiler.memory = file.compile_memory.value_or(options.compiler.memory);
  options.compiler.time = file.compile_time.value_or(options.compiler.time);
  return options;
}

Checked check(System& system, config::SystemFile file) {
  Checked checked;
  checked.report.files = config::unsupported(file);
  checked.plan.file = std::move(file);
  Components components(system);
  for (const config::ActorEntry& entry : checked.plan.file.actors) plan_actor(entry, components, checked);
  warn_of_idle_grants(checked);
  return checked;
}

core::Result<void> deploy(System& system, const Plan& plan) {
  for (const config::GrantEntry& entry : plan.file.grants) AIRSSYS_TRY(system.grant(entry.grant));
  for (const config::GatewayEntry& gateway : plan.file.gateways) {
    if (!gateway.to) continue;
    AIRSSYS_TRY(
        system.grant({.from = core::AddressPattern(gateway.address), .to = *gateway.to, .allow = {security::Verb::send}}));
  }
  // Before the actors: an event that one of them publishes at its start finds its subscribers.
  for (const config::SubscriptionEntry& entry : plan.file.subscriptions) {
    system.subscribe({.topic = entry.topic, .actors = entry.actor, .group = entry.group});
  }
  std::vector<SpawnOptions> all;
  for (const Plan::Actor& actor : plan.actors) {
    all.push_back({.address = actor.address,
                   .component = actor.component,
                   .limits = actor.limits,
                   .config = actor.config,
                   .restart = actor.restart,
                   .supervisor = actor.supervisor});
  }
  return system.spawn_all(all);
}

}  // namespace airssys::system
