#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "airssys/core/ports/hash_port.hpp"

namespace airssys::runtime::testing {

/// Four rounds of FNV-1a: tells contents apart, keeps no secret. The real one is made by the layer `trust`.
class FakeHash final : public core::HashPort {
 public:
  core::Digest digest(std::span<const std::byte> bytes) const noexcept override {
    State state;
    state.add(bytes);
    return state.digest();
  }
  core::Digest keyed(std::span<const std::byte> key,
                     std::span<const std::span<const std::byte>> parts) const noexcept override {
    State state;
    state.add(key);
    for (const auto part : parts) state.add(part);
    return state.digest();
  }

 private:
  struct State {
    std::uint64_t lanes[4] = {0x9e37'79b9'7f4a'7c15U, 2, 3, 4};

    void add(std::span<const std::byte> bytes) noexcept {
      for (const std::byte byte : bytes) {
        for (std::uint64_t& lane : lanes) {
          lane = (lane ^ std::to_integer<std::uint64_t>(byte)) * 0x100'0000'01b3U;
          lane ^= lane >> 29U;
        }
      }
    }
    core::Digest digest() const noexcept {
      core::Digest result{};
      for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<std::byte>(lanes[i / 8] >> (i % 8 * 8));
      return result;
    }
  };
};

}  // namespace airssys::runtime::testing
