#include "targets.hpp"

#include <algorithm>
#include <utility>

namespace airssys::gateways {
namespace {

/// Places that are drawn for a hash whose own is passed over, before all are looked through.
constexpr int kDraws = 32;

/// The finalizer of SplitMix64: the next draw depends on all of the last one.
std::uint64_t next_draw(std::uint64_t draw) noexcept {
  draw += 0x9E37'79B9'7F4A'7C15ULL;
  draw = (draw ^ (draw >> 30U)) * 0xBF58'476D'1CE4'E5B9ULL;
  draw = (draw ^ (draw >> 27U)) * 0x94D0'49BB'1331'11EBULL;
  return draw ^ (draw >> 31U);
}

}  // namespace

Targets::Targets(std::vector<core::Address> all) {
  all_.reserve(all.size());
  for (core::Address& address : all) all_.push_back({.address = std::move(address)});
}

std::optional<std::size_t> Targets::in_turn() noexcept {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const std::size_t target = next_++ % all_.size();
    if (is_candidate(all_[target])) return target;
  }
  return std::nullopt;
}

std::optional<std::size_t> Targets::with_least(const std::function<std::size_t(const core::Address&)>& load) const {
  std::optional<std::size_t> best;
  std::size_t least = 0;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (!is_candidate(all_[i])) continue;
    const std::size_t here = load(all_[i].address);
    if (best && here >= least) continue;
    best = i;
    least = here;
  }
  return best;
}

std::optional<std::size_t> Targets::by_hash(std::uint64_t hash) const noexcept {
  // Each hash has its own order of substitutes, so that those of one that has gone are spread over all others, and nobody
  // else's place changes.
  std::size_t target = hash % all_.size();
  for (int draws = 0; draws < kDraws; ++draws) {
    if (is_candidate(all_[target])) return target;
    hash = next_draw(hash);
    target = hash % all_.size();
  }
  for (std::size_t i = 0; i < all_.size(); ++i, target = (target + 1) % all_.size()) {
    if (is_candidate(all_[target])) return target;
  }
  return std::nullopt;
}

bool Targets::note_gone(std::size_t target, core::MonotonicTime now) noexcept {
  all_[target].tried = now;
  look(now);
  if (std::exchange(all_[target].gone, true)) return false;
  if (++gone_ == all_.size()) nobody_since_ = now;
  return true;
}

bool Targets::note_here(std::size_t target) noexcept {
  if (!std::exchange(all_[target].gone, false)) return false;
  --gone_;
  return true;
}

core::MonotonicTime Targets::next_look() const noexcept {
  return std::ranges::min(all_, {}, &Target::tried).tried + kLook;
}

std::optional<core::MonotonicTime> Targets::nobody_since() const noexcept {
  if (gone_ < all_.size()) return std::nullopt;
  return nobody_since_;
}

}  // namespace airssys::gateways
