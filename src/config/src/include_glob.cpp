#include "include_glob.hpp"

#include <algorithm>
#include <system_error>

namespace airssys::config {
namespace {

using Paths = std::vector<std::filesystem::path>;

/// What of `folder` matches one segment with wildcards.
void append_matches(const std::filesystem::path& folder, const std::string& segment, Paths& matches) {
  std::error_code fault;
  std::filesystem::directory_iterator entry(folder.empty() ? "." : folder, fault);
  for (; !fault && entry != std::filesystem::directory_iterator(); entry.increment(fault)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.') && !segment.starts_with('.')) continue;
    if (glob_matches(segment, name)) matches.push_back(folder / name);
  }
}

Paths step(const Paths& places, const std::string& segment) {
  Paths next;
  for (const std::filesystem::path& place : places) {
    if (is_glob(segment)) {
      append_matches(place, segment, next);
    } else {
      next.push_back(place / segment);
    }
  }
  return next;
}

}  // namespace

bool is_glob(std::string_view pattern) noexcept {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

bool glob_matches(std::string_view pattern, std::string_view name) noexcept {
  // On a mismatch the last star takes one character more, and all after it is tried again.
  std::size_t at = 0;
  std::size_t in_name = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_end = 0;
  while (in_name < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_end = in_name;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == name[in_name])) {
      ++at;
      ++in_name;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in_name = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.substr(at).find_first_not_of('*') == std::string_view::npos;
}

std::vector<std::filesystem::path> expand_glob(const std::filesystem::path& folder, const std::filesystem::path& pattern) {
  Paths places{pattern.is_absolute() ? pattern.root_path() : folder};
  for (const std::filesystem::path& segment : pattern.relative_path()) places = step(places, segment.string());
  std::error_code ignored;
  std::erase_if(places, [&ignored](const auto& place) { return !std::filesystem::is_regular_file(place, ignored); });
  std::ranges::sort(places);
  return places;
}

}  // namespace airssys::config
