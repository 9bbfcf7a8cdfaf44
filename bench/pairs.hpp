#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ring.hpp"
#include "world.hpp"

namespace airssys::bench {

/// Pairs of guests that know nothing of each other, at the same time, in a world of their own: a native actor sends to a, a
/// to b, b back to the native actor, 256 messages under way in each pair. Whoever runs where and when, no mailbox overflows.
class Pairs {
 public:
  /// In a world with the guests and the effort of `like`.
  static core::Result<std::unique_ptr<Pairs>> create(const World& like, unsigned workers, unsigned pairs);

  /// Hops from an a to its b in a second, of all together.
  struct Rate {
    double per_second = 0;      ///< From the first that began to the last that ended.
    double per_cpu_second = 0;  ///< Of CPU time of the thread that used most: what it would be if nobody else had the cores.
  };
  core::Result<Rate> run(std::uint64_t hops_each);
  core::Result<void> settle() { return world_->settle(); }

 private:
  Pairs() = default;

  std::vector<std::unique_ptr<Ring>> rings_;
  std::unique_ptr<World> world_;  ///< Ends first: its actors know the rings.
};

}  // namespace airssys::bench
