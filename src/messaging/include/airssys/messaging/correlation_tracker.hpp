#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "airssys/actor/correspondence.hpp"
#include "airssys/actor/transaction.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/messaging/response_router.hpp"

namespace airssys::messaging {

/// One actor's requests: those it has open, and those it owes an answer. Who may end a request follows from whose tracker
/// it is in: only the requester's can cancel it or let it time out, only the asked one's can answer it. What comes first
/// takes the entry out; what comes later finds none. So a request has exactly one outcome without any lock.
///
/// Changes made in a turn are undone by `abort`. Touched only by whoever runs the actor.
class CorrelationTracker {
 public:
  struct Request {
    core::Tag tag{};
    core::MonotonicTime deadline{};
    core::MonotonicTime turn_deadline{};  ///< Of the turn that made it, back in its `handle_reply`. 0: none.
    core::TraceContext trace;             ///< Of that turn.
    std::uint16_t distance = 0;           ///< As `actor::Envelope::distance`.
  };
  struct Expired {
    core::MessageId id{};
    Request request;
    actor::EdgePtr asked;  ///< Along which it went.
  };
  struct Owed {
    core::IntrusivePtr<actor::ReplySlot> slot;
    core::TraceContext trace;
    std::uint16_t distance = 0;  ///< As `actor::Envelope::distance`.
  };

  explicit CorrelationTracker(ResponseRouter& responses) : responses_(responses) {}

  std::size_t open() const noexcept { return ids_.size() - free_.size() - cancelled_.size(); }
  /// Requests that are open, and replies to others that lie in the mailbox: what `Limits::requests` is about. A request that is
  /// cancelled when its reply is here already gives its place back with the reply.
  std::size_t kept() const noexcept { return open() + late_replies_ + replies_of_cancelled_; }
  /// Of the open ones, those that others answered `later`. Outdated at once.
  std::size_t put_off_by_others() const noexcept;
  /// An open one is no further from what came from outside than what is accepted; see `actor::Ending`.
  bool has_accepted() const noexcept;
  /// Requests that this actor answered `later`, and whose requesters wait.
  std::size_t owed() const noexcept { return owed_.size(); }

  struct Opened {
    Request& request;                      ///< Has its deadline; the rest is for the caller to fill in, at once.
    core::IntrusivePtr<OpenRequest> slot;  ///< What the asked side gets.
  };
  /// An effect of the turn.
  Opened open_request(core::MessageId id, actor::Edge& edge, core::MonotonicTime deadline);
  /// An effect of the turn. False: not open.
  bool cancel(core::MessageId id);
  /// Takes the right to answer the request in hand (`message`) or one that is owed; an effect of the turn. Nothing: there is
  /// no such request here, or it was answered.
  std::optional<Owed> take_owed(core::MessageId id, const actor::Envelope* message);
  bool answered_in_hand() const noexcept { return answered_in_hand_; }
  /// The request is owed by `debtor`, whose tracker this is, for as long as its requester waits.
  void defer(core::MessageId id, Owed owed, actor::ActorCell& debtor);
  /// The requester of one that is owed waits no longer. Any thread.
  void withdraw(core::MessageId id);
  /// Forgets those that were withdrawn. The last `kUnwantedKept` may still be answered, for the dead letters.
  void forget_withdrawn();

  /// Edges are kept until the turn in hand ends.
  bool has_left_edges() const noexcept { return !left_edges_.empty(); }
  /// What the turn in hand has opened, cancelled and answered. The request in hand is not among the answered.
  actor::RequestChanges changes() const;
  /// How many requests the turn has opened and cancelled.
  std::pair<std::size_t, std::size_t> commit() noexcept;
  void abort() noexcept;

  /// The request that an outcome is for is open, and its time has passed.
  bool has_expired(core::MessageId id, const actor::ReplySlot& slot, core::MonotonicTime now) const noexcept;
  /// Takes the request that an outcome is for, and its slot back. Nothing: it is no longer open, and the slot stays with it.
  /// For each outcome that was in the mailbox.
  std::optional<Request> close(core::MessageId id, core::IntrusivePtr<actor::ReplySlot>& slot);
  /// Takes a request whose time has passed.
  std::optional<Expired> take_expired(core::MonotonicTime now);
  std::optional<core::MonotonicTime> next_deadline() const noexcept;

  /// Forgets what is open and gives away what is owed.
  std::vector<std::pair<core::MessageId, Owed>> reset();

 private:
  struct Cancelled {
    core::MessageId id;
    std::uint32_t place;
  };
  using OwedById = std::unordered_map<core::MessageId, Owed, std::hash<core::MessageId>, std::equal_to<>,
                                      core::BlockAllocator<std::pair<const core::MessageId, Owed>>>;
  static constexpr core::MessageId kNobody{0};
  static constexpr std::size_t kFewest = 4;
  /// Slots of so many places stay for the next request. Each holds an edge, and with it an actor that may have stopped.
  static constexpr std::uint32_t kSlotsKept = 64;
  static constexpr std::size_t kUnwantedKept = 256;

  /// The slot of a place, made or used again.
  core::IntrusivePtr<OpenRequest> slot_of(std::uint32_t place, actor::Edge& edge);
  void add_place();
  /// Nobody waits for it any more, and its place is free.
  void free(std::uint32_t place) noexcept;
  /// The same, while the asked side may still answer.
  void give_up(std::uint32_t place, core::MessageId id);
  /// Back on the books after a turn that did not answer it after all.
  void keep_owed(core::MessageId id, Owed owed);
  void keep_unwanted(core::MessageId id, Owed owed);
  /// From the one to the other. One that was answered meanwhile is with neither.
  void forget(core::MessageId id);
  template <typename Visit>
  void for_each_open(const Visit& visit) const;

  ResponseRouter& responses_;
  // Open requests by place: who has it, what of it, and the slot that the asked side has, too. Places are used again, and so
  // are slots that have come home: they hold the edge, at a price. A place whose request this turn has cancelled is kept
  // until the turn ends.
  std::vector<core::MessageId> ids_;
  std::vector<Request> requests_;
  std::vector<core::IntrusivePtr<OpenRequest>> slots_;
  std::vector<std::uint32_t> free_;
  /// Edges that slots had before: until the turn in hand has ended, since its outcome may have come along one of them.
  std::vector<actor::EdgePtr> left_edges_;
  std::size_t late_replies_ = 0;  ///< In the mailbox, or about to be, of requests that are not open.
  OwedById owed_;
  /// Requests that nobody waits for: an answer to one of them goes to the dead letters. The oldest is the next to be replaced.
  std::vector<std::pair<core::MessageId, Owed>> unwanted_;
  std::size_t oldest_unwanted_ = 0;
  // Of `owed_`, withdrawn by others. Each once, so that there are no more than were owed.
  std::mutex withdrawn_mutex_;
  std::vector<core::MessageId> withdrawn_;
  core::MonotonicTime earliest_{};  ///< No open request ends before. May be outdated towards too early.

  // What the turn in hand has changed.
  std::vector<std::pair<core::MessageId, std::uint32_t>> opened_;
  std::vector<Cancelled> cancelled_;
  std::size_t replies_of_cancelled_ = 0;  ///< That were here already.
  std::vector<std::pair<core::MessageId, Owed>> answered_;
  bool answered_in_hand_ = false;
};

}  // namespace airssys::messaging
