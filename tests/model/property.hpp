#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "generators.hpp"
#include "performance.hpp"

namespace airssys::model {

using MakeWorld = std::function<std::unique_ptr<World>(const Case&)>;

/// Runs one case and judges it. Empty: it kept its promises.
std::vector<std::string> wrongs_of(const Case& played, const MakeWorld& make_world, bool by_hand);
/// What all cases of this process were made of, by words of `Reference::seen`.
std::map<std::string, std::uint64_t>& seen();
std::string in_lines(const std::vector<std::string>& wrongs);

struct Runs {
  std::string name;
  int cases = 100;
  std::uint64_t seed = 1;  ///< Of the cases drawn. Fixed, so that a test run says the same thing twice.
  Draw draw{};
  bool by_hand = true;
};

/// True: all cases kept their promises. If not, the smallest one found that did not is printed, with how to replay it.
bool hold(const Runs& runs, const MakeWorld& make_world);

}  // namespace airssys::model
