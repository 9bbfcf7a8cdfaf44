// On "grow": takes memory until it is refused, tells how many KiB it got, and gives them back. On "eat": takes it without
// looking, as careless code does, and traps. Else tells how many messages it has seen.
#include <airssys/guest.hpp>
#include <cstring>
#include <vector>
using namespace airssys::guest;

struct Growing {
  static constexpr std::size_t kBlock = 64 * 1024;
  int seen = 0;

  Result<Response> handle_message(const Message& message) {
    ++seen;
    if (message.text() == "grow") return reply(std::to_string(grow()));
    if (message.text() == "eat") eat();
    return reply(std::to_string(seen));
  }

  // A list in the blocks themselves: a vector of them would need memory just when there is none.
  std::size_t grow() {
    std::size_t kib = 0;
    void* last = nullptr;
    while (void* block = std::malloc(kBlock)) {
      std::memset(block, 1, kBlock);
      std::memcpy(block, &last, sizeof last);
      last = block;
      kib += kBlock / 1024;
    }
    while (last != nullptr) {
      void* before;
      std::memcpy(&before, last, sizeof before);
      std::free(std::exchange(last, before));
    }
    return kib;
  }

  [[gnu::noinline]] void eat() {
    std::vector<std::string> eaten;
    while (true) eaten.emplace_back(kBlock, 'x');
  }
};
AIRSSYS_ACTOR(Growing)
