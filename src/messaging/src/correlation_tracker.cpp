#include "airssys/messaging/correlation_tracker.hpp"

#include <algorithm>

namespace airssys::messaging {

void CorrelationTracker::open_request(core::MessageId id, Request request) {
  earliest_ = open_.empty() ? request.deadline : std::min(earliest_, request.deadline);
  open_.emplace(id, std::move(request));
  opened_.push_back(id);
}

bool CorrelationTracker::cancel(core::MessageId id) {
  const auto found = open_.find(id);
  if (found == open_.end()) return false;
  cancelled_.emplace_back(id, std::move(found->second));
  open_.erase(found);
  return true;
}

std::optional<CorrelationTracker::Owed> CorrelationTracker::take_owed(core::MessageId id, const actor::Envelope* message) {
  if (message != nullptr && message->kind == actor::EnvelopeKind::request && message->id == id) {
    if (answered_in_hand_) return std::nullopt;
    answered_in_hand_ = true;
    return Owed{.slot = message->slot, .trace = message->trace};
  }
  const auto found = owed_.find(id);
  if (found == owed_.end()) return std::nullopt;
  Owed owed = found->second;
  answered_.emplace_back(id, std::move(found->second));
  owed_.erase(found);
  return owed;
}

std::pair<std::size_t, std::size_t> CorrelationTracker::commit() noexcept {
  const std::pair<std::size_t, std::size_t> done(opened_.size(), cancelled_.size());
  for (const auto& [id, request] : cancelled_) request.slot->close();
  opened_.clear();
  cancelled_.clear();
  answered_.clear();
  answered_in_hand_ = false;
  return done;
}

void CorrelationTracker::abort() noexcept {
  for (auto& [id, owed] : answered_) owed_.emplace(id, std::move(owed));
  for (auto& [id, request] : cancelled_) {
    earliest_ = open_.empty() ? request.deadline : std::min(earliest_, request.deadline);
    open_.emplace(id, std::move(request));
  }
  // After the cancelled have come back: a request that this turn opened and cancelled is among them.
  for (const core::MessageId id : opened_) open_.erase(id);
  opened_.clear();
  cancelled_.clear();
  answered_.clear();
  answered_in_hand_ = false;
}

std::optional<CorrelationTracker::Request> CorrelationTracker::close(core::MessageId id) {
  const auto found = open_.find(id);
  if (found == open_.end()) return std::nullopt;
  Request request = std::move(found->second);
  open_.erase(found);
  request.slot->close();
  return request;
}

std::optional<std::pair<core::MessageId, CorrelationTracker::Request>> CorrelationTracker::take_expired(
    core::MonotonicTime now) {
  if (open_.empty() || earliest_ > now) return std::nullopt;
  // Of those that have expired the oldest first, so that the order does not depend on the table's.
  const auto by_deadline = [](const auto& left, const auto& right) {
    return std::pair(left.second.deadline, left.first) < std::pair(right.second.deadline, right.first);
  };
  const auto first = std::ranges::min_element(open_, by_deadline);
  earliest_ = first->second.deadline;
  if (earliest_ > now) return std::nullopt;
  const core::MessageId id = first->first;
  return std::pair(id, *close(id));
}

std::optional<core::MonotonicTime> CorrelationTracker::next_deadline() const noexcept {
  if (open_.empty()) return std::nullopt;
  return earliest_;
}

std::vector<std::pair<core::MessageId, CorrelationTracker::Owed>> CorrelationTracker::reset() {
  for (const auto& [id, request] : open_) request.slot->close();
  open_.clear();
  std::vector<std::pair<core::MessageId, Owed>> owed(std::make_move_iterator(owed_.begin()),
                                                     std::make_move_iterator(owed_.end()));
  owed_.clear();
  std::ranges::sort(owed, {}, [](const auto& entry) { return entry.first; });
  return owed;
}

}  // namespace airssys::messaging
