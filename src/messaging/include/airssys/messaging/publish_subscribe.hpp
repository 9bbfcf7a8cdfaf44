#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/transaction.hpp"
#include "airssys/core/message.hpp"
#include "airssys/messaging/distribution.hpp"
#include "airssys/messaging/edge_cache.hpp"
#include "airssys/messaging/message_ids.hpp"
#include "airssys/messaging/topics.hpp"
#include "airssys/security/grant_table.hpp"

namespace airssys::messaging {

/// One actor's own subscriptions, with what the turn in hand has changed. Touched only by whoever runs the actor.
class Subscriptions {
 public:
  bool has(std::string_view pattern) const noexcept;
  std::size_t size() const noexcept { return patterns_.size(); }
  /// Effects of the turn.
  void add(std::string_view pattern);
  void remove(std::string_view pattern);
  void commit() noexcept { before_.reset(); }
  void abort() noexcept;

 private:
  void remember();

  std::vector<std::string> patterns_;
  std::unique_ptr<std::vector<std::string>> before_;  ///< As they were before this turn. Null: it has changed nothing.
};

/// `publish`, `subscribe` and `unsubscribe`, and an event's way to its subscribers when its turn has ended well.
class PublishSubscribe {
 public:
  PublishSubscribe(MessageIds& ids, Topics& topics, const security::GrantTable& grants)
      : ids_(ids), topics_(topics), grants_(grants) {}

  /// May `from` publish `bytes` on `topic` now? On success the rate has been charged.
  std::expected<Outlet*, core::SendError> admit(const actor::ActorCell& from, Outlets& outlets, std::string_view topic,
                                                std::size_t bytes, core::MonotonicTime now) const;
  /// An event, of which `spread` makes a copy for each subscriber.
  static actor::EnvelopePtr seal_event(const Outlet& outlet, core::MessageId id, core::Codec codec, core::Body body);

  template <typename MakeBody>
  std::expected<void, core::SendError> publish(actor::Transaction& turn, std::string_view topic, core::Codec codec,
                                               std::size_t bytes, MakeBody make_body) {
    const auto outlet = admit_from_turn(turn, topic, bytes);
    if (!outlet) return std::unexpected(outlet.error());
    post(turn, **outlet, codec, make_body());
    return {};
  }
  std::expected<void, core::SendError> subscribe(actor::Transaction& turn, std::string_view pattern) const;
  bool unsubscribe(actor::Transaction& turn, std::string_view pattern) const;

  /// Brings an event to the subscribers, one body for all, an envelope each: those of now, or of the moment that `distribution`
  /// holds on to. Who has no room for it, or does not take it, has it among the dead letters. Returns how many copies were
  /// made; if that took all of the slice and there are more, `event` stays, to be carried on with. On the thread that owns the
  /// rest.
  std::size_t spread(const actor::ActorRef& publisher, EdgeCache& edges, Distribution& distribution, actor::EnvelopePtr& event,
                     actor::VolatileSink& sink) const;
  /// Makes a change of subscriptions real.
  void apply(actor::ActorCell& actor, const actor::Envelope& change) const;

 private:
  std::expected<Outlet*, core::SendError> admit_from_turn(actor::Transaction& turn, std::string_view topic,
                                                          std::size_t bytes) const;
  void post(actor::Transaction& turn, Outlet& outlet, core::Codec codec, core::Body body);
  std::size_t copies_of(Outlet& outlet) const;
  bool is_current(const Outlet& outlet, const Distribution& distribution) const noexcept;
  /// Sees to it that the outlet has its audience. False: the slice was not enough, go on with another.
  bool refresh(Outlet& outlet, const actor::ActorRef& publisher, EdgeCache& edges, Distribution& distribution) const;
  bool begin_reading(Outlet& outlet, const actor::ActorRef& publisher, Distribution& distribution) const;
  void finish_reading(Outlet& outlet, Distribution& distribution) const;

  MessageIds& ids_;
  Topics& topics_;
  const security::GrantTable& grants_;
};

}  // namespace airssys::messaging
