#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "airssys/core/ports/turn_token.hpp"

namespace airssys::core {

/// `airssys:core/context`: facts about the turn in hand. On the thread that runs the turn. Views are valid until the next
/// call for the same turn.
class ContextPort {
 public:
  virtual ~ContextPort() = default;

  virtual std::string_view self_address(TurnToken turn) = 0;
  virtual std::string_view system_id(TurnToken turn) = 0;
  /// Wall clock in milliseconds since 1970; stands still within a turn.
  virtual std::uint64_t now_ms(TurnToken turn) = 0;
  virtual std::uint64_t random_u64(TurnToken turn) = 0;
  /// 1 on first delivery.
  virtual std::uint32_t attempt(TurnToken turn) = 0;
  virtual std::uint64_t sent_at_ms(TurnToken turn) = 0;
  virtual std::optional<std::uint64_t> deadline_ms(TurnToken turn) = 0;
  /// W3C traceparent, 55 characters.
  virtual std::string_view trace_parent(TurnToken turn) = 0;
};

/// Who decides how long a guest may run. Not of the WIT: it is the engine's.
class BudgetPort {
 public:
  virtual ~BudgetPort() = default;

  /// The running guest has used up its ticks. Returns how many more it gets before the next look, 0 to stop it. On the
  /// thread that runs the turn, inside the guest's call; must not throw or block.
  virtual std::uint64_t ticks_used_up(TurnToken turn) noexcept = 0;
};

}  // namespace airssys::core
