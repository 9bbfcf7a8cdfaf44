#include "airssys/actor/turn_clock.hpp"

namespace airssys::actor {

void TurnClock::look() noexcept {
  turns_unseen_ = 0;
  now_.monotonic = clock_.monotonic();
  now_.wall_ms = clock_.wall_ms();
}

}  // namespace airssys::actor
