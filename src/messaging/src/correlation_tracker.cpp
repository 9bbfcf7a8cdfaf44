#include "airssys/messaging/correlation_tracker.hpp"

#include <algorithm>

#include "airssys/actor/ending.hpp"

namespace airssys::messaging {

CorrelationTracker::Opened CorrelationTracker::open_request(core::MessageId id, actor::Edge& edge,
                                                            core::MonotonicTime deadline) {
  // What may fail comes first: nothing is open then.
  if (free_.empty()) add_place();
  const std::uint32_t place = free_.back();
  core::IntrusivePtr<OpenRequest> slot = slot_of(place, edge);
  opened_.emplace_back(id, place);
  earliest_ = open() == 0 ? deadline : std::min(earliest_, deadline);
  free_.pop_back();
  ids_[place] = id;
  requests_[place].deadline = deadline;
  return {.request = requests_[place], .slot = std::move(slot)};
}

void CorrelationTracker::add_place() {
  const std::size_t size = ids_.size();
  if (size == ids_.capacity()) {
    const std::size_t larger = std::max(kFewest, size * 2);
    requests_.reserve(larger);
    slots_.reserve(larger);
    free_.reserve(larger);
    // Last: where it has room, all have.
    ids_.reserve(larger);
  }
  ids_.push_back(kNobody);
  requests_.emplace_back();
  slots_.emplace_back();
  free_.push_back(static_cast<std::uint32_t>(size));
}

core::IntrusivePtr<OpenRequest> CorrelationTracker::slot_of(std::uint32_t place, actor::Edge& edge) {
  core::IntrusivePtr<OpenRequest>& slot = slots_[place];
  if (slot && slot->has_one_owner()) {
    if (&slot->edge() != &edge) left_edges_.push_back(slot->move_to(edge));
    slot->open_again();
  } else {
    if (slot) left_edges_.push_back(slot->share_edge());
    slot = core::make_counted<OpenRequest>(responses_, edge, place);
  }
  return slot.share_sole();
}

void CorrelationTracker::free(std::uint32_t place) noexcept {
  ids_[place] = kNobody;
  slots_[place]->close();
  if (place >= kSlotsKept) slots_[place] = {};
  free_.push_back(place);
}

void CorrelationTracker::give_up(std::uint32_t place, core::MessageId id) {
  if (slots_[place]->withdraw(id)) ++late_replies_;
  free(place);
}

void CorrelationTracker::withdraw(core::MessageId id) {
  const std::lock_guard lock(withdrawn_mutex_);
  withdrawn_.push_back(id);
}

void CorrelationTracker::forget_withdrawn() {
  std::vector<core::MessageId> withdrawn;
  {
    const std::lock_guard lock(withdrawn_mutex_);
    withdrawn.swap(withdrawn_);
  }
  for (const core::MessageId id : withdrawn) forget(id);
}

void CorrelationTracker::forget(core::MessageId id) {
  if (auto owed = owed_.extract(id)) keep_unwanted(id, std::move(owed.mapped()));
}

void CorrelationTracker::defer(core::MessageId id, Owed owed, actor::ActorCell& debtor) {
  actor::ReplySlot& slot = *owed.slot;
  // First on the books: as soon as the slot says so, its requester may withdraw it.
  owed_.emplace(id, std::move(owed));
  if (!slot.defer(debtor, id)) forget(id);
}

void CorrelationTracker::keep_unwanted(core::MessageId id, Owed owed) {
  if (unwanted_.size() < kUnwantedKept) {
    unwanted_.emplace_back(id, std::move(owed));
  } else {
    unwanted_[std::exchange(oldest_unwanted_, (oldest_unwanted_ + 1) % kUnwantedKept)] = {id, std::move(owed)};
  }
}

void CorrelationTracker::keep_owed(core::MessageId id, Owed owed) {
  if (owed.slot->waiting()) {
    owed_.emplace(id, std::move(owed));
  } else {
    keep_unwanted(id, std::move(owed));
  }
}

template <typename Visit>
void CorrelationTracker::for_each_open(const Visit& visit) const {
  for (std::uint32_t place = 0; place < ids_.size(); ++place) {
    if (ids_[place] != kNobody) visit(place);
  }
}

std::size_t CorrelationTracker::put_off_by_others() const noexcept {
  std::size_t count = 0;
  for_each_open([&](std::uint32_t place) {
    count += slots_[place]->deferred() && requests_[place].distance < actor::Ending::kOfItsOwn ? 1U : 0U;
  });
  return count;
}

bool CorrelationTracker::has_accepted() const noexcept {
  for (std::size_t place = 0; place < ids_.size(); ++place) {
    if (ids_[place] != kNobody && requests_[place].distance < actor::Ending::kOfItsOwn) return true;
  }
  return false;
}

bool CorrelationTracker::cancel(core::MessageId id) {
  const auto found = std::ranges::find(ids_, id);
  if (id == kNobody || found == ids_.end()) return false;
  const auto place = static_cast<std::uint32_t>(found - ids_.begin());
  ids_[place] = kNobody;
  cancelled_.push_back({.id = id, .place = place});
  if (slots_[place]->answered()) ++replies_of_cancelled_;
  return true;
}

std::optional<CorrelationTracker::Owed> CorrelationTracker::take_owed(core::MessageId id, const actor::Envelope* message) {
  if (message != nullptr && message->kind == actor::EnvelopeKind::request && message->id == id) {
    if (answered_in_hand_) return std::nullopt;
    answered_in_hand_ = true;
    return Owed{.slot = message->slot, .trace = message->trace, .distance = message->distance};
  }
  if (id == kNobody) return std::nullopt;
  std::optional<Owed> owed;
  if (const auto found = owed_.find(id); found != owed_.end()) {
    owed = std::move(found->second);
    owed_.erase(found);
  } else if (const auto unwanted = std::ranges::find(unwanted_, id, [](const auto& entry) { return entry.first; });
             unwanted != unwanted_.end()) {
    // It leaves a hole, since others stay in the order of their age.
    owed = std::exchange(unwanted->second, {});
    unwanted->first = kNobody;
  }
  if (owed) answered_.emplace_back(id, *owed);
  return owed;
}

actor::RequestChanges CorrelationTracker::changes() const {
  actor::RequestChanges changes;
  for (const auto& [id, place] : opened_) changes.opened.push_back(id);
  for (const Cancelled& cancelled : cancelled_) changes.cancelled.push_back(cancelled.id);
  for (const auto& [id, owed] : answered_) changes.answered.push_back(id);
  return changes;
}

std::pair<std::size_t, std::size_t> CorrelationTracker::commit() noexcept {
  const std::pair<std::size_t, std::size_t> done(opened_.size(), cancelled_.size());
  for (const Cancelled& cancelled : cancelled_) give_up(cancelled.place, cancelled.id);
  opened_.clear();
  cancelled_.clear();
  replies_of_cancelled_ = 0;
  answered_.clear();
  answered_in_hand_ = false;
  left_edges_.clear();
  return done;
}

void CorrelationTracker::abort() noexcept {
  for (auto& [id, owed] : answered_) keep_owed(id, std::move(owed));
  for (const Cancelled& cancelled : cancelled_) {
    earliest_ = std::min(earliest_, requests_[cancelled.place].deadline);
    ids_[cancelled.place] = cancelled.id;
  }
  // After the cancelled have come back: a request that this turn opened and cancelled is among them.
  for (const auto& [id, place] : opened_) free(place);
  opened_.clear();
  cancelled_.clear();
  replies_of_cancelled_ = 0;
  answered_.clear();
  answered_in_hand_ = false;
  left_edges_.clear();
}

bool CorrelationTracker::has_expired(core::MessageId id, const actor::ReplySlot& slot, core::MonotonicTime now) const noexcept {
  const std::uint32_t place = static_cast<const OpenRequest&>(slot).place();
  return place < ids_.size() && ids_[place] == id && id != kNobody && requests_[place].deadline <= now;
}

std::optional<CorrelationTracker::Request> CorrelationTracker::close(core::MessageId id,
                                                                     core::IntrusivePtr<actor::ReplySlot>& slot) {
  const std::uint32_t place = static_cast<OpenRequest&>(*slot).place();
  if (place >= ids_.size() || ids_[place] != id || id == kNobody) {
    if (late_replies_ > 0) --late_replies_;
    return std::nullopt;
  }
  // One that was open has its slot in its place.
  slot.reset_one_of_two();
  if (place >= kSlotsKept) left_edges_.push_back(slots_[place]->share_edge());
  free(place);
  return requests_[place];
}

std::optional<CorrelationTracker::Expired> CorrelationTracker::take_expired(core::MonotonicTime now) {
  if (open() == 0 || earliest_ > now) return std::nullopt;
  // Of those that have expired the oldest first.
  std::optional<std::uint32_t> first;
  const auto order = [this](std::uint32_t place) { return std::pair(requests_[place].deadline, ids_[place]); };
  for_each_open([&](std::uint32_t place) {
    if (!first || order(place) < order(*first)) first = place;
  });
  earliest_ = requests_[*first].deadline;
  if (earliest_ > now) return std::nullopt;
  Expired expired{.id = ids_[*first], .request = requests_[*first], .asked = slots_[*first]->share_edge()};
  give_up(*first, expired.id);
  return expired;
}

std::optional<core::MonotonicTime> CorrelationTracker::next_deadline() const noexcept {
  if (open() == 0) return std::nullopt;
  return earliest_;
}

std::vector<std::pair<core::MessageId, CorrelationTracker::Owed>> CorrelationTracker::reset() {
  for_each_open([this](std::uint32_t place) {
    if (slots_[place]->withdraw(ids_[place])) ++late_replies_;
  });
  ids_.clear();
  requests_.clear();
  slots_.clear();
  free_.clear();
  std::vector<std::pair<core::MessageId, Owed>> owed(std::make_move_iterator(owed_.begin()),
                                                     std::make_move_iterator(owed_.end()));
  owed_.clear();
  unwanted_.clear();
  oldest_unwanted_ = 0;
  std::ranges::sort(owed, {}, [](const auto& entry) { return entry.first; });
  return owed;
}

}  // namespace airssys::messaging
