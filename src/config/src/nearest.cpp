#include "airssys/config/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <system_error>
#include <vector>

namespace airssys::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kMostEntries = 1000;

/// Letters added, removed, changed or swapped with their neighbour. Row `i` holds the distances between the first `i` letters
/// of `left` and each beginning of `right`; three rows are enough.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_last(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t changed = left[i - 1] == right[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + changed});
      const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[right.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view text, std::span<const std::string_view> known) {
  if (text.size() > kLongestName) return {};
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(1, text.size() / 3) + 1;
  for (const std::string_view name : known) {
    const std::size_t here = distance(text, name);
    if (here >= least || here >= name.size()) continue;
    least = here;
    nearest = name;
  }
  return nearest;
}

fs::path nearest_path(const fs::path& wanted, const std::function<bool(const fs::path&)>& is_fit) {
  const fs::path lexical = wanted.lexically_normal();
  const fs::path path = lexical.has_filename() ? lexical : lexical.parent_path();
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code failure;
  if (path.has_parent_path() && path.parent_path() != path && !fs::exists(folder, failure)) {
    const fs::path nearest = nearest_path(folder, [](const fs::path& entry) {
      std::error_code unknown;
      return fs::is_directory(entry, unknown);
    });
    return !nearest.empty() && is_fit(nearest / path.filename()) ? nearest / path.filename() : fs::path();
  }
  std::vector<std::string> names;
  fs::directory_iterator entry(folder, failure);
  for (std::size_t seen = 0; !failure && entry != fs::directory_iterator() && seen < kMostEntries; ++seen) {
    if (is_fit(entry->path())) names.push_back(entry->path().filename().string());
    entry.increment(failure);
  }
  std::ranges::sort(names);
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view nearest = nearest_name(path.filename().string(), known);
  return nearest.empty() ? fs::path() : path.parent_path() / nearest;
}

}  // namespace airssys::config
