#include "airssys/security/token_bucket.hpp"

#include <algorithm>

namespace airssys::security {
namespace {

constexpr core::MonotonicTime kSecond{1'000'000'000};

}  // namespace

TokenBucket::TokenBucket(core::Rate rate, core::MonotonicTime now) noexcept
    : per_second_(rate.per_second), parts_(capacity()), filled_at_(now) {}

bool TokenBucket::take(core::MonotonicTime now) noexcept {
  fill(now);
  if (parts_ < kPartsPerToken) return false;
  parts_ -= kPartsPerToken;
  return true;
}

void TokenBucket::give_back() noexcept {
  parts_ = std::min(parts_ + kPartsPerToken, capacity());
}

void TokenBucket::fill(core::MonotonicTime now) noexcept {
  if (now <= filled_at_) return;
  // A second fills it whatever was in it, so that no product here is beyond 2^32 * 10^9, and no sum beyond twice that.
  const auto elapsed = static_cast<std::uint64_t>(std::min(now - filled_at_, kSecond).count());
  parts_ = std::min(parts_ + elapsed * per_second_, capacity());
  filled_at_ = now;
}

}  // namespace airssys::security
