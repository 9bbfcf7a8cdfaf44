#include "airssys/actor/commit_sink.hpp"

#include <utility>
#include <vector>

#include "airssys/actor/actor_cell.hpp"

namespace airssys::actor {
namespace {

/// Null: it is not for one mailbox.
ActorCell* target_of(const EnvelopePtr& effect) noexcept {
  return effect->edge == nullptr ? nullptr : &effect->edge->target();
}

}  // namespace

void VolatileSink::message(EnvelopePtr envelope) {
  ActorCell& target = envelope->edge->target();
  target.deliver(std::move(envelope));
}

void VolatileSink::outcome(EnvelopePtr outcome, ActorCell& author) {
  const ReplySlot::Destination to = outcome->slot->settle(*outcome);
  if (to.way == ReplySlot::Way::mailbox) [[likely]] {
    return to.requester->deliver(EnvelopeChain(std::move(outcome)));
  }
  if (to.way == ReplySlot::Way::taken) return;
  outcome->author = ActorRef(&author);
  // The slot keeps the requester, and the outcome its slot: the name is needed for as long as the letter is written.
  dead_letter(std::move(outcome), to.requester->address(), DeadReason::orphaned_reply);
}

std::size_t VolatileSink::release_turn(Commit& commit) {
  ActorCell& actor = *commit.actor;
  // Requests are on the books before they leave, so that no answer can come too early.
  if (actor.correspondence().has_changes()) actor.correspondence().commit();
  std::size_t sent = 0;
  if (commit.effects.size() == 1 && commit.effects.front()->edge != nullptr) {
    // What most turns come to, without a loop.
    message(std::move(commit.effects.front()));
    commit.effects.clear();
    sent = 1;
  } else if (!commit.effects.empty()) {
    sent = release_effects(commit);
  }
  const bool of_message = commit.consumed != nullptr;
  // After what it sent, and before the permit is back: who sees the permit back, and nothing else that is left, sees that it
  // was handled.
  actor.count_turn(sent, of_message);
  if (!of_message) return sent;
  commit.consumed->give_permit_back(*commit.permits);
  if (commit.answer == nullptr) {
    commit.consumed.reset();
  } else {
    release_answer(commit);
  }
  return sent;
}

std::size_t VolatileSink::release_rest(Commit& commit) {
  const std::size_t sent = release_effects(commit);
  if (commit.consumed == nullptr) return sent;
  if (commit.dead) {
    dead_letter(std::move(commit.consumed), commit.actor->address(), commit.dead->reason, commit.dead->why);
    commit.dead.reset();
  } else {
    outcome(std::move(commit.consumed), *commit.actor);
  }
  return sent;
}

std::size_t VolatileSink::release_effects(Commit& commit) {
  std::vector<EnvelopePtr>& effects = commit.effects;
  std::size_t sent = 0;
  for (auto effect = effects.begin(); effect != effects.end();) {
    ActorCell* const target = target_of(*effect);
    if (target == nullptr && sent < Correspondence::kSlice) {
      sent += release_other(commit, *effect);
      if (*effect == nullptr) {
        ++effect;
        continue;
      }
    }
    if (target == nullptr || sent >= Correspondence::kSlice) [[unlikely]] {
      // One turn's messages must not keep others waiting: the rest follows before the next one.
      commit.actor->correspondence().put_by({effect, effects.end()});
      commit.actor->note_owes();
      break;
    }
    // What follows each other to one target is handed over at once.
    EnvelopeChain chain(std::move(*effect++));
    for (++sent; effect != effects.end() && target_of(*effect) == target; ++sent) chain.add(std::move(*effect++));
    target->deliver(std::move(chain));
  }
  effects.clear();
  return sent;
}

std::size_t VolatileSink::release_other(Commit& commit, EnvelopePtr& effect) {
  if (effect->kind == EnvelopeKind::reply) {
    outcome(std::move(effect), *commit.actor);
    return 0;
  }
  Expander& expander = commit.expander == nullptr ? commit.actor->correspondence() : *commit.expander;
  return expander.expand(effect, *this);
}

void VolatileSink::release_answer(Commit& commit) {
  // The request has given its permit back, and its envelope has all that the outcome needs, in the cache.
  EnvelopePtr outcome = std::move(commit.consumed);
  core::Payload& answer = *std::exchange(commit.answer, nullptr);
  outcome->kind = EnvelopeKind::reply;
  outcome->attempt = 1;
  outcome->codec = answer.codec;
  outcome->body = std::move(answer.body);
  outcome->deadline = {};
  outcome->first_attempt = {};
  Correspondence& correspondence = commit.actor->correspondence();
  if (correspondence.has_put_by()) [[unlikely]] {
    return correspondence.put_by({&outcome, 1});
  }
  this->outcome(std::move(outcome), *commit.actor);
}

}  // namespace airssys::actor
