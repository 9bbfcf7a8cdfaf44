#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/core/block_cache.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/security/token_bucket.hpp"
#include "airssys/security/verb.hpp"

namespace airssys::messaging {

/// "send to demo/b/1", "publish on words.new": what somebody did or may not do.
std::string phrase_of(security::Verb verb, std::string_view target);

/// What one sender was denied, and whom it looked for in vain, for operators: denials are all counted, the last few edges by
/// name, and a notice now and then. A sender that is denied ever new things costs itself a short lock and a look at eight
/// names, and gets its own few notices a second, so it neither fills anything nor hides what others are denied. Any thread.
class Denials : public core::BlockAllocated {
 public:
  static constexpr std::size_t kEdgesKept = 8;
  /// Of all that one sender is denied. Of one edge it is one.
  static constexpr core::Rate kNotices{4};

  /// One thing that was denied. A value.
  struct Edge {
    security::Verb verb{};
    std::string target;
    std::uint64_t count = 0;
    std::uint64_t last_ms = 0;

    friend bool operator==(const Edge&, const Edge&) noexcept = default;
  };

  explicit Denials(core::MonotonicTime now) : may_tell_(kNotices, now), may_tell_of_the_gone_(core::Rate{1}, now) {}

  /// What is to be told of this denial, behind its sentence: empty, or how many were not told before it. Nothing: it is
  /// counted.
  std::optional<std::string> note(security::Verb verb, std::string_view target, core::MonotonicTime now, std::uint64_t now_ms);
  /// Whether operators are to be told now that somebody whom this sender may reach is no more: once a second of one sender,
  /// whatever it tries.
  bool may_tell_of_the_gone(core::MonotonicTime now);
  std::uint64_t count() const;
  /// The last edges, the latest first.
  std::vector<Edge> last() const;

 private:
  struct Known {
    Edge edge;
    std::uint64_t untold = 0;
    core::MonotonicTime told_at{};
    std::uint64_t seen = 0;  ///< The count of all when it was last denied.
  };

  Known& known(security::Verb verb, std::string_view target);

  mutable std::mutex mutex_;
  std::array<Known, kEdgesKept> edges_;
  std::size_t size_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t untold_of_others_ = 0;  ///< Of edges that are no longer kept.
  security::TokenBucket may_tell_;
  security::TokenBucket may_tell_of_the_gone_;
};

}  // namespace airssys::messaging
