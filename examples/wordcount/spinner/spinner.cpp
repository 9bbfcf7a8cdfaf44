// Hostile on purpose. Whenever it is started it sends itself a message, and loops for ever when that comes: the runtime stops
// it after its CPU budget and starts it again, until its supervisor has had enough.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Spinner {
  volatile std::uint64_t rounds = 0;

  Result<void> initialize() {
    AIRSSYS_TRY(send(self(), raw("spin")));
    return {};
  }

  Result<Response> handle_message(const Message&) {
    while (true) rounds = rounds + 1;
  }
};
AIRSSYS_ACTOR(Spinner)
