#include "airssys/runtime/store_manager.hpp"

#include <fmt/format.h>

#include <utility>

#include "async_host.hpp"
#include "bridge_values.hpp"
#include "limits.hpp"
#include "trap_report.hpp"

namespace airssys::runtime {

namespace {

std::unexpected<StartFailure> refused(core::ErrorCode code, std::string message) {
  return std::unexpected(StartFailure{.error = runtime_error(code, std::move(message)), .trap = std::nullopt});
}

std::unexpected<StartFailure> start_failure(const Component& component, ab_status status, ab_trap_report* report) {
  if (report == nullptr) {
    return refused(error_code_of(status),
                   fmt::format("no instance of {}: {}", component.name(),
                               status == AB_RESOURCES ? "the host has no room for its memory" : "a defect of the engine"));
  }
  core::Trap trap = trap_of(ab_trap_view(report));
  ab_trap_free(report);
  core::Error error = runtime_error(core::ErrorCode::trapped, fmt::format("{} trapped in its start function: {}: {}",
                                                                          component.name(), name_of(trap.kind), trap.message));
  return std::unexpected(StartFailure{.error = std::move(error), .trap = std::move(trap)});
}

}  // namespace

StoreManager::StoreManager() : alive_(std::make_shared<std::atomic<std::size_t>>(0)) {}

std::expected<std::unique_ptr<Instance>, StartFailure> StoreManager::create(std::shared_ptr<const Component> component,
                                                                            const core::Limits& limits, core::TurnToken turn,
                                                                            std::uint64_t ticks) {
  if (component->initial_memory() > limits.memory) {
    return refused(core::ErrorCode::too_large,
                   fmt::format("{} needs {} bytes of memory to begin with, its limit is {}: raise `memory`", component->name(),
                               component->initial_memory(), limits.memory));
  }
  if (component->initial_table() > limits.table_elements) {
    return refused(core::ErrorCode::too_large,
                   fmt::format("{} needs {} table elements to begin with, its limit is {}: raise `table_elements`",
                               component->name(), component->initial_table(), limits.table_elements));
  }
  const ab_limits bounds = to_bridge(limits);
  CallFrame frame{.ports = component->ports_, .turn = turn};
  ab_instance* raw = nullptr;
  ab_trap_report* report = nullptr;
  const ab_status status = ab_instance_new(component->linked_.get(), &bounds, &frame, ticks, &raw, &report);
  if (status != AB_OK) return start_failure(*component, status, report);
  return std::unique_ptr<Instance>(new Instance(std::move(component), BridgeHandle<ab_instance>(raw), alive_));
}

}  // namespace airssys::runtime
