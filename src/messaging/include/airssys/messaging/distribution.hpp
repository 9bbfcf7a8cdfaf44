#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "airssys/actor/correspondence.hpp"
#include "airssys/core/trace.hpp"
#include "airssys/messaging/edge_cache.hpp"
#include "airssys/messaging/topics.hpp"
#include "airssys/security/token_bucket.hpp"

namespace airssys::messaging {

/// Who gets the events of one topic, as one publisher reaches them.
struct Audience {
  std::vector<actor::EdgePtr> everyone;  ///< Each once.
  struct Group {
    Topics::Group* turns;
    std::vector<actor::EdgePtr> members;
  };
  std::vector<Group> groups;  ///< Of each, one member gets the event.

  std::size_t copies() const noexcept { return everyone.size() + groups.size(); }
  std::size_t edges() const noexcept;
};

/// An audience in the making, a few subscribers at a time.
class AudienceReading {
 public:
  AudienceReading(Topics::Reading reading, std::uint64_t grants_version)
      : reading_(std::move(reading)), grants_version_(grants_version) {}

  /// Takes up to `most` steps, and as many from it. True: that was all.
  bool read_on(const Topics& topics, const actor::ActorRef& publisher, EdgeCache& edges, std::size_t& most);
  const Topics::Reading& reading() const noexcept { return reading_; }
  std::uint64_t grants_version() const noexcept { return grants_version_; }
  Audience take();

 private:
  /// True: for the first time.
  bool note(const Topics::Group* group, const actor::Edge& edge);
  void add(Topics::Group* group, actor::EdgePtr edge);

  struct HashOfPlace {
    std::size_t operator()(const std::pair<const Topics::Group*, const actor::Edge*>& place) const noexcept {
      return std::hash<const void*>{}(place.first) * 31 ^ std::hash<const void*>{}(place.second);
    }
  };

  Topics::Reading reading_;
  std::uint64_t grants_version_;
  Audience audience_;
  std::unordered_set<std::pair<const Topics::Group*, const actor::Edge*>, HashOfPlace> seen_;
};

/// One topic, as one publisher knows it: may it, how fast, how large, and along which edges events go.
struct Outlet {
  core::IntrusivePtr<actor::Extra> topic;
  std::uint64_t grants_version = 0;
  std::optional<security::TokenBucket> bucket;
  core::Bytes body_bytes_max = 0;

  /// How many copies an event has, about, and the version of the topics at which that was so.
  std::size_t copies = 0;
  std::uint64_t copies_version = 0;

  // Who gets the events, and what this was made of: good for as long as neither version has moved on, or the state of the
  // topics is still the same.
  Audience audience;
  std::uint64_t topics_version = 0;
  std::uint64_t audience_grants = 0;
  std::optional<Topics::PatternState> state;
  std::uint64_t moment = 0;  ///< For which `Distribution::moment` it was made, if it was one.

  void forget_audience() noexcept;
};

/// The topics that one publisher has used. Bounded, by count and by the edges that their audiences keep together; an audience
/// that is larger than that is kept alone. Touched only by whoever runs the publisher.
class Outlets {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr std::size_t kMostEdges = std::size_t{1} << 17;

  /// Null: not known.
  Outlet* find(std::string_view topic) noexcept;
  Outlet& insert(std::string_view topic);
  /// Gives an outlet of these its audience, and forgets others where there are too many edges.
  void set_audience(Outlet& outlet, Audience audience);
  std::size_t edges() const noexcept { return edges_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  void clear() noexcept;

  std::unordered_map<std::string, Outlet, Hash, std::equal_to<>> outlets_;
  std::pair<const std::string, Outlet>* last_ = nullptr;
  std::size_t edges_ = 0;
};

/// What one sender needs to bring events and broadcasts to many: its outlets, and what is under way. A turn's messages leave a
/// slice at a time; what does not leave at once waits here, in order, and with it which subscribers there were when the turn
/// ended. Touched only by whoever runs the sender.
class Distribution {
 public:
  static constexpr std::size_t kNoBound = std::numeric_limits<std::size_t>::max();

  explicit Distribution(Topics& topics) : topics_(topics) {}
  Distribution(const Distribution&) = delete;
  Distribution& operator=(const Distribution&) = delete;
  ~Distribution() { end_rest(); }

  Outlets outlets;
  /// How many copies may be made before others get their chance.
  std::size_t slice = 0;

  /// The event in hand: how far it has come.
  struct Passage {
    bool begun = false;
    std::size_t next = 0;  ///< Of everyone, then of the groups.
    core::RecordShares shares{0, 0};
  };
  Passage passage;
  std::unique_ptr<AudienceReading> reading;  ///< Null: none is being made.

  /// What is left of a turn; empty: nothing.
  std::vector<actor::EnvelopePtr> rest;
  std::size_t next_of_rest = 0;

  /// Adds to the rest. From here on events go to the subscribers of this moment.
  void put_by(std::span<actor::EnvelopePtr> effects);
  void end_rest() noexcept;
  /// All that is left, with the event that some have had already; nothing is left then.
  std::vector<actor::EnvelopePtr> take_rest();
  /// The moment that events of the rest are for. Nothing: there is no rest, and events are for now.
  std::optional<std::uint64_t> as_of() const noexcept { return held_; }
  /// Which moment it is; another when the sender has changed its own subscriptions since.
  std::uint64_t moment() const noexcept { return moment_; }
  void note_own_change() noexcept { ++moment_; }
  bool has_own_changes() const noexcept { return moment_ != moment_held_; }

 private:
  Topics& topics_;
  std::optional<std::uint64_t> held_;
  std::uint64_t moment_ = 1;
  std::uint64_t moment_held_ = 0;  ///< When it was held.
};

}  // namespace airssys::messaging
