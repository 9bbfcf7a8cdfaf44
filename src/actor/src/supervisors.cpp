#include "airssys/actor/supervisors.hpp"

#include <algorithm>

namespace airssys::actor {

std::shared_ptr<Supervisor> Supervisors::get(const std::string& name, const core::RestartPolicy& policy) {
  // Without an owner, so that workers which make and end actors at a time do not write one count.
  if (name.empty() && policy == usual_.policy()) return {std::shared_ptr<Supervisor>(), &usual_};
  const std::lock_guard lock(mutex_);
  drop_gone();
  std::weak_ptr<Supervisor>& known = others_[{name, policy.max_restarts, policy.window, policy.backoff, policy.backoff_max}];
  std::shared_ptr<Supervisor> supervisor = known.lock();
  if (supervisor == nullptr) known = supervisor = std::make_shared<Supervisor>(policy, name);
  return supervisor;
}

std::size_t Supervisors::size() const {
  const std::lock_guard lock(mutex_);
  return 1 + static_cast<std::size_t>(std::ranges::count_if(others_, [](const auto& one) { return !one.second.expired(); }));
}

std::size_t Supervisors::remembered() const {
  const std::lock_guard lock(mutex_);
  std::size_t children = usual_.remembered();
  for (const auto& [key, known] : others_) {
    if (const std::shared_ptr<Supervisor> supervisor = known.lock()) children += supervisor->remembered();
  }
  return children;
}

void Supervisors::drop_gone() {
  if (others_.size() < most_before_dropping_) return;
  std::erase_if(others_, [](const auto& one) { return one.second.expired(); });
  most_before_dropping_ = std::max(most_before_dropping_, 2 * others_.size());
}

}  // namespace airssys::actor
