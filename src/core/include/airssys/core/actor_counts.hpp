#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace airssys::core {

/// What one actor has counted since it was made, as it stood at one moment. Each message that was sent to it ends in exactly
/// one of `messages`, `refused` and the dead letters. A value; each number is counted by the layer named.
struct ActorCounts {
  std::uint64_t handled = 0;   ///< Turns that stand: of messages, replies, timers, and each start. actor.
  std::uint64_t messages = 0;  ///< Of these, messages. actor.
  std::uint64_t refused = 0;   ///< Requests whose turn was undone, or never came; their requester was told. actor.
  std::uint64_t failed = 0;    ///< Turns undone with a failure. actor.
  std::uint64_t trapped = 0;   ///< Instances that died. actor.
  std::uint64_t restarts = 0;  ///< Instances that took the place of another, by order too. actor.
  std::uint64_t busy = 0;      ///< Turns put off. actor.
  std::uint64_t sent = 0;      ///< Messages that left with a turn; of an event, its copies. actor.
  std::uint64_t denied = 0;    ///< Calls that no grant covers. messaging.

  friend bool operator==(const ActorCounts&, const ActorCounts&) noexcept = default;
};

/// One counter in words. Whoever shows, carries or exports counters walks over their list and names none: so a counter that
/// joins the list appears everywhere.
struct ActorCounter {
  std::string_view name;  ///< Its key wherever programs read it: it stays.
  std::string_view unit;  ///< One of what is counted: "turn".
  std::string_view what;  ///< Behind number and unit, as in "3 turns put off, to be tried again".
  std::uint64_t ActorCounts::* value;
};

/// The list, in the order in which it is shown.
inline constexpr std::array kActorCounters{
    ActorCounter{"handled", "turn", "that stood: of messages, replies, timers and starts", &ActorCounts::handled},
    ActorCounter{"messages", "message", "whose turn stood", &ActorCounts::messages},
    ActorCounter{"refused", "request", "whose turn was undone, or never came", &ActorCounts::refused},
    ActorCounter{"failed", "turn", "undone with a failure", &ActorCounts::failed},
    ActorCounter{"trapped", "instance", "that died", &ActorCounts::trapped},
    ActorCounter{"restarts", "instance", "that took the place of another", &ActorCounts::restarts},
    ActorCounter{"busy", "turn", "put off, to be tried again", &ActorCounts::busy},
    ActorCounter{"sent", "message", "that left with a turn", &ActorCounts::sent},
    ActorCounter{"denied", "call", "that no [[grant]] covers", &ActorCounts::denied},
};
static_assert(sizeof(ActorCounts) == kActorCounters.size() * sizeof(std::uint64_t),
              "a counter that the list does not describe");

}  // namespace airssys::core
