// Hostile on purpose. Whenever it is started it sends itself a message, and then keeps copies of it until there is no memory
// left for one more: its own ceiling stops it, nobody else notices.
#include <airssys/guest.hpp>
#include <vector>
using namespace airssys::guest;

struct Glutton {
  std::vector<std::string> kept;

  Result<void> initialize() {
    AIRSSYS_TRY(send(self(), raw("eat")));
    return {};
  }

  Result<Response> handle_message(const Message& message) {
    while (true) kept.push_back(std::string(16 * 1024, message.text().front()));
  }
};
AIRSSYS_ACTOR(Glutton)
