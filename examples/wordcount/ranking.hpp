// How counters and report write and order counts: a line `count word` for each word, the most frequent first, words with the
// same count in the order of their bytes.
#pragma once

#include <airssys/guest.hpp>
#include <algorithm>
#include <vector>

namespace ranking {

struct Count {
  std::uint64_t times = 0;
  std::string_view word;

  friend bool operator<(const Count& left, const Count& right) {
    return left.times != right.times ? left.times > right.times : left.word < right.word;
  }
};

/// The first `most` of them, as lines.
inline std::string top(std::vector<Count>& counts, std::size_t most) {
  const std::size_t size = std::min(most, counts.size());
  std::partial_sort(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(size), counts.end());
  std::string lines;
  for (const Count& count : std::span(counts).first(size)) {
    lines += std::to_string(count.times);
    lines += ' ';
    lines += count.word;
    lines += '\n';
  }
  return lines;
}

/// Reads what `top` wrote; the words stay where they are.
inline void read(std::string_view lines, std::vector<Count>& counts) {
  for (const std::string_view line : airssys::guest::split(lines, '\n')) {
    const std::size_t space = line.find(' ');
    if (space == line.npos) continue;
    counts.push_back({airssys::guest::number<std::uint64_t>(line.substr(0, space)).value_or(0), line.substr(space + 1)});
  }
}

/// The N of `top N`.
inline std::optional<std::size_t> asked_for_top(std::string_view question) {
  constexpr std::string_view kTop = "top ";
  return question.starts_with(kTop) ? airssys::guest::number<std::size_t>(question.substr(kTop.size())) : std::nullopt;
}

/// A reply must fit into one body, 1 MiB unless the system file says otherwise.
inline constexpr std::size_t kMaxReply = 1'000'000;

inline airssys::guest::Result<airssys::guest::Response> reply_that_fits(std::string lines, std::size_t most) {
  if (lines.size() <= kMaxReply) return airssys::guest::reply(std::move(lines));
  return airssys::guest::rejected("top " + std::to_string(most) + " are " + std::to_string(lines.size()) +
                                  " bytes, more than a reply holds: ask for fewer");
}

}  // namespace ranking
