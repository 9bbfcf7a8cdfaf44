// Answers for all counters: `top N`, the most frequent words, a line `count word` each; `words`, how many words there were and
// how many different ones. It asks every counter, answers `later`, and answers when the last of them has replied; meanwhile
// it takes other questions. Each word is in one counter only, so the best of all are among the best of each.
#include <airssys/guest.hpp>
#include <map>

#include "../ranking.hpp"
using namespace airssys::guest;
using namespace std::chrono_literals;

struct Report {
  struct Gathering {
    std::string question;
    std::size_t open = 0;
    std::vector<std::string> replies;
  };

  std::vector<std::string> counters;
  std::map<MessageId, Gathering> gatherings;  // by the request that waits for an answer

  Result<void> initialize() {
    const auto count = config_or<unsigned>("counters", 0);
    if (count == 0) return internal("config: counters is missing or not a number above 0");
    const std::string address = config_or("counter", "demo/counter");
    for (unsigned i = 1; i <= count; ++i) counters.push_back(address + "/" + std::to_string(i));
    return {};
  }

  Result<Response> handle_message(const Message& message) {
    if (!message.is_request()) return done();
    const std::string_view question = message.text();
    if (question != "words" && !ranking::asked_for_top(question)) {
      return rejected("expected \"top N\" or \"words\", for example: top 10");
    }
    for (const std::string& counter : counters) AIRSSYS_TRY(request(counter, raw(question), 30s, message.id()));
    gatherings[message.id()] = {std::string(question), counters.size(), {}};
    return later();
  }

  Result<void> handle_reply(const Outcome& outcome) {
    const auto found = gatherings.find(outcome.tag());
    if (found == gatherings.end()) return {};  // answered already: a counter failed
    if (!outcome.ok()) {
      AIRSSYS_TRY(answer(outcome.tag(), outcome));
      gatherings.erase(found);
      return {};
    }
    Gathering& gathering = found->second;
    gathering.replies.emplace_back(outcome.text());
    if (--gathering.open == 0) {
      AIRSSYS_TRY(conclude(outcome.tag(), gathering));
      gatherings.erase(found);
    }
    return {};
  }

  static SendResult<bool> conclude(MessageId question, const Gathering& gathering) {
    const auto most = ranking::asked_for_top(gathering.question);
    if (!most) return answer(question, raw(sum(gathering.replies)));
    std::vector<ranking::Count> counts;
    for (const std::string& reply : gathering.replies) ranking::read(reply, counts);
    const auto response = ranking::reply_that_fits(ranking::top(counts, *most), *most);
    return response ? answer(question, response->body()) : answer(question, response.error());
  }

  static std::string sum(const std::vector<std::string>& replies) {
    std::uint64_t words = 0;
    std::uint64_t different = 0;
    for (const std::string_view reply : replies) {
      const std::size_t space = std::min(reply.find(' '), reply.size());
      words += number<std::uint64_t>(reply.substr(0, space)).value_or(0);
      different += number<std::uint64_t>(reply.substr(std::min(space + 1, reply.size()))).value_or(0);
    }
    return std::to_string(words) + " " + std::to_string(different) + "\n";
  }
};
AIRSSYS_ACTOR(Report)
