#include "airssys/actor/timer_queue.hpp"

#include <utility>

namespace airssys::actor {

bool TimerQueue::later(const Alarm& left, const Alarm& right) noexcept {
  return left.when != right.when ? left.when > right.when : left.order > right.order;
}

void TimerQueue::put(std::size_t place, Alarm alarm) noexcept {
  alarm.actor->alarm_place_.store(static_cast<std::uint32_t>(place), std::memory_order_relaxed);
  heap_[place] = std::move(alarm);
}

void TimerQueue::settle(std::size_t place, Alarm alarm) noexcept {
  for (std::size_t parent = (place - 1) / 2; place > 0 && later(heap_[parent], alarm); parent = (place - 1) / 2) {
    put(std::exchange(place, parent), std::move(heap_[parent]));
  }
  for (std::size_t child = place * 2 + 1; child < heap_.size(); child = place * 2 + 1) {
    if (child + 1 < heap_.size() && later(heap_[child], heap_[child + 1])) ++child;
    if (!later(alarm, heap_[child])) break;
    put(std::exchange(place, child), std::move(heap_[child]));
  }
  put(place, std::move(alarm));
}

TimerQueue::Alarm TimerQueue::take(std::size_t place) noexcept {
  Alarm taken = std::move(heap_[place]);
  taken.actor->alarm_place_.store(ActorCell::kNoAlarm, std::memory_order_relaxed);
  Alarm last = std::move(heap_.back());
  heap_.pop_back();
  if (place < heap_.size()) settle(place, std::move(last));
  return taken;
}

void TimerQueue::arm(ActorCell& actor, core::MonotonicTime when) {
  const std::lock_guard lock(mutex_);
  const bool earliest = heap_.empty() || when < heap_.front().when;
  // Only who runs the actor puts an alarm of it in: what is not there now will not be there before this ends.
  std::size_t place = actor.alarm_place_.load(std::memory_order_relaxed);
  if (place == ActorCell::kNoAlarm) {
    place = heap_.size();
    heap_.emplace_back();
  }
  settle(place, {.when = when, .order = armed_++, .actor = ActorRef(&actor)});
  if (earliest) changed_.notify_one();
}

void TimerQueue::disarm(ActorCell& actor) {
  if (actor.alarm_place_.load(std::memory_order_relaxed) == ActorCell::kNoAlarm) return;
  std::optional<Alarm> withdrawn;
  const std::lock_guard lock(mutex_);
  const std::uint32_t place = actor.alarm_place_.load(std::memory_order_relaxed);
  if (place != ActorCell::kNoAlarm) withdrawn = take(place);
}

std::size_t TimerQueue::fire(core::MonotonicTime now) {
  std::vector<ActorRef> due;
  {
    const std::lock_guard lock(mutex_);
    while (!heap_.empty() && heap_.front().when <= now) due.push_back(take(0).actor);
  }
  for (const ActorRef& actor : due) actor->signal(Signal::timer);
  return due.size();
}

std::optional<core::MonotonicTime> TimerQueue::next() const {
  const std::lock_guard lock(mutex_);
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

std::size_t TimerQueue::size() const {
  const std::lock_guard lock(mutex_);
  return heap_.size();
}

void TimerQueue::clear() {
  std::vector<Alarm> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(heap_);
  for (const Alarm& alarm : dropped) alarm.actor->alarm_place_.store(ActorCell::kNoAlarm, std::memory_order_relaxed);
}

void TimerQueue::wait(core::MonotonicTime until, std::chrono::nanoseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return interrupted_ || (!heap_.empty() && heap_.front().when < until); });
  interrupted_ = false;
}

void TimerQueue::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  changed_.notify_one();
}

}  // namespace airssys::actor
