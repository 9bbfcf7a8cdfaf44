#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "airssys/core/message.hpp"
#include "measure.hpp"
#include "world.hpp"

namespace airssys::bench {

/// Messages from guest to guest, handled there: what a hop is measured with.
///
///   source (native) --k messages a turn--> a (guest) --each--> b (guest)
///      |                                                          its turns that stand are what is counted
///      +--one a turn--> relay (native) --back--> source: its next turn
///
/// A worker's queue takes the four in turn, so that by the source's next turn a and b are through with the last k, no
/// mailbox overflows and nobody ever waits. The source's and the relay's turns are part of what is measured.
///
/// Several flows of one world, told apart by `pair`, know nothing of each other. Begun by the host, worked off on the
/// workers; used from the host's thread while no batch runs. Outlives its actors.
class Flow {
 public:
  struct Shape {
    std::size_t body_bytes = 64;
    unsigned pair = 1;
    std::uint64_t per_turn = 0;  ///< 0: as many as a mailbox takes with room to spare, in messages and in bytes.
    std::string space = "bench";
  };

  Flow(World& world, Shape shape);
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  core::Result<void> spawn();
  /// Starts a batch; `wait` ends it, and has seen b handle all of it.
  core::Result<void> begin(std::uint64_t hops);
  core::Result<Taken> wait() { return watch_.wait(); }
  core::Result<Taken> run(std::uint64_t hops);

  /// So many hops as make a batch of some ten milliseconds.
  static std::uint64_t batch(std::size_t body_bytes, const Effort& effort) noexcept;

 private:
  class Source;
  class Relay;

  std::string address(std::string_view role) const;
  bool is_over();

  World& world_;
  const Shape shape_;
  const core::Payload payload_;
  const core::Address a_;
  const core::Address b_;
  const core::Address source_;
  const core::Address relay_;
  std::uint64_t total_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t handled_before_ = 0;
  StopWatch watch_;
};

}  // namespace airssys::bench
