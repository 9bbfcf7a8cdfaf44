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

void IdempotencyKeys::forget(core::Shares::ItemNumber number) {
  const auto entry = entries_.find(number);
  numbers_.erase(entry->second.name);
  entries_.erase(entry);
  shares_.remove(number);
}

void IdempotencyKeys::forget_old(core::MonotonicTime now) {
  while (!entries_.empty() && entries_.begin()->second.since + core::MonotonicTime(kKept) <= now)
    forget(entries_.begin()->first);
  while (entries_.size() > kMost) forget(shares_.first_to_go());
}

std::expected<std::optional<core::MessageId>, core::SendError> IdempotencyKeys::find(const Use& use, core::MonotonicTime now) {
  if (use.key.empty()) return refused("an idempotency key must not be empty");
  if (use.key.size() > kKeyBytesMax) {
    return refused("an idempotency key has at most 255 bytes; this one has " + std::to_string(use.key.size()));
  }
  const std::lock_guard lock(mutex_);
  forget_old(now);
  const auto number = numbers_.find(name_of(use));
  if (number == numbers_.end()) return std::nullopt;
  const Entry& known = entries_.find(number->second)->second;
  if (known.fingerprint == fingerprint_of(use)) return known.id;
  return refused("the idempotency key " + core::quoted(use.key) + " was used for another message, " +
                 std::to_string(core::to_number(known.id)) + ": use a new key for a new message");
}

void IdempotencyKeys::remember(const Use& use, core::MessageId id, core::MonotonicTime now) {
  std::string name = name_of(use);
  const std::lock_guard lock(mutex_);
  if (!numbers_.try_emplace(name, last_ + 1).second) return;
  entries_.emplace_hint(entries_.end(), ++last_,
                        Entry{.name = std::move(name), .fingerprint = fingerprint_of(use), .id = id, .since = now});
  shares_.add(last_, use.sender, use.sender, 1);
  forget_old(now);
}

std::size_t IdempotencyKeys::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace airssys::messaging
