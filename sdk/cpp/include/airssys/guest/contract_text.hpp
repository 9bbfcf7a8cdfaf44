/// Every text that leaves for the host passes here. The contract's strings are UTF-8, and a component that passes other bytes
/// is ended for it; so what is no UTF-8 (a message's body may be any bytes) leaves as U+FFFD, one for each piece that is none.
/// Bodies are no strings: they leave as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace airssys::guest::detail {

inline std::uint32_t size32(std::size_t size) noexcept {
  return static_cast<std::uint32_t>(size);
}

/// Not inlined: each call of the contract asks, and would grow by it beyond what the compiler inlines.
bool is_well_formed(std::string_view text) noexcept;
/// With U+FFFD for what is no UTF-8. Of a long text its first 8 KiB, which is more than the host keeps of any.
std::string mended(std::string_view text);

/// In place, for a text that must live on after the call.
inline void make_well_formed(std::string& text) {
  if (!is_well_formed(text)) [[unlikely]] {
    text = mended(text);
  }
}

/// A text for the length of a call: the caller's own bytes, unless they have to be mended.
class ContractText {
 public:
  explicit ContractText(std::string_view text) : text_(text) {
    if (!is_well_formed(text)) [[unlikely]] {
      mended_ = mended(text);
      text_ = mended_;
    }
  }
  ContractText(const ContractText&) = delete;
  ContractText& operator=(const ContractText&) = delete;

  const char* data() const noexcept { return text_.data(); }
  std::uint32_t size() const noexcept { return size32(text_.size()); }

 private:
  std::string_view text_;
  std::string mended_;
};

}  // namespace airssys::guest::detail
