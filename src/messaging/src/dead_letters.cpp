#include "airssys/messaging/dead_letters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "airssys/actor/edge.hpp"
#include "airssys/core/cut.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/plural.hpp"

namespace airssys::messaging {
namespace {

core::Bytes bytes_of(const DeadLetter& letter) noexcept {
  return letter.body.size() + letter.why.size() + letter.topic.size();
}

/// Of what is kept for all: as if each had its part of the bytes, and its own on top.
std::size_t weight_of(const DeadLetter& letter) noexcept {
  return DeadLetters::kMostBytes / DeadLetters::kMost + bytes_of(letter);
}

std::string words_of(const actor::Envelope& envelope, std::string_view why) {
  if (!why.empty()) return core::cut_shown(why);
  return envelope.error() == nullptr ? std::string() : core::cut_shown(core::to_error(*envelope.error()).message());
}

DeadLetter letter_of(actor::Envelope& envelope, const core::Address& target, actor::DeadReason reason, std::string_view why) {
  DeadLetter letter{.number = 0,
                    .time_ms = 0,
                    .id = core::to_number(envelope.id),
                    .kind = envelope.kind,
                    .reason = reason,
                    .why = words_of(envelope, why),
                    .sender = {},
                    .target = target.text(),
                    .topic = envelope.topic() == nullptr ? std::string() : *envelope.topic(),
                    .attempt = envelope.attempt,
                    .sent_at_ms = envelope.sent_at_ms,
                    .trace = envelope.trace,
                    .codec = envelope.codec,
                    .body = envelope.body,
                    .from = actor::ActorRef(envelope.sender())};
  if (letter.from) letter.sender = letter.from->address().text();
  return letter;
}

/// The message of a letter, once its permit along `edge` is taken.
actor::EnvelopePtr message_of(const DeadLetter& letter, actor::Edge& edge) {
  constexpr std::uint32_t kMostAttempts = std::numeric_limits<std::uint8_t>::max();
  actor::EnvelopePtr envelope = actor::make_envelope();
  envelope->kind = letter.kind;
  envelope->id = core::MessageId{letter.id};
  envelope->attempt = static_cast<std::uint8_t>(std::min(letter.attempt + 1, kMostAttempts));
  envelope->codec = letter.codec;
  envelope->body = letter.body;
  envelope->edge = &edge;
  envelope->sent_at_ms = letter.sent_at_ms;
  envelope->trace = letter.trace;
  if (letter.kind == actor::EnvelopeKind::event) envelope->extra = core::make_counted<actor::Extra>(letter.topic);
  return envelope;
}

std::unexpected<core::Error> refused(core::ErrorCode code, std::string message) {
  return std::unexpected(core::Error(code, "messaging", std::move(message)));
}

/// Whether the letter is one that can be put back at all.
core::Result<void> check_kind(const DeadLetter& letter) {
  if (letter.kind == actor::EnvelopeKind::reply) {
    return refused(core::ErrorCode::rejected,
                   fmt::format("dead letter {} is a reply: {} no longer waits for it, so it can only be dropped", letter.number,
                               letter.target));
  }
  if (!letter.from) {
    return refused(core::ErrorCode::rejected,
                   fmt::format("dead letter {} does not say who sent it, so it can only be dropped", letter.number));
  }
  if (letter.kind == actor::EnvelopeKind::request) {
    return refused(
        core::ErrorCode::rejected,
        fmt::format("dead letter {} is a request that nobody waits for any more: ask again with `airssys request {}`",
                    letter.number, letter.target));
  }
  return {};
}

/// Takes the letter's permit at its target.
core::Result<void> take_permit_again(const DeadLetter& letter, actor::Edge& edge) {
  const actor::ActorCell& target = edge.target();
  const std::size_t bytes = letter.body.size();
  const core::Bytes most = std::min(target.limits().body_bytes, target.limits().mailbox_bytes);
  if (bytes > most) {
    return refused(core::ErrorCode::too_large, fmt::format("dead letter {} has {} bytes, and {} takes {} at most",
                                                           letter.number, bytes, letter.target, most));
  }
  if (!target.behaviour().accepts(letter.codec)) {
    return refused(core::ErrorCode::codec_not_accepted,
                   fmt::format("dead letter {} is {}, which {} does not accept", letter.number, core::to_string(letter.codec),
                               letter.target));
  }
  if (!edge.try_acquire(bytes)) {
    return refused(
        core::ErrorCode::mailbox_full,
        fmt::format("the mailbox of {} has no room for dead letter {} ({} of {}): try again later", letter.target,
                    letter.number, target.mailbox().messages(), core::plural(target.mailbox().messages_max(), "message")));
  }
  return {};
}

}  // namespace

std::string_view name_of(actor::EnvelopeKind kind) noexcept {
  switch (kind) {
    case actor::EnvelopeKind::send:
      return "send";
    case actor::EnvelopeKind::request:
      return "request";
    case actor::EnvelopeKind::event:
      return "event";
    case actor::EnvelopeKind::reply:
      return "reply";
    case actor::EnvelopeKind::subscribe:
    case actor::EnvelopeKind::unsubscribe:
      break;
  }
  return "unknown";
}

void DeadLetters::bury(actor::EnvelopePtr envelope, const core::Address& target, actor::DeadReason reason,
                       std::string_view why) noexcept {
  counts_[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
  DeadLetter letter = letter_of(*envelope, target, reason, why);
  if (clock_ != nullptr) letter.time_ms = clock_->wall_ms();
  const std::lock_guard lock(mutex_);
  letter.number = ++last_number_;
  bytes_ += bytes_of(letter);
  shares_.add(letter.number, letter.sender, letter.target, weight_of(letter));
  letters_.emplace_hint(letters_.end(), letter.number, std::move(letter));
  while (letters_.size() > kMost || bytes_ > kMostBytes) {
    erase(letters_.find(shares_.first_to_go()));
    forgotten_.fetch_add(1, std::memory_order_relaxed);
  }
}

std::vector<DeadLetter> DeadLetters::letters() const {
  std::vector<DeadLetter> all;
  const std::lock_guard lock(mutex_);
  all.reserve(letters_.size());
  for (const auto& [number, letter] : letters_) all.push_back(letter);
  return all;
}

core::Result<DeadLetter> DeadLetters::find(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  AIRSSYS_TRY(const auto letter, look_up(number));
  return letter->second;
}

core::Result<DeadLetters::Letters::const_iterator> DeadLetters::look_up(std::uint64_t number) const {
  const auto found = letters_.find(number);
  if (found != letters_.end()) return found;
  return refused(core::ErrorCode::not_found, fmt::format("there is no dead letter {}{}: see `airssys dead list`", number,
                                                         number != 0 && number <= last_number_ ? " any more" : ""));
}

void DeadLetters::erase(Letters::const_iterator letter) {
  bytes_ -= bytes_of(letter->second);
  shares_.remove(letter->first);
  letters_.erase(letter);
}

core::Result<void> DeadLetters::retry(std::uint64_t number, const actor::Registry& registry, actor::CommitDoor& door) {
  actor::Commit again;
  again.kind = actor::CommitKind::outside;
  actor::ActorRef sender;
  {
    const std::lock_guard lock(mutex_);
    AIRSSYS_TRY(const auto found, look_up(number));
    const DeadLetter& letter = found->second;
    AIRSSYS_TRY(check_kind(letter));
    const actor::ActorRef target = registry.find(letter.target);
    if (!target || target->stopped()) {
      return refused(core::ErrorCode::not_found, fmt::format("dead letter {0} is for {1}, and there is no such actor now: "
                                                             "`airssys restart {1}` starts one that has stopped; or drop the "
                                                             "letter",
                                                             number, letter.target));
    }
    const actor::EdgePtr edge = actor::Edge::make(letter.from, target);
    AIRSSYS_TRY(take_permit_again(letter, *edge));
    again.effects.push_back(message_of(letter, *edge));
    sender = letter.from;
    erase(found);
  }
  retried_.fetch_add(1, std::memory_order_relaxed);
  again.actor = sender.get();
  // If the target stops now, it buries the message again.
  door.release(again);
  return {};
}

core::Result<void> DeadLetters::drop(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  AIRSSYS_TRY(const auto letter, look_up(number));
  erase(letter);
  return {};
}

void DeadLetters::clear() {
  const std::lock_guard lock(mutex_);
  letters_.clear();
  shares_.clear();
  bytes_ = 0;
}

DeadLetters::Counts DeadLetters::counts() const noexcept {
  Counts counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = counts_[i].load(std::memory_order_relaxed);
  return counts;
}

std::uint64_t DeadLetters::total() const noexcept {
  const Counts all = counts();
  return std::accumulate(all.begin(), all.end(), std::uint64_t{0});
}

}  // namespace airssys::messaging
