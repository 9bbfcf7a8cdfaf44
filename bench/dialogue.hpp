#pragma once

#include <cstdint>

#include "measure.hpp"
#include "world.hpp"

namespace airssys::bench {

/// Requests from guest to guest:
///
///   listener (native) --one order a round--> asker (guest) <--requests, replies--> echo (guest)
///      ^---------------- when the last reply was handled ----------+
///
/// Used from the host's thread while no batch runs. Outlives its actors.
class Dialogue {
 public:
  static constexpr std::size_t kBody = 64;

  /// `requests`: in each batch.
  Dialogue(World& world, std::uint64_t requests) : world_(world), requests_(requests) {}
  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;

  core::Result<void> spawn();
  /// One batch. Fails unless the asker has handled every reply.
  core::Result<Taken> run();

 private:
  class Listener;

  World& world_;
  const std::uint64_t requests_;
  std::uint64_t handled_before_ = 0;
  StopWatch watch_;
  bool short_of_replies_ = false;
};

}  // namespace airssys::bench
