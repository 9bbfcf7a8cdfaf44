#include "airssys/messaging/metrics.hpp"

namespace airssys::messaging {
Tally::More& Tally::make_more() {
  More* const made = new More;
  more_.store(made, std::memory_order_release);
  return *made;
}

MessagingStats Tally::read() const noexcept {
  MessagingStats stats;
  stats.router.introductions = introductions.read();
  if (const More* const more = more_.load(std::memory_order_acquire)) {
    stats.service.sent = more->host_sent.read();
    stats.service.broadcasts = more->broadcasts.read();
    stats.service.published = more->published.read();
    stats.service.requests_opened = more->requests_opened.read();
    stats.service.cancelled = more->cancelled.read();
    stats.service.timeouts = more->timeouts.read();
    stats.responses.routed = more->routed.read();
    stats.responses.errors = more->errors.read();
  }
  if (actor != nullptr) {
    stats.service.sent += actor->sent.read();
    stats.reception = {.handled = actor->messages.read(), .refused = actor->refused.read(), .put_off = actor->busy.read()};
  }
  return stats;
}

namespace {

/// `sum` and `sign` times `part`, number by number.
void combine(MessagingStats& sum, const MessagingStats& part, bool plus) noexcept {
  const auto one = [plus](std::uint64_t& to, std::uint64_t by) { to = plus ? to + by : to - by; };
  one(sum.service.sent, part.service.sent);
  one(sum.service.broadcasts, part.service.broadcasts);
  one(sum.service.published, part.service.published);
  one(sum.service.requests_opened, part.service.requests_opened);
  one(sum.service.cancelled, part.service.cancelled);
  one(sum.service.timeouts, part.service.timeouts);
  one(sum.router.introductions, part.router.introductions);
  one(sum.responses.routed, part.responses.routed);
  one(sum.responses.errors, part.responses.errors);
  one(sum.reception.handled, part.reception.handled);
  one(sum.reception.refused, part.reception.refused);
  one(sum.reception.put_off, part.reception.put_off);
}

}  // namespace

void MessagingMetrics::enlist(Tally& tally) noexcept {
  Shard& shard = shard_of(tally);
  const std::lock_guard lock(shard.mutex);
  tally.next_ = shard.first;
  if (shard.first != nullptr) shard.first->previous_ = &tally;
  shard.first = &tally;
}

void MessagingMetrics::retire(Tally& tally) noexcept {
  Shard& shard = shard_of(tally);
  const std::lock_guard lock(shard.mutex);
  if (tally.previous_ != nullptr) tally.previous_->next_ = tally.next_;
  if (tally.next_ != nullptr) tally.next_->previous_ = tally.previous_;
  if (shard.first == &tally) shard.first = tally.next_;
  tally.previous_ = nullptr;
  tally.next_ = nullptr;
  const MessagingStats all = tally.read();
  if (tally.folded_ == nullptr) {
    tally.folded_ = std::make_unique<Tally::Folded>();
  } else {
    combine(shard.retired, tally.folded_->stats, false);
  }
  combine(shard.retired, all, true);
  tally.folded_->stats = all;
}

MessagingStats MessagingMetrics::stats() const noexcept {
  MessagingStats stats;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    combine(stats, shard.retired, true);
    for (const Tally* tally = shard.first; tally != nullptr; tally = tally->next_) combine(stats, tally->read(), true);
  }
  for (std::size_t i = 0; i < kSendErrorKinds; ++i) stats.service.refused[i] = refused_[i].load(std::memory_order_relaxed);
  stats.service.timeouts += host_timeouts_.load(std::memory_order_relaxed);
  stats.responses.routed += host_routed_.load(std::memory_order_relaxed);
  stats.responses.errors += host_errors_.load(std::memory_order_relaxed);
  stats.responses.orphaned = orphaned_.load(std::memory_order_relaxed);
  stats.responses.refused = replies_refused_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace airssys::messaging
