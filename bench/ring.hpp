#pragma once

#include <cstdint>
#include <string>

#include "measure.hpp"
#include "world.hpp"

namespace airssys::bench {

/// Guests in a ring, each of which passes on what it gets, and a native actor, the gate, which closes the ring and counts.
/// A few messages go round at once. So each guest's memory, its mailbox and its books are visited as often as any other's:
/// what a hop costs where many actors take turns. The gate's own turns are in the figure, one a round.
class Ring {
 public:
  struct Shape {
    std::uint64_t guests = 2;
    std::uint64_t at_once = 8;
    unsigned number = 1;  ///< Rings of one world know nothing of each other.
    core::Profile profile = core::Profile::fast;
  };

  Ring(World& world, Shape shape) : world_(world), shape_(shape) {}
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  core::Result<void> spawn();
  /// Starts a batch of so many rounds of one message each; `wait` ends it, and has seen them all come back.
  core::Result<void> begin(std::uint64_t rounds);
  core::Result<Taken> wait() { return watch_.wait(); }

 private:
  class Gate;

  std::string guest(std::uint64_t place) const;
  std::string gate() const;

  World& world_;
  const Shape shape_;
  std::uint64_t rounds_ = 0;
  StopWatch watch_;
};

}  // namespace airssys::bench
