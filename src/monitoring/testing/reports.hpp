#pragma once

#include <string>

#include "airssys/actor/observer.hpp"

namespace airssys::monitoring::testing {

/// A report in which everything is known.
inline actor::CrashReport full_report() {
  actor::CrashReport report;
  report.time_ms = 1'790'000'000'123;
  report.address = "demo/trapper/1";
  report.component = "trapper 0123456789ab";
  report.turn = "handle-message";
  report.reason = "wasm `unreachable` instruction executed";
  report.trap = core::Trap{.kind = core::TrapKind::unreachable,
                           .message = "wasm `unreachable` instruction executed",
                           .frames = {},
                           .growth_refused = true,
                           .memory_bytes = 1U << 20};
  report.stack = {{.function = "abort", .file = {}, .line = 0},
                  {.function = "boom", .file = "guests/trapper/trapper.cpp", .line = 12}};
  report.message_id = 77;
  report.sender = "demo/split/1";
  report.codec = "raw";
  report.body_bytes = 300;
  report.body_begin = std::string("two\nlines\0and \xff", 15);
  report.log = {"about to fail", "\x1b[31mred"};
  report.memory_bytes = 1U << 20;
  report.memory_limit = 4U << 20;
  report.cpu_limit = std::chrono::seconds(1);
  report.decision = "restart 1 of 5 within 60 s";
  return report;
}

}  // namespace airssys::monitoring::testing
