#include "airssys/messaging/metrics.hpp"

namespace airssys::messaging {
Tally::More& Tally::make_more() {
  More* const made = new More;
  more_.store(made, std::memory_order_release);
  return *made;
}

void Tally::add_to(MessagingStats& sum) const noexcept {
  sum.router.introductions += introductions.read();
  if (const More* const more = more_.load(std::memory_order_acquire)) {
    sum.service.sent += more->host_sent.read();
    sum.service.broadcasts += more->broadcasts.read();
    sum.service.published += more->published.read();
    sum.service.requests_opened += more->requests_opened.read();
    sum.service.cancelled += more->cancelled.read();
    sum.service.timeouts += more->timeouts.read();
    sum.responses.routed += more->routed.read();
    sum.responses.errors += more->errors.read();
  }
  if (actor == nullptr) return;
  const Taken none;
  const Taken& taken = taken_ == nullptr ? none : *taken_;
  sum.service.sent += actor->sent.read() - taken.sent;
  sum.reception.handled += actor->messages.read() - taken.messages;
  sum.reception.refused += actor->refused.read() - taken.refused;
  sum.reception.put_off += actor->busy.read() - taken.busy;
}

void Tally::begin_anew() noexcept {
  introductions.clear();
  delete more_.exchange(nullptr, std::memory_order_relaxed);
  if (actor == nullptr) return;
  if (taken_ == nullptr) taken_ = std::make_unique<Taken>();
  taken_->sent = actor->sent.read();
  taken_->messages = actor->messages.read();
  taken_->refused = actor->refused.read();
  taken_->busy = actor->busy.read();
}

namespace {

void sum_up(MessagingStats& sum, const MessagingStats& part) noexcept {
  sum.service.sent += part.service.sent;
  sum.service.broadcasts += part.service.broadcasts;
  sum.service.published += part.service.published;
  sum.service.requests_opened += part.service.requests_opened;
  sum.service.cancelled += part.service.cancelled;
  sum.service.timeouts += part.service.timeouts;
  sum.router.introductions += part.router.introductions;
  sum.responses.routed += part.responses.routed;
  sum.responses.errors += part.responses.errors;
  sum.reception.handled += part.reception.handled;
  sum.reception.refused += part.reception.refused;
  sum.reception.put_off += part.reception.put_off;
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
  tally.add_to(shard.retired);
  tally.begin_anew();
}

MessagingStats MessagingMetrics::stats() const noexcept {
  MessagingStats stats;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum_up(stats, shard.retired);
    for (const Tally* tally = shard.first; tally != nullptr; tally = tally->next_) tally->add_to(stats);
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
