// Counts the words that belong to it: a message is a word a line. To `top N` it answers its most frequent words, to `words`
// how many words it has seen and how many different ones.
#include <airssys/guest.hpp>
#include <map>

#include "../ranking.hpp"
using namespace airssys::guest;

struct Counter {
  std::map<std::string, std::uint64_t, std::less<>> counts;
  std::uint64_t words = 0;

  Result<Response> handle_message(const Message& message) {
    if (message.is_request()) return answer_to(message.text());
    for (const std::string_view word : split(message.text(), '\n')) count(word);
    return done();
  }

  void count(std::string_view word) {
    ++words;
    const auto found = counts.lower_bound(word);
    if (found != counts.end() && found->first == word) {
      ++found->second;
    } else {
      counts.emplace_hint(found, word, 1);
    }
  }

  Result<Response> answer_to(std::string_view question) const {
    if (question == "words") return reply(std::to_string(words) + " " + std::to_string(counts.size()));
    const auto most = ranking::asked_for_top(question);
    if (!most) return rejected("expected \"top N\" or \"words\"");
    std::vector<ranking::Count> ranked;
    ranked.reserve(counts.size());
    for (const auto& [word, times] : counts) ranked.push_back({times, word});
    return ranking::reply_that_fits(ranking::top(ranked, *most), *most);
  }
};
AIRSSYS_ACTOR(Counter)
