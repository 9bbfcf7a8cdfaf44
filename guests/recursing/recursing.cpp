// On "recurse": calls itself without end and without memory of its own, so that it is the engine's stack that ends. On "deep
// 1000": that deep, and well. Else tells how many messages it has seen.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Recursing {
  int seen = 0;
  volatile std::uint64_t depth = 0;

  Result<Response> handle_message(const Message& message) {
    ++seen;
    const std::string_view text = message.text();
    if (text == "recurse") return reply(std::to_string(descend(~std::uint64_t{0})));
    if (text.starts_with("deep ")) return reply(std::to_string(descend(number<std::uint64_t>(text.substr(5)).value_or(0))));
    return reply(std::to_string(seen));
  }

  [[gnu::noinline]] std::uint64_t descend(std::uint64_t left) {
    depth = depth + 1;
    return left == 0 ? 0 : 1 + descend(left - 1) * (depth != 0);
  }
};
AIRSSYS_ACTOR(Recursing)
