#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "airssys/bridge.h"
#include "airssys/runtime/component.hpp"

namespace airssys::runtime {

/// What the loader has when a component is found fit.
struct Component::Parts {
  std::string name;
  std::string digest;
  std::filesystem::path file;
  std::uint64_t code_stamp;
  core::Profile profile;
  BridgeHandle<ab_component> compiled;
  BridgeHandle<ab_template> linked;
};

}  // namespace airssys::runtime
