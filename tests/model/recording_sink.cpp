#include "recording_sink.hpp"

#include <fmt/format.h>

#include "airssys/actor/actor_cell.hpp"

namespace airssys::model {
namespace {

using actor::Commit;
using actor::CommitKind;
using actor::EnvelopeKind;

bool is_of_turn(const Commit& commit) noexcept {
  return commit.kind == CommitKind::stands || commit.kind == CommitKind::undone;
}

}  // namespace

std::size_t RecordingSink::take(Commit& commit, actor::VolatileSink& at_once) {
  {
    // Before it is let out: whatever follows from it comes after it.
    const std::lock_guard lock(mutex_);
    has_any_ = true;
    note_consumed(commit);
    note_leaving(commit);
  }
  return at_once.release(commit);
}

void RecordingSink::note_leaving(const Commit& commit) {
  for (const actor::EnvelopePtr& effect : commit.effects) {
    if (effect->edge != nullptr) {
      ++messages_[{effect->edge->target().number(), effect->id}];
      if (effect->kind == EnvelopeKind::request) requests_.insert(effect->id);
    } else if (effect->kind == EnvelopeKind::event) {
      events_.insert(effect->id);
    }
    if (commit.kind == CommitKind::undone && effect->kind != EnvelopeKind::reply) {
      defects_.push_back(fmt::format("a turn of {} that does not stand lets a message out", commit.actor->address().text()));
    }
  }
}

void RecordingSink::note_consumed(const Commit& commit) {
  const std::string& actor = commit.actor->address().text();
  if (is_of_turn(commit) && commit.turn == actor::TurnKind::reply) {
    if (++outcomes_handled_[commit.outcome_of] > 1) {
      defects_.push_back(fmt::format("{} has handled two outcomes of {}", actor, core::to_number(commit.outcome_of)));
    }
    if (!requests_.contains(commit.outcome_of)) {
      defects_.push_back(fmt::format("{} has an outcome of {}, which nobody asked", actor, core::to_number(commit.outcome_of)));
    }
    return;
  }
  if (commit.consumed == nullptr) return;
  const actor::Envelope& consumed = *commit.consumed;
  if (consumed.kind == EnvelopeKind::event) {
    if (!events_.contains(consumed.id)) {
      defects_.push_back(fmt::format("{} has a copy of {}, which nobody published", actor, core::to_number(consumed.id)));
    }
    return;
  }
  // One that nobody waits for, or was put off when its instance ended.
  const bool is_own_outcome = consumed.kind == EnvelopeKind::reply && commit.dead.has_value();
  if (!is_own_outcome) --messages_[{commit.actor->number(), consumed.id}];
}

std::vector<std::string> RecordingSink::defects() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all = defects_;
  if (!has_any_) all.emplace_back("nothing was recorded: effects leave by another way");
  for (const auto& [arrival, left] : messages_) {
    if (left == 0) continue;
    all.push_back(fmt::format("message {} for the actor {} was let out and consumed with a difference of {}",
                              core::to_number(arrival.second), arrival.first, left));
  }
  return all;
}

}  // namespace airssys::model
