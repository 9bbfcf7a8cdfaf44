#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "airssys/config/problem.hpp"
#include "airssys/core/limits.hpp"

namespace airssys::config {

/// The limits that a file, an actor or a component names; the others stay as they are. A value.
struct LimitsPatch {
  std::optional<core::Bytes> memory{};
  std::optional<core::Bytes> reserve{};
  std::optional<std::uint64_t> table_elements{};
  std::optional<std::chrono::milliseconds> turn_cpu{};
  std::optional<std::chrono::milliseconds> turn_wall{};
  std::optional<std::chrono::milliseconds> slice{};
  std::optional<std::uint32_t> mailbox_messages{};
  std::optional<core::Bytes> mailbox_bytes{};
  std::optional<core::Bytes> body_bytes{};
  std::optional<core::Bytes> reply_bytes{};
  std::optional<std::uint32_t> requests{};
  std::optional<std::uint32_t> deferred{};
  std::optional<std::uint32_t> timers{};
  std::optional<std::uint32_t> subscriptions{};
  std::optional<std::uint32_t> turn_effects{};
  std::optional<core::Bytes> turn_bytes{};
  std::optional<std::uint32_t> log_rate{};  ///< Lines a second.
  std::optional<core::Bytes> storage{};
  std::optional<core::Bytes> storage_rate{};  ///< Bytes a second.
  std::optional<core::Bytes> value_bytes{};
  /// Where each key is written, if it comes from a file.
  std::map<std::string, Place, std::less<>> places{};

  friend bool operator==(const LimitsPatch&, const LimitsPatch&) noexcept = default;
};

/// `base` with what the patch names. `reserve`, `storage`, `storage_rate` and `value_bytes` have no counterpart in
/// `core::Limits`; `unsupported` lists them.
core::Limits apply(const LimitsPatch& patch, core::Limits base);
/// What `over` names, else what `base` names.
LimitsPatch merge(const LimitsPatch& base, const LimitsPatch& over);

}  // namespace airssys::config
