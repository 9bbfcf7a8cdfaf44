#pragma once

#include <memory>

struct ab_engine;
struct ab_component;
struct ab_template;
struct ab_instance;
struct ab_locations;

namespace airssys::runtime {

/// Frees what the bridge made. The types above are opaque: nothing outside this layer can do anything with them.
struct BridgeDeleter {
  void operator()(ab_engine* engine) const noexcept;
  void operator()(ab_component* component) const noexcept;
  void operator()(ab_template* linked) const noexcept;
  void operator()(ab_instance* instance) const noexcept;
  void operator()(ab_locations* locations) const noexcept;
};

template <typename T>
using BridgeHandle = std::unique_ptr<T, BridgeDeleter>;

}  // namespace airssys::runtime
