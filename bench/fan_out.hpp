#pragma once

#include <cstdint>
#include <string_view>

#include "measure.hpp"
#include "world.hpp"

namespace airssys::bench {

/// Events from one guest to many, which handle them:
///
///   source (native) --k messages a turn--> publisher (guest) --an event for each--> leaves (guests)
///      ^                                                        |                     their turns that stand are counted
///      |                                                        +--the same events--> last (native)
///      +--when it has had those of a turn: the next turn--------------------------------+
///
/// The last has subscribed last, so a worker's queue has it after all leaves.
///
/// Used from the host's thread while no batch runs. Outlives its actors.
class FanOut {
 public:
  static constexpr std::string_view kTopic = "bench.events";

  /// `leaves`: all of them subscribed.
  FanOut(World& world, std::uint64_t leaves);
  FanOut(const FanOut&) = delete;
  FanOut& operator=(const FanOut&) = delete;

  core::Result<void> spawn();
  /// At least so many deliveries; nanoseconds for each.
  core::Result<double> run(std::uint64_t deliveries);

 private:
  class Source;
  class Last;

  std::uint64_t handled() const;

  World& world_;
  const std::uint64_t leaves_;
  const std::uint64_t per_turn_;
  std::uint64_t events_ = 0;  ///< Of the batch.
  // On the worker: of the batch, how many have been published and how many have come to the last.
  std::uint64_t due_ = 0;
  std::uint64_t arrived_ = 0;
  StopWatch watch_;
};

}  // namespace airssys::bench
