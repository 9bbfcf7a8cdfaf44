#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <variant>

#include "airssys/core/address.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/units.hpp"
#include "airssys/security/topic.hpp"
#include "airssys/security/verb.hpp"

namespace airssys::security {

/// One edge that is allowed: who, to whom or on what topics, doing what, how often and with bodies of what size. What no
/// grant covers is denied. A value.
struct Grant {
  using Target = std::variant<core::AddressPattern, TopicPattern>;

  core::AddressPattern from;
  Target to;
  VerbSet allow;
  std::optional<core::Rate> rate{};         ///< Of each covered sender to each covered target. Absent: unmetered.
  std::optional<core::Bytes> body_bytes{};  ///< Largest body. Absent: the target's own limit alone.

  friend bool operator==(const Grant&, const Grant&) noexcept = default;
};

/// "demo/split/* -> demo/counter/*: send, request".
std::string to_string(const Grant& grant);
std::ostream& operator<<(std::ostream& out, const Grant& grant);

/// Whether a grant makes sense: it allows something; addresses take send, request and find, topics publish and subscribe;
/// a rate and a body size of 0 would allow nothing. `ErrorCode::invalid` says what does not fit.
core::Result<void> check(const Grant& grant);

}  // namespace airssys::security
