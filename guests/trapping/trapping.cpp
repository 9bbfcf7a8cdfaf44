// Traps in the way that the message names; else tells how many messages it has seen since it was started. Before that it
// sends the body to the configured actor, who must never see it of a turn that trapped.
#include <airssys/guest.hpp>
#include <cstdio>
#include <vector>
using namespace airssys::guest;

namespace {

[[gnu::noinline]] int divide_by_zero(int dividend, int divisor) {
  return dividend / divisor;  // line 11: reports must name it
}

[[gnu::noinline]] char read_out_of_bounds(std::uint32_t address) {
  return *reinterpret_cast<volatile char*>(address);
}

[[gnu::noinline]] int recurse(volatile int* depth) {
  volatile char frame[1024] = {};
  *depth = *depth + 1;
  return *depth < 0 ? 0 : recurse(depth) + frame[0];
}

/// A place of the author's right before the library gives up: inlined into the handler, and nothing comes behind it.
int beyond_the_end(const std::vector<int>& numbers) {
  return numbers.at(numbers.size());  // line 26: reports must name it
}

[[gnu::noinline]] int call_null(volatile std::uintptr_t function) {
  return reinterpret_cast<int (*)()>(function)();
}

}  // namespace

struct Trapping {
  std::string to = config_or("to", "");
  int seen = 0;

  Result<Response> handle_message(const Message& message) {
    const std::string_view text = message.text();
    ++seen;
    if (!to.empty()) AIRSSYS_TRY(send(to, raw(text)));
    if (text == "unreachable") __builtin_trap();
    if (text == "divide") return reply(std::to_string(divide_by_zero(seen, static_cast<int>(text.size()) - 6)));
    if (text == "bounds") return reply(std::string(1, read_out_of_bounds(0xfffffff0u)));
    if (text == "recursion") {
      volatile int depth = 0;
      return reply(std::to_string(recurse(&depth)));
    }
    if (text == "at") {
      log::info("looking", {{"where", "beyond the end"}, {"seen", seen}});
      std::printf("about to look");
      return reply(std::to_string(beyond_the_end(std::vector<int>(text.size()))));
    }
    if (text == "null") return reply(std::to_string(call_null(0)));
    return reply(std::to_string(seen));
  }
};
AIRSSYS_ACTOR(Trapping)
