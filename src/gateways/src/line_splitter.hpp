#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace airssys::gateways {

/// Cuts a stream of chunks into lines. Memory is bounded: of a line beyond `longest` only the fact is kept.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t longest) : longest_(longest) {}

  /// Calls `take(line)` or `too_long()` per line that ends in `chunk`, until one returns false; then false.
  template <typename Take, typename TooLong>
  bool add(std::string_view chunk, Take&& take, TooLong&& too_long) {
    while (!chunk.empty()) {
      const std::size_t end = chunk.find('\n');
      if (end == std::string_view::npos) {
        keep(chunk);
        return true;
      }
      const std::string_view rest = chunk.substr(0, end);
      chunk.remove_prefix(end + 1);
      if (!finish(rest, take, too_long)) return false;
    }
    return true;
  }

  /// The stream is over: what is left is a line.
  template <typename Take, typename TooLong>
  bool end(Take&& take, TooLong&& too_long) {
    if (kept_.empty() && !skipping_) return true;
    return finish({}, take, too_long);
  }

 private:
  void keep(std::string_view part) {
    if (skipping_) return;
    if (kept_.size() + part.size() > longest_) {
      skipping_ = true;
      kept_.clear();
      return;
    }
    kept_ += part;
  }

  template <typename Take, typename TooLong>
  bool finish(std::string_view rest, Take& take, TooLong& too_long) {
    // The usual line lies whole in the chunk and is not copied.
    if (kept_.empty() && !skipping_ && rest.size() <= longest_) return take(rest);
    keep(rest);
    if (skipping_) {
      skipping_ = false;
      return too_long();
    }
    const bool more = take(std::string_view(kept_));
    kept_.clear();
    return more;
  }

  const std::size_t longest_;
  std::string kept_;
  bool skipping_ = false;
};

}  // namespace airssys::gateways
