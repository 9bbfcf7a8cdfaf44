#pragma once

#include <chrono>
#include <cstdint>

namespace airssys::core {

/// Sizes in bytes that read as what they are: `4_MiB`.
using Bytes = std::uint64_t;

/// What one actor may use. Values only: each is enforced by the layer named. The defaults are those of the product.
struct Limits {
  Bytes memory = Bytes{16} << 20;               ///< Ceiling of a guest's linear memory. runtime.
  std::uint64_t table_elements = 10'000;        ///< Ceiling of a guest's tables. runtime.
  std::chrono::milliseconds turn_cpu{1000};     ///< CPU time of one turn; then it is stopped. actor.
  std::chrono::milliseconds turn_wall{30'000};  ///< Wall time of one turn; then it is stopped. actor.
  std::chrono::milliseconds slice{10};          ///< How long a turn may run before anybody looks. actor.
  std::uint32_t mailbox_messages = 1024;        ///< Messages waiting. actor.
  Bytes mailbox_bytes = Bytes{4} << 20;         ///< Bytes waiting. actor.
  Bytes body_bytes = Bytes{1} << 20;            ///< One body. messaging.
  Bytes reply_bytes = Bytes{4} << 20;           ///< Replies waiting for their requester. messaging.
  std::uint32_t requests = 1024;                ///< Open requests of this actor. messaging.
  std::uint32_t deferred = 1024;                ///< Requests it owes an answer. messaging.
  std::uint32_t timers = 1024;                  ///< Armed timers. actor.
  std::uint32_t subscriptions = 256;            ///< messaging.
  std::uint32_t turn_effects = 1024;            ///< Effects of one turn. actor.
  Bytes turn_bytes = Bytes{8} << 20;            ///< Bytes of one turn's effects. actor.
  std::uint32_t log_rate = 1000;                ///< Lines a second. system.

  friend bool operator==(const Limits&, const Limits&) noexcept = default;
};

}  // namespace airssys::core

namespace airssys::literals {
consteval core::Bytes operator""_KiB(unsigned long long value) {
  return core::Bytes{value} << 10;
}
consteval core::Bytes operator""_MiB(unsigned long long value) {
  return core::Bytes{value} << 20;
}
consteval core::Bytes operator""_GiB(unsigned long long value) {
  return core::Bytes{value} << 30;
}
}  // namespace airssys::literals
