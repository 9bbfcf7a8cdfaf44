#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "airssys/core/address.hpp"
#include "airssys/core/big_reader_lock.hpp"
#include "airssys/core/error.hpp"
#include "airssys/security/grant.hpp"

namespace airssys::security {

/// Names a grant while the process lives; never used again.
enum class GrantId : std::uint64_t {};

/// What a table says about one call.
struct Decision {
  bool allowed = false;
  std::optional<GrantId> grant{};           ///< The one that covers it. None for the operator, and for a denial.
  std::optional<core::Rate> rate{};         ///< The edge's rate, if metered.
  std::optional<core::Bytes> body_bytes{};  ///< The edge's largest body, if bounded.

  explicit operator bool() const noexcept { return allowed; }
  friend bool operator==(const Decision&, const Decision&) noexcept = default;
};

/// All grants of a system. Denies by default. Of several grants that cover a call, the first one added decides, with its
/// rate and size. Gateways and other actors of the host are senders and targets like others; only the operator
/// (`airssys/operator/1`) needs no grant: it may do everything but subscribe, since it receives nothing but replies.
///
/// A decision costs a hash and the grants that name the sender exactly, plus all grants whose `from` has a `*`. Senders keep
/// decisions: read `version()` first, then `decide`; what was decided is good for as long as `version()` is what was read.
///
/// A resource. Any thread, any function. Threads that decide hardly ever wait for each other, and hold up no change: a change
/// waits for the decisions that are being made, and later ones wait for it.
class GrantTable {
 public:
  GrantTable() = default;
  GrantTable(const GrantTable&) = delete;
  GrantTable& operator=(const GrantTable&) = delete;

  /// `ErrorCode::invalid` for a grant that makes no sense (see `check`).
  core::Result<GrantId> add(Grant grant);
  /// False: there is no such grant (any more). Calls decided from now on no longer see it.
  bool revoke(GrantId id);
  /// Changes with every grant added and every grant revoked. One atomic read.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  /// `to` is an address for send, request and find, a topic for publish, and a topic pattern, which must be contained as a
  /// whole, for subscribe. What is malformed is denied.
  Decision decide(std::string_view from, std::string_view to, Verb verb) const;
  /// The same, with half the work, for what is known to be addresses. `verb` is about addresses, too: send, request or find.
  Decision decide(const core::Address& from, const core::Address& to, Verb verb) const;
  /// In the order in which they were added.
  std::vector<std::pair<GrantId, Grant>> grants() const;

 private:
  using Entry = std::pair<GrantId, Grant>;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  std::vector<Entry>& list_for(const Grant& grant);
  template <typename From, typename Covers>
  Decision first_of(const From& from, const Covers& covers) const;

  mutable core::BigReaderLock lock_;
  std::unordered_map<std::string, std::vector<Entry>, TextHash, std::equal_to<>> by_literal_sender_;
  std::vector<Entry> by_sender_pattern_;
  std::uint64_t last_id_ = 0;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace airssys::security
