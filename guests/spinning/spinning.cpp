// Loops for ever on "spin", for as many rounds as it says on "work 1000"; else tells how many messages it has seen.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Spinning {
  int seen = 0;
  volatile std::uint64_t rounds = 0;

  Result<Response> handle_message(const Message& message) {
    ++seen;
    const std::string_view text = message.text();
    if (text == "spin") spin(~std::uint64_t{0});
    if (text.starts_with("work ")) spin(number<std::uint64_t>(text.substr(5)).value_or(0));
    return reply(std::to_string(seen));
  }

  [[gnu::noinline]] void spin(std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) rounds = rounds + 1;
  }
};
AIRSSYS_ACTOR(Spinning)
