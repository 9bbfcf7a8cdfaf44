#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/core/limits.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/ports/log_port.hpp"

namespace airssys::core {

/// The text, or its beginning and " [cut]", `most` bytes in all; never within a character. For texts that are passed on.
std::string cut_to(std::string_view text, std::size_t most);
/// The same for texts that a guest gives to people: what is bounded are the bytes that come out (`shown_bytes`), since a byte
/// that a terminal would obey comes out as up to six.
std::string cut_shown(std::string_view text, std::size_t most = Failure::kMaxTextBytes);

/// What is kept of a log line's fields: names and values that come out as at most `kFieldBytes` together. The field that goes
/// beyond is cut, those after it are left out, and a last field `[cut]` says how many. Fields that fit cost nothing.
class KeptFields {
 public:
  static constexpr Bytes kFieldBytes = Bytes{4} << 10;

  /// `fields` are borrowed. `left_out`: how many there were beyond these.
  KeptFields(std::span<const LogField> fields, std::size_t left_out);
  KeptFields(const KeptFields&) = delete;
  KeptFields& operator=(const KeptFields&) = delete;

  /// Valid as long as this object and what it was made of.
  std::span<const LogField> fields() const noexcept { return was_cut_ ? std::span<const LogField>(kept_) : whole_; }
  /// As how many bytes they come out.
  Bytes shown_bytes() const noexcept { return shown_; }

 private:
  void cut(std::size_t left_out);

  std::span<const LogField> whole_;
  Bytes shown_ = 0;
  bool was_cut_ = false;
  std::vector<LogField> kept_;  // the rest: only if something was cut
  std::string cut_value_;
  std::string how_many_;
};

}  // namespace airssys::core
