#include "airssys/actor/timer_queue.hpp"

#include <algorithm>
#include <utility>

namespace airssys::actor {

bool TimerQueue::later(const Alarm& left, const Alarm& right) noexcept {
  return left.when != right.when ? left.when > right.when : left.order > right.order;
}

void TimerQueue::arm(ActorCell& actor, core::MonotonicTime when) {
  const std::lock_guard lock(mutex_);
  const bool earliest = heap_.empty() || when < heap_.front().when;
  heap_.push_back({.when = when, .order = armed_++, .actor = ActorRef(&actor)});
  std::ranges::push_heap(heap_, later);
  if (earliest) changed_.notify_one();
}

std::size_t TimerQueue::fire(core::MonotonicTime now) {
  std::vector<ActorRef> due;
  {
    const std::lock_guard lock(mutex_);
    while (!heap_.empty() && heap_.front().when <= now) {
      std::ranges::pop_heap(heap_, later);
      due.push_back(std::move(heap_.back().actor));
      heap_.pop_back();
    }
  }
  for (const ActorRef& actor : due) actor->signal(Signal::timer);
  return due.size();
}

std::optional<core::MonotonicTime> TimerQueue::next() const {
  const std::lock_guard lock(mutex_);
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

void TimerQueue::clear() {
  std::vector<Alarm> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(heap_);
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
