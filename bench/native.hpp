#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "stage.hpp"

namespace airssys::bench {

/// Work that native actors do here, and actors or processes of the peers do there: the same messages, each a number of 64
/// bits, between as many actors, on as many threads. What was handled comes to a number that is known before.
struct NativeWork {
  std::string_view row;
  std::string_view counts;
  std::string_view unit;
  std::uint64_t count;  ///< Of a batch: round trips, messages of each sender, hops, actors, leaves.
  std::uint64_t count_if_tiny;
  int rounds;
  double (*in_unit)(double nanoseconds, std::uint64_t count);  ///< What a batch's time means in `unit`.
  std::uint64_t (*result)(std::uint64_t count);
  core::Result<void> (*set_up)(Stage& stage, std::uint64_t count);
  std::uint64_t (*actors_gone)(std::uint64_t count);  ///< How many actors a batch leaves to stop. Null: none.

  /// A batch on a stage that was set up for the same count, in `unit`. What it leaves behind has stopped when it returns.
  core::Result<double> run(Stage& stage, std::uint64_t count_of_batch) const;
};

std::span<const NativeWork> native_works();
const NativeWork* native_work(std::string_view row);

}  // namespace airssys::bench
