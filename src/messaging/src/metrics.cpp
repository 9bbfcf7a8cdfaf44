#include "airssys/messaging/metrics.hpp"

namespace airssys::messaging {
namespace {

MessagingStats read(const Tally& tally) noexcept {
  MessagingStats stats{.service = {.sent = tally.host_sent.read(),
                                   .broadcasts = tally.broadcasts.read(),
                                   .published = tally.published.read(),
                                   .requests_opened = tally.requests_opened.read(),
                                   .cancelled = tally.cancelled.read(),
                                   .timeouts = tally.timeouts.read(),
                                   .refused = {}},
                       .router = {.introductions = tally.introductions.read()},
                       .responses = {.routed = tally.routed.read(), .errors = tally.errors.read(), .orphaned = 0, .refused = 0},
                       .reception = {}};
  if (tally.actor == nullptr) return stats;
  stats.service.sent += tally.actor->sent.read();
  stats.reception = {
      .handled = tally.actor->messages.read(), .refused = tally.actor->refused.read(), .put_off = tally.actor->busy.read()};
  return stats;
}

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
  const MessagingStats all = read(tally);
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
    for (const Tally* tally = shard.first; tally != nullptr; tally = tally->next_) combine(stats, read(*tally), true);
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
