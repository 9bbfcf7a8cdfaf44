#include "run_queue.hpp"

#include <algorithm>
#include <utility>

namespace airssys::actor {

void RunQueue::Ring::grow() {
  std::vector<ActorRef> larger(std::max(kFirst, ring_.size() * 2));
  for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(ring_[place(i)]);
  ring_ = std::move(larger);
  first_ = 0;
}

std::size_t RunQueue::size() const noexcept {
  std::size_t size = 0;
  for (const Ring& lane : lanes_) size += lane.size();
  return size;
}

std::size_t RunQueue::push(Lane lane, ActorRef actor) {
  const std::lock_guard lock(mutex_);
  in(lane).push_back(std::move(actor));
  return size();
}

std::size_t RunQueue::push_woken(std::span<ActorRef> actors) {
  const std::lock_guard lock(mutex_);
  for (ActorRef& actor : actors) {
    if (actor) in(actor->has_never_run() ? Lane::made : Lane::ready).push_back(std::move(actor));
  }
  return size();
}

ActorRef RunQueue::pop() {
  const std::lock_guard lock(mutex_);
  const bool others = !in(Lane::ready).empty() || !in(Lane::arrived).empty();
  if (!in(Lane::made).empty() && (!others || made_in_a_row_ < kMadeInARow)) return pop_made();
  made_in_a_row_ = 0;
  return others ? pop_other() : ActorRef{};
}

ActorRef RunQueue::pop_made() noexcept {
  ++made_in_a_row_;
  return ++made_popped_ % kOldestEvery == 0 ? in(Lane::made).pop_front() : in(Lane::made).pop_back();
}

ActorRef RunQueue::pop_other() noexcept {
  const bool arrived = in(Lane::ready).empty() || (arrived_is_next_ && !in(Lane::arrived).empty());
  arrived_is_next_ = !arrived;
  return in(arrived ? Lane::arrived : Lane::ready).pop_front();
}

/// What was taken, in the order of the lanes.
struct RunQueue::Loot {
  std::array<ActorRef, kMostTaken> actors;
  std::size_t size = 0;
  std::array<std::size_t, 3> end_of_lane{};
};

ActorRef RunQueue::pop_half_of(RunQueue& victim) {
  Loot loot;
  {
    const std::lock_guard lock(victim.mutex_);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      Ring& from = victim.lanes_[lane];
      for (std::size_t half = std::min((from.size() + 1) / 2, kMostTaken - loot.size); half > 0; --half) {
        loot.actors[loot.size++] = from.pop_front();
      }
      loot.end_of_lane[lane] = loot.size;
    }
  }
  if (loot.size > 1) {
    // The two locks are never held together: two workers may rob each other.
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 1, lane = 0; i < loot.size; ++i) {
      while (i >= loot.end_of_lane[lane]) ++lane;
      lanes_[lane].push_back(std::move(loot.actors[i]));
    }
  }
  return std::move(loot.actors[0]);
}

}  // namespace airssys::actor
