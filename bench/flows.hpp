#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "flow.hpp"
#include "world.hpp"

namespace airssys::bench {

/// Flows of 64 bytes that know nothing of each other, at the same time, in a world of their own.
class Flows {
 public:
  /// In a world with the guests and the effort of `like`.
  static core::Result<std::unique_ptr<Flows>> create(const World& like, unsigned workers, unsigned pairs);

  /// Hops a second, of all together, from the first that began to the last that ended.
  core::Result<double> run(std::uint64_t hops_each);
  core::Result<void> settle() { return world_->settle(); }

 private:
  Flows() = default;

  std::vector<std::unique_ptr<Flow>> flows_;
  std::unique_ptr<World> world_;  ///< Ends first: its actors know the flows.
};

}  // namespace airssys::bench
