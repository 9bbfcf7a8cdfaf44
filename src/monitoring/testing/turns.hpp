#pragma once

#include <string>
#include <utility>

#include "airssys/actor/observer.hpp"

namespace airssys::monitoring::testing {

/// A turn of trace 0x1..0x2 that began `at` microseconds after the world did and took 10.
inline actor::TurnRecord a_turn(std::uint64_t span, std::uint64_t parent, std::int64_t at, std::string actor = "demo/a/1") {
  return {.trace = {.trace_high = 1, .trace_low = 2, .span = span},
          .parent_span = parent,
          .actor = std::move(actor),
          .turn = "handle-message",
          .message = core::MessageId{100 + span},
          .sender = "demo/z/1",
          .start_ms = 1'000,
          .start = std::chrono::microseconds(at),
          .duration = std::chrono::microseconds(10),
          .waited = std::chrono::milliseconds(3),
          .outcome = "ok"};
}

}  // namespace airssys::monitoring::testing
