#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/gateways/line_key.hpp"

namespace airssys::gateways {

/// Finds the key in line after line. Bytes are bytes: no line is malformed, it only has no key. Time and memory are bounded by
/// the line's length; JSON is looked through up to the key. Belongs to one thread.
class KeyFinder {
 public:
  explicit KeyFinder(LineKey key);

  /// The key, until the next call; nothing if the line has none.
  std::optional<std::string_view> find(std::string_view line);

 private:
  const LineKey key_;
  std::vector<std::string> path_;  ///< The pointer's parts, unescaped.
  std::string found_;
};

}  // namespace airssys::gateways
