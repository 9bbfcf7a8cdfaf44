// Hostile on purpose, or only careless: it computes the mean length of no words. Whenever it is started it sends itself the
// message that kills it.
#include <airssys/guest.hpp>
#include <vector>
using namespace airssys::guest;

struct Trapper {
  Result<void> initialize() {
    AIRSSYS_TRY(send(self(), raw("   ")));
    return {};
  }

  Result<Response> handle_message(const Message& message) {
    std::vector<std::string_view> words;
    for (const std::string_view word : split(message.text(), ' ')) words.push_back(word);
    return reply(std::to_string(mean_length(words)));
  }

  [[gnu::noinline]] static std::size_t mean_length(const std::vector<std::string_view>& words) {
    std::size_t total = 0;
    for (const std::string_view word : words) total += word.size();
    return total / words.size();
  }
};
AIRSSYS_ACTOR(Trapper)
