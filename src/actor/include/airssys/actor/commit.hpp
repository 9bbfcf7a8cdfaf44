#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "airssys/actor/dead_letter_sink.hpp"
#include "airssys/actor/edge.hpp"
#include "airssys/actor/envelope.hpp"
#include "airssys/actor/timers.hpp"
#include "airssys/actor/turn_kind.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/core/message.hpp"

namespace airssys::actor {

class ActorCell;
class Expander;

/// What a turn does to one timer.
struct TimerChange {
  bool arm;  ///< Else: disarm.
  Timers::Timer timer;
};
using TimerChanges = std::map<core::Tag, TimerChange, std::less<>,  //
                              core::BlockAllocator<std::pair<const core::Tag, TimerChange>>>;

/// Why a message was not handled, for its dead letter.
struct Burial {
  DeadReason reason;
  std::string why;  ///< The words of whoever refused it or failed over it; may be empty.
};

/// What a commit comes of.
enum class CommitKind : std::uint8_t {
  stands,        ///< A turn that stands: all that it did.
  undone,        ///< A turn that does not: nothing that it did.
  without_turn,  ///< No turn: what was consumed had expired, came too late, or its actor has stopped; or an instance ended.
  outside,       ///< Somebody who has no turns: the host, a gateway, the operator.
};

/// How something ended: whatever an actor consumes ends in exactly one commit, and whatever leaves an actor leaves in one. A
/// value; its containers are used again, so that a turn which does little allocates nothing.
///
///   kind            effects                                        `consumed` ends
///   stands          the turn's, in the order of its calls          handled; a request with `answer`, if there is one
///   undone          outcomes `interrupted` of requests that the    as the outcome of a request that failed, or with `dead`;
///                   instance owed, if it died                      not at all if the turn was `busy`: then there is no commit
///   without_turn    the same, if an instance ended                 likewise
///   outside         what is sent                                   -
///
/// What the turn's requests, cancels and answers change on the actor's books is there to be seen as long as the commit is not
/// released: `Correspondence::changes`.
struct Commit {
  CommitKind kind = CommitKind::stands;
  TurnKind turn = TurnKind::message;  ///< Of a turn.
  ActorCell* actor = nullptr;         ///< Whose it is.
  std::vector<EnvelopePtr> effects;   ///< Messages, outcomes, events and changes of subscriptions.
  TimerChanges timers;                ///< By tag. For the actor's own books.
  /// The message that was in hand; of a request that failed, its outcome; of an outcome that was not handled, itself again.
  EnvelopePtr consumed;
  core::MessageId outcome_of{};     ///< The turn had the outcome of this request in hand.
  core::Payload* answer = nullptr;  ///< To the consumed request. Borrowed, to be moved from; null: none, or not now.
  std::optional<Burial> dead;       ///< `consumed` goes to the dead letters.
  PermitsBack* permits = nullptr;   ///< By which the permit of `consumed` is given back.
  Expander* expander = nullptr;     ///< For effects of who is no actor. Null: the actor's correspondence.
};

}  // namespace airssys::actor
