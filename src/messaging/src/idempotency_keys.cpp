#include "airssys/messaging/idempotency_keys.hpp"

#include <functional>
#include <utility>

#include "airssys/core/quoted.hpp"

namespace airssys::messaging {
namespace {

std::size_t fingerprint_of(const IdempotencyKeys::Use& use) noexcept {
  const std::hash<std::string_view> hash;
  const std::size_t body = hash(use.payload.text());
  return body ^ (hash(use.to) * 31) ^ (static_cast<std::size_t>(use.payload.codec) << 17) ^ use.payload.body.size();
}

std::unexpected<core::SendError> refused(std::string text) {
  return std::unexpected(
      core::SendError{.kind = core::SendErrorKind::other, .limit = {}, .largest_bytes = 0, .text = std::move(text)});
}

}  // namespace

std::string IdempotencyKeys::name_of(const Use& use) {
  // No address has a space: two senders with the same key are two.
  return std::string(use.sender) + ' ' + std::string(use.key);
}

void IdempotencyKeys::forget_old(core::MonotonicTime now) {
  while (!order_.empty()) {
    const auto oldest = entries_.find(order_.front());
    if (order_.size() <= kMost && oldest->second.since + core::MonotonicTime(kKept) > now) return;
    entries_.erase(oldest);
    order_.pop_front();
  }
}

std::expected<std::optional<core::MessageId>, core::SendError> IdempotencyKeys::find(const Use& use, core::MonotonicTime now) {
  if (use.key.empty()) return refused("an idempotency key must not be empty");
  if (use.key.size() > kKeyBytesMax) {
    return refused("an idempotency key has at most 255 bytes; this one has " + std::to_string(use.key.size()));
  }
  const std::lock_guard lock(mutex_);
  forget_old(now);
  const auto found = entries_.find(name_of(use));
  if (found == entries_.end()) return std::nullopt;
  if (found->second.fingerprint == fingerprint_of(use)) return found->second.id;
  return refused("the idempotency key " + core::quoted(use.key) + " was used for another message, " +
                 std::to_string(core::to_number(found->second.id)) + ": use a new key for a new message");
}

void IdempotencyKeys::remember(const Use& use, core::MessageId id, core::MonotonicTime now) {
  std::string name = name_of(use);
  const std::lock_guard lock(mutex_);
  if (!entries_.try_emplace(name, Entry{.fingerprint = fingerprint_of(use), .id = id, .since = now}).second) return;
  order_.push_back(std::move(name));
  forget_old(now);
}

std::size_t IdempotencyKeys::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace airssys::messaging
