#include "airssys/runtime/componentizer.hpp"

#include <string>

#include "bridge_values.hpp"

namespace airssys::runtime {

core::Result<std::vector<std::byte>> componentize(std::span<const std::byte> module, std::string_view wit) {
  OwnedBuffer component;
  OwnedBuffer error;
  const ab_status status = ab_componentize(view_of(module), view_of(wit), component.out(), error.out());
  if (status != AB_OK) return std::unexpected(runtime_error(error_code_of(status), std::string(error.text())));
  return component.to_vector();
}

core::Result<std::vector<std::byte>> wat_to_wasm(std::string_view text) {
  OwnedBuffer wasm;
  OwnedBuffer error;
  const ab_status status = ab_wat_to_wasm(view_of(text), wasm.out(), error.out());
  if (status != AB_OK) return std::unexpected(runtime_error(error_code_of(status), std::string(error.text())));
  return wasm.to_vector();
}

}  // namespace airssys::runtime
