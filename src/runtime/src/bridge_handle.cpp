#include "airssys/runtime/bridge_handle.hpp"

#include "bridge_values.hpp"

namespace airssys::runtime {

void BridgeDeleter::operator()(ab_engine* engine) const noexcept {
  ab_engine_free(engine);
}
void BridgeDeleter::operator()(ab_component* component) const noexcept {
  ab_component_free(component);
}
void BridgeDeleter::operator()(ab_template* linked) const noexcept {
  ab_template_free(linked);
}
void BridgeDeleter::operator()(ab_instance* instance) const noexcept {
  ab_instance_free(instance);
}
void BridgeDeleter::operator()(ab_locations* locations) const noexcept {
  ab_locations_free(locations);
}

core::ErrorCode error_code_of(ab_status status) noexcept {
  switch (status) {
    case AB_INVALID:
      return core::ErrorCode::invalid;
    case AB_INCOMPATIBLE:
      return core::ErrorCode::incompatible;
    case AB_TRAP:
    case AB_DEAD:
      return core::ErrorCode::trapped;
    case AB_RESOURCES:
      return core::ErrorCode::resources;
    case AB_OK:
    case AB_REENTERED:
    case AB_NO_EXPORT:
    case AB_PANIC:
      break;
  }
  return core::ErrorCode::internal;
}

}  // namespace airssys::runtime
