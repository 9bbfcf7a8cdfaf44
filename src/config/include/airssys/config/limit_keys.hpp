#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "airssys/config/limits_patch.hpp"

namespace airssys::config {

/// How a limit is written.
enum class LimitForm : std::uint8_t { bytes, duration, count, rate, byte_rate };

/// One key of `[limits]`, `[defaults]` and `limits = {}`: its name, form, bounds (bytes, milliseconds or a number) and member.
struct LimitKey {
  using Member = std::variant<std::optional<std::uint64_t> LimitsPatch::*, std::optional<std::uint32_t> LimitsPatch::*,
                              std::optional<std::chrono::milliseconds> LimitsPatch::*>;

  std::string_view name;
  LimitForm form;
  std::uint64_t least;
  std::uint64_t most;
  Member member;
};

/// All of them: who reads, checks or shows limits walks over this list.
std::span<const LimitKey> limit_keys() noexcept;

std::optional<std::uint64_t> get(const LimitsPatch& patch, const LimitKey& key) noexcept;
void set(LimitsPatch& patch, const LimitKey& key, std::uint64_t value) noexcept;
/// As it is written in a file.
std::string limit_text(const LimitKey& key, std::uint64_t value);
/// All limits of `limits`, as a patch without places. Keys that `core::Limits` has not stay unnamed.
LimitsPatch as_patch(const core::Limits& limits);

}  // namespace airssys::config
