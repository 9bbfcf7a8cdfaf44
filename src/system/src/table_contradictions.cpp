#include "table_contradictions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "airssys/core/plural.hpp"
#include "airssys/core/units.hpp"

namespace airssys::system {
namespace {

using core::Limits;
using security::Verb;

constexpr std::size_t kMostWarnings = 100;

/// A limit that may be 0, and what an actor can't do then.
struct Nothing {
  std::string_view key;
  std::uint32_t Limits::* limit;
  std::initializer_list<Verb> verbs;
};
constexpr std::initializer_list<Verb> kRequest{Verb::request};
constexpr std::initializer_list<Verb> kSubscribe{Verb::subscribe};
constexpr std::initializer_list<Verb> kEffects{Verb::send, Verb::request, Verb::publish};
constexpr std::array<Nothing, 3> kNothings{{{"requests", &Limits::requests, kRequest},
                                            {"subscriptions", &Limits::subscriptions, kSubscribe},
                                            {"turn_effects", &Limits::turn_effects, kEffects}}};

bool takes(const config::ComponentManifest& manifest, core::Codec codec) {
  return manifest.accepts.empty() || std::ranges::find(manifest.accepts, codec) != manifest.accepts.end();
}

std::string names_of(const std::vector<core::Codec>& codecs) {
  std::vector<std::string> names;
  for (const core::Codec codec : codecs) names.push_back(core::to_string(codec));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Where a component asks for a verb first; nothing, if it does not.
std::optional<config::Place> place_of_wish(const config::Wants& wants, Verb verb) {
  const auto first = [](const auto& wanted) -> std::optional<config::Place> {
    return wanted.empty() ? std::nullopt : std::optional(wanted.front().place);
  };
  switch (verb) {
    case Verb::send:
      return first(wants.send);
    case Verb::request:
      return first(wants.request);
    case Verb::publish:
      return first(wants.publish);
    case Verb::subscribe:
      return first(wants.subscribe);
    case Verb::find:
      return std::nullopt;
  }
  return std::nullopt;
}

class Comparison {
 public:
  Comparison(const config::SystemFile& file, const Manifests& manifests, const EntryLimits& limits)
      : file_(file), manifests_(manifests), limits_(limits) {}

  Contradictions found() {
    for (const config::GatewayEntry& gateway : file_.gateways) look_at(gateway);
    for (const config::ActorEntry& actor : file_.actors) look_at(actor);
    for (const config::GrantEntry& grant : file_.grants) look_at(grant);
    if (left_out_ > 0) found_.warnings.push_back(core::plural(left_out_, "more contradiction") + " of this kind");
    return std::move(found_);
  }

 private:
  void warn(const config::Place& place, std::string_view text) {
    if (found_.warnings.size() >= kMostWarnings) {
      ++left_out_;
      return;
    }
    found_.warnings.push_back(fmt::format("{}: {}", config::to_string(place), text));
  }

  /// Where nobody whom it sends to takes its lines, it could as well not be there.
  void look_at(const config::GatewayEntry& gateway) {
    if (!gateway.to) return;
    const config::ActorEntry* first = nullptr;
    bool is_taken = false;
    for (const config::ActorEntry& entry : file_.actors) {
      if (!entry.is_covered_by(*gateway.to)) continue;
      const auto component = manifests_.find(&entry);
      const bool refuses = component != manifests_.end() && !takes(component->second->manifest, gateway.codec);
      if (!refuses) is_taken = true;
      if (refuses && first == nullptr) first = &entry;
    }
    if (first == nullptr) return;
    const std::string accepted = names_of(manifests_.at(first)->manifest.accepts);
    const std::string what =
        fmt::format("lines of {} are sent as {}, which {} does not take: its component accepts {}", gateway.address.text(),
                    core::to_string(gateway.codec), first->address.text(), accepted);
    const bool prints = std::ranges::any_of(file_.gateways, [&gateway](const config::GatewayEntry& other) {
      return other.kind == config::GatewayKind::standard_output && gateway.to->matches(other.address);
    });
    if (is_taken || prints) return warn(gateway.codec_place, what + "; those that go to it are refused");
    found_.problems.push_back(config::problem_at(gateway.codec_place, what, fmt::format("codec = one of {}", accepted)));
  }

  void look_at(const config::ActorEntry& actor) {
    const auto limits = limits_.find(&actor);
    const auto component = manifests_.find(&actor);
    if (limits == limits_.end() || component == manifests_.end()) return;
    for (const Nothing& nothing : kNothings) {
      if (limits->second.*nothing.limit != 0) continue;
      const auto why = reason_for(actor, *component->second, nothing.verbs);
      if (why) warn_of_nothing(actor, nothing.key, *why);
    }
    if (limits->second.timers == 0 && component->second->code->has(runtime::Export::timer_handler)) {
      warn_of_nothing(actor, "timers", "its component handles timers");
    }
  }

  void warn_of_nothing(const config::ActorEntry& actor, std::string_view key, std::string_view why) {
    warn(config::place_of_limit(file_, actor, key),
         fmt::format("{} has {} = 0, and {}: each try answers limit-reached", actor.address.text(), key, why));
  }

  /// Why one thinks that it will do one of these: it says so, or it was let.
  std::optional<std::string> reason_for(const config::ActorEntry& actor, const LoadedComponent& component,
                                        std::initializer_list<Verb> verbs) const {
    for (const Verb verb : verbs) {
      const auto place = place_of_wish(component.manifest.wants, verb);
      if (place) return fmt::format("its component asks to {} ({})", security::name_of(verb), config::to_string(*place));
      for (const config::GrantEntry& entry : file_.grants) {
        if (!entry.grant.allow.contains(verb) || !actor.is_covered_by(entry.grant.from)) continue;
        return fmt::format("a [[grant]] lets it {} ({})", security::name_of(verb),
                           config::to_string(entry.verb_places.at(verb)));
      }
    }
    return std::nullopt;
  }

  /// A size that a grant allows and nobody whom it is about has room for.
  void look_at(const config::GrantEntry& entry) {
    if (!entry.grant.body_bytes) return;
    if (const auto* to = std::get_if<core::AddressPattern>(&entry.grant.to)) {
      compare(entry, *to, &Limits::body_bytes, "body_bytes", "whom it is granted to reach");
    } else if (entry.grant.allow.contains(Verb::publish)) {
      compare(entry, entry.grant.from, &Limits::body_bytes, "body_bytes", "who may publish by it");
    } else {
      return warn(entry.body_place, "body_bytes has no effect on subscribe: the publisher's grant has the size of events");
    }
    compare(entry, entry.grant.from, &Limits::turn_bytes, "turn_bytes", "who may send by it");
  }

  void compare(const config::GrantEntry& entry, const core::AddressPattern& who, core::Bytes Limits::* limit,
               std::string_view key, std::string_view role) {
    const config::ActorEntry* largest = nullptr;
    for (const auto& [actor, limits] : limits_) {
      if (!actor->is_covered_by(who)) continue;
      const bool is_larger = largest == nullptr || limits.*limit > limits_.at(largest).*limit;
      if (is_larger) largest = actor;
    }
    // Of what is no actor of the file nothing is known here.
    const bool covers_a_gateway = std::ranges::any_of(
        file_.gateways, [&who](const config::GatewayEntry& gateway) { return who.matches(gateway.address); });
    if (largest == nullptr || covers_a_gateway || *entry.grant.body_bytes <= limits_.at(largest).*limit) return;
    warn(entry.body_place,
         fmt::format("body_bytes = {} is more than anybody has room for of those {}: {} has {} = {}; larger bodies are refused "
                     "as too large",
                     core::bytes_to_string(*entry.grant.body_bytes), role, largest->address.text(), key,
                     core::bytes_to_string(limits_.at(largest).*limit)));
  }

  const config::SystemFile& file_;
  const Manifests& manifests_;
  const EntryLimits& limits_;
  Contradictions found_;
  std::size_t left_out_ = 0;
};

}  // namespace

Contradictions contradictions(const config::SystemFile& file, const Manifests& manifests, const EntryLimits& limits) {
  return Comparison(file, manifests, limits).found();
}

}  // namespace airssys::system
