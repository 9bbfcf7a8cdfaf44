#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>

#include "airssys/config/problem.hpp"

namespace airssys::config {

Problems sorted(Problems problems, std::span<const std::filesystem::path> files) {
  std::map<std::string, std::size_t> order;
  for (const std::filesystem::path& file : files) order.emplace(file.string(), order.size());
  using Key = std::tuple<std::size_t, std::uint32_t, std::uint32_t, std::size_t>;
  std::vector<Key> keys;
  for (const Problem& problem : problems) {
    const std::size_t file = order.emplace(problem.file, order.size()).first->second;
    keys.emplace_back(file, problem.line, problem.column, keys.size());
  }
  std::ranges::sort(keys);
  Problems in_order;
  in_order.reserve(problems.size());
  for (const Key& key : keys) in_order.push_back(std::move(problems[std::get<3>(key)]));
  return in_order;
}

}  // namespace airssys::config
