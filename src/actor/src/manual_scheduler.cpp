#include "airssys/actor/manual_scheduler.hpp"

#include <utility>

#include "airssys/core/assert.hpp"

namespace airssys::actor {

std::uint64_t ManualScheduler::draw() noexcept {
  // Xorshift64* (Vigna 2014): enough to choose an order.
  state_ = state_ == 0 ? 0x9E3779B97F4A7C15ULL : state_;
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  return state_ * 0x2545F4914F6CDD1DULL;
}

void ManualScheduler::stop() {
  while (!runnable_.empty()) {
    const ActorRef actor = std::move(runnable_.back());
    runnable_.pop_back();
    runner_->retire(*actor, "the system ended");
  }
}

bool ManualScheduler::run_one() {
  if (runnable_.empty()) return false;
  const std::size_t chosen = draw() % runnable_.size();
  std::swap(runnable_[chosen], runnable_.back());
  ActorRef actor = std::move(runnable_.back());
  runnable_.pop_back();
  if (runner_->run(*actor) == TurnRunner::Next::again) runnable_.push_back(std::move(actor));
  return true;
}

std::size_t ManualScheduler::run_until_idle(std::size_t batches_max) {
  std::size_t batches = 0;
  while (run_one()) {
    ++batches;
    AIRSSYS_ASSERT(batches < batches_max);
  }
  return batches;
}

}  // namespace airssys::actor
