// A line of text comes in; its words go out, those of one counter together in one message, a word a line. Words are bytes
// between the white space of C's locale and need not be UTF-8. Which counter a word belongs to is decided by its hash, so
// that each word is counted in one place, whichever splitter saw it.
//
// If a counter's mailbox is full, the turn answers `busy`: nothing of this line was sent, and the line comes again when there
// is room. So the pipeline slows down to its source instead of losing words or counting them twice.
#include <airssys/guest.hpp>
#include <vector>
using namespace airssys::guest;

namespace {

constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

std::uint64_t hash_of(std::string_view word) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return hash ^ (hash >> 32);
}

}  // namespace

struct Splitter {
  std::vector<std::string> counters;
  std::vector<std::string> batches;  // one for each counter; empty between turns

  Result<void> initialize() {
    const auto count = config_or<unsigned>("counters", 0);
    if (count == 0) return internal("config: counters is missing or not a number above 0");
    const std::string address = config_or("counter", "demo/counter");
    for (unsigned i = 1; i <= count; ++i) counters.push_back(address + "/" + std::to_string(i));
    batches.resize(counters.size());
    return {};
  }

  Result<Response> handle_message(const Message& message) {
    for (std::string& batch : batches) batch.clear();
    sort_words(message.text());
    for (std::size_t i = 0; i < batches.size(); ++i) {
      if (!batches[i].empty()) AIRSSYS_TRY(send(counters[i], raw(batches[i])));
    }
    return done();
  }

  void sort_words(std::string_view line) {
    while (true) {
      const std::size_t begin = line.find_first_not_of(kWhiteSpace);
      if (begin == line.npos) return;
      line.remove_prefix(begin);
      const std::string_view word = line.substr(0, line.find_first_of(kWhiteSpace));
      std::string& batch = batches[hash_of(word) % batches.size()];
      if (!batch.empty()) batch += '\n';
      batch += word;
      line.remove_prefix(word.size());
    }
  }
};
AIRSSYS_ACTOR(Splitter)
