#include "airssys/config/problem.hpp"

#include <fmt/format.h>

#include <ostream>
#include <utility>

namespace airssys::config {

std::string to_string(const Place& place) {
  return place.line == 0 ? place.file : fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

Problem problem_at(const Place& place, std::string message, std::string expected, std::string nearest) {
  return {.file = place.file,
          .line = place.line,
          .column = place.column,
          .message = std::move(message),
          .expected = std::move(expected),
          .nearest = std::move(nearest)};
}

std::string to_string(const Problem& problem) {
  std::string text = fmt::format("{}: {}", to_string(Place{problem.file, problem.line, problem.column}), problem.message);
  if (!problem.expected.empty()) text += fmt::format("; expected {}", problem.expected);
  if (!problem.nearest.empty()) text += fmt::format("; did you mean \"{}\"?", problem.nearest);
  return text;
}

std::ostream& operator<<(std::ostream& out, const Problem& problem) {
  return out << to_string(problem);
}

std::string to_string(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += to_string(problem);
  }
  return text;
}

}  // namespace airssys::config
