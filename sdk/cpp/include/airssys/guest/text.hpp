#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

namespace airssys::guest {

/// The non-empty pieces of a text between separators, in order, without a copy: for (std::string_view word : split(text, ' ')).
class Pieces {
 public:
  class Iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;

    Iterator(std::string_view rest, char separator) noexcept : rest_(rest), separator_(separator) { advance(); }
    std::string_view operator*() const noexcept { return piece_; }
    Iterator& operator++() noexcept {
      advance();
      return *this;
    }
    void operator++(int) noexcept { advance(); }
    bool operator==(std::default_sentinel_t) const noexcept { return piece_.empty(); }

   private:
    void advance() noexcept {
      const std::size_t begin = rest_.find_first_not_of(separator_);
      if (begin == rest_.npos) {
        piece_ = rest_ = {};
        return;
      }
      rest_.remove_prefix(begin);
      const std::size_t size = rest_.find(separator_);
      piece_ = rest_.substr(0, size);
      rest_.remove_prefix(piece_.size());
    }

    std::string_view rest_;
    std::string_view piece_;
    char separator_;
  };

  Pieces(std::string_view text, char separator) noexcept : text_(text), separator_(separator) {}
  Iterator begin() const noexcept { return {text_, separator_}; }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::string_view text_;
  char separator_;
};

inline Pieces split(std::string_view text, char separator) noexcept {
  return {text, separator};
}

}  // namespace airssys::guest
