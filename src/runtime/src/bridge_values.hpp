#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/bridge.h"
#include "airssys/core/error.hpp"

namespace airssys::runtime {

inline ab_view view_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline ab_view view_of(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}
inline std::string_view text_of(ab_view view) noexcept {
  return {reinterpret_cast<const char*>(view.data), view.size};
}
inline std::span<const std::byte> bytes_of(ab_view view) noexcept {
  return {reinterpret_cast<const std::byte*>(view.data), view.size};
}

/// An `ab_buffer` that frees itself. `out()` is for the bridge to fill, once.
class OwnedBuffer {
 public:
  OwnedBuffer() noexcept = default;
  explicit OwnedBuffer(ab_buffer buffer) noexcept : buffer_(buffer) {}
  OwnedBuffer(const OwnedBuffer&) = delete;
  OwnedBuffer& operator=(const OwnedBuffer&) = delete;
  ~OwnedBuffer() {
    if (buffer_.data != nullptr) ab_buffer_free(buffer_);
  }

  ab_buffer* out() noexcept { return &buffer_; }
  std::span<const std::byte> bytes() const noexcept { return bytes_of({buffer_.data, buffer_.size}); }
  std::string_view text() const noexcept { return text_of({buffer_.data, buffer_.size}); }
  std::vector<std::byte> to_vector() const { return {bytes().begin(), bytes().end()}; }

 private:
  ab_buffer buffer_{};
};

/// An error of this layer.
inline core::Error runtime_error(core::ErrorCode code, std::string message) {
  return core::Error(code, "runtime", std::move(message));
}

/// What a status that is not AB_OK means to a user.
core::ErrorCode error_code_of(ab_status status) noexcept;

}  // namespace airssys::runtime
