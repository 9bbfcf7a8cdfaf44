#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "airssys/core/address.hpp"
#include "airssys/core/ports/clock_port.hpp"

namespace airssys::gateways {

/// The actors that a gateway sends to, always the same ones, and which of them were there when it last tried. One that was not
/// is passed over, and is a candidate again a second later: somebody may have brought it back. Nothing looks by itself: trying
/// one with the next message is the look, so that it costs nothing while all are there. Belongs to one thread.
class Targets {
 public:
  /// How long one that was not there is passed over.
  static constexpr core::MonotonicTime kLook = std::chrono::seconds(1);

  explicit Targets(std::vector<core::Address> all);

  const core::Address& operator[](std::size_t target) const noexcept { return all_[target].address; }
  std::size_t size() const noexcept { return all_.size(); }
  bool all_here() const noexcept { return gone_ == 0; }
  /// While not all are here: what time it is when the next one is chosen.
  void look(core::MonotonicTime now) noexcept { now_ = now; }

  /// A candidate, or nothing if nobody is one now. One after the other;
  std::optional<std::size_t> in_turn() noexcept;
  /// the one with the least load;
  std::optional<std::size_t> with_least(const std::function<std::size_t(const core::Address&)>& load) const;
  /// always the same for the same hash; while that one is passed over, always the same other one.
  std::optional<std::size_t> by_hash(std::uint64_t hash) const noexcept;

  /// It was tried and is not there. True: it was there before.
  bool note_gone(std::size_t target, core::MonotonicTime now) noexcept;
  /// It was tried and is there. True: it was not before.
  bool note_here(std::size_t target) noexcept;

  /// When somebody will be a candidate; only where nobody is.
  core::MonotonicTime next_look() const noexcept;
  /// Since when nobody is there; nothing if somebody is.
  std::optional<core::MonotonicTime> nobody_since() const noexcept;

 private:
  struct Target {
    core::Address address;
    bool gone = false;
    core::MonotonicTime tried{};  ///< If gone: when it was found so.
  };
  bool is_candidate(const Target& target) const noexcept { return !target.gone || now_ - target.tried >= kLook; }

  std::vector<Target> all_;
  std::size_t gone_ = 0;
  std::size_t next_ = 0;
  core::MonotonicTime now_{};
  core::MonotonicTime nobody_since_{};
};

}  // namespace airssys::gateways
