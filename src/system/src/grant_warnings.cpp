#include "grant_warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "airssys/config/overlap.hpp"
#include "airssys/core/plural.hpp"

namespace airssys::system {
namespace {

using security::Verb;

constexpr std::size_t kMostWarnings = 100;

/// Whether the pattern covers an actor of the file, or a gateway of the kind that can do what it is about.
bool covers_somebody(const core::AddressPattern& pattern, config::GatewayKind kind, const config::SystemFile& file) {
  return std::ranges::any_of(file.actors, [&](const config::ActorEntry& entry) { return entry.is_covered_by(pattern); }) ||
         std::ranges::any_of(file.gateways, [&](const config::GatewayEntry& gateway) {
           return gateway.kind == kind && pattern.matches(gateway.address);
         });
}
/// Who sends: actors, gateways that read, and the operator.
bool covers_a_sender(const core::AddressPattern& pattern, const config::SystemFile& file) {
  return pattern.matches(core::operator_address()) || covers_somebody(pattern, config::GatewayKind::lines, file);
}
/// Whom one can send to: actors, and gateways that print.
bool covers_a_target(const core::AddressPattern& pattern, const config::SystemFile& file) {
  return covers_somebody(pattern, config::GatewayKind::standard_output, file);
}

/// What a verb is done to, in a grant or in a manifest: an address pattern or a topic pattern.
bool meets(const security::Grant::Target& target, const core::AddressPattern& wanted) {
  const auto* to = std::get_if<core::AddressPattern>(&target);
  return to != nullptr && config::overlap(*to, wanted);
}
bool meets(const security::Grant::Target& target, const security::TopicPattern& wanted) {
  const auto* topic = std::get_if<security::TopicPattern>(&target);
  return topic != nullptr && config::overlap(*topic, wanted);
}

class Comparison {
 public:
  Comparison(const config::SystemFile& file, const Manifests& manifests) : file_(file), manifests_(manifests) {}

  std::vector<std::string> warnings() {
    for (const config::GrantEntry& grant : file_.grants) look_at(grant);
    for (const config::ActorEntry& entry : file_.actors) look_at(entry);
    for (const config::SubscriptionEntry& entry : file_.subscriptions) look_at(entry);
    for (const config::SupervisorEntry& entry : file_.supervisors) look_at(entry);
    if (left_out_ > 0) warnings_.push_back(core::plural(left_out_, "more warning") + " of this kind");
    return std::move(warnings_);
  }

 private:
  void warn(const config::Place& place, std::string_view text) {
    if (warnings_.size() >= kMostWarnings) {
      ++left_out_;
      return;
    }
    warnings_.push_back(fmt::format("{}: {}", config::to_string(place), text));
  }

  void look_at(const config::GrantEntry& entry) {
    const security::Grant& grant = entry.grant;
    bool is_idle = false;
    const auto say = [&](const core::AddressPattern& pattern, const config::Place& place, std::string_view which) {
      is_idle = true;
      warn(place, fmt::format("{} = \"{}\" covers no actor of this file", which, pattern.text()));
    };
    if (!covers_a_sender(grant.from, file_)) say(grant.from, entry.from_place, "from");
    const auto* to = std::get_if<core::AddressPattern>(&grant.to);
    if (to != nullptr && !covers_a_target(*to, file_)) say(*to, entry.target_place, "to");
    if (is_idle) return;
    for (const auto& [verb, place] : entry.verb_places) look_for_askers(entry, verb, place);
  }

  /// A grant that nobody asked for works. Said only where everybody whom it covers says what he asks for.
  void look_for_askers(const config::GrantEntry& entry, Verb verb, const config::Place& place) {
    const security::Grant& grant = entry.grant;
    bool covers_an_actor = false;
    for (const auto& [actor, component] : manifests_) {
      if (!actor->is_covered_by(grant.from)) continue;
      const config::Wants& wants = component->manifest.wants;
      if (!wants.stated || asks_for(wants, verb, grant.to)) return;
      covers_an_actor = true;
    }
    if (!covers_an_actor) return;
    const auto* to = std::get_if<core::AddressPattern>(&grant.to);
    const std::string& target = to != nullptr ? to->text() : std::get<security::TopicPattern>(grant.to).text();
    warn(place,
         fmt::format("\"{}\" of {} by {} is granted and not asked for: no component of these actors has it in its [wants]",
                     security::name_of(verb), target, grant.from.text()));
  }

  static bool asks_for(const config::Wants& wants, Verb verb, const security::Grant::Target& target) {
    const auto is_met = [&target](const auto& wanted) { return meets(target, wanted.pattern); };
    switch (verb) {
      case Verb::send:
        return std::ranges::any_of(wants.send, is_met);
      case Verb::request:
        return std::ranges::any_of(wants.request, is_met);
      case Verb::publish:
        return std::ranges::any_of(wants.publish, is_met);
      case Verb::subscribe:
        return std::ranges::any_of(wants.subscribe, is_met);
      case Verb::find:
        return std::ranges::any_of(wants.find, is_met);
    }
    return false;
  }

  void look_at(const config::ActorEntry& actor) {
    const auto component = manifests_.find(&actor);
    if (component == manifests_.end()) return;
    const config::Wants& wants = component->second->manifest.wants;
    for (const auto& wanted : wants.send) look_for_grant(actor, Verb::send, wanted);
    for (const auto& wanted : wants.request) look_for_grant(actor, Verb::request, wanted);
    for (const auto& wanted : wants.publish) look_for_grant(actor, Verb::publish, wanted);
    for (const auto& wanted : wants.subscribe) {
      if (!is_subscribed(actor, wanted.pattern)) look_for_grant(actor, Verb::subscribe, wanted);
    }
    for (const auto& wanted : wants.find) {
      warn(wanted.place,
           fmt::format("{} asks to find {}, which this version does not serve", actor.address.text(), wanted.pattern.text()));
    }
  }

  template <typename Pattern>
  void look_for_grant(const config::ActorEntry& actor, Verb verb, const config::Wanted<Pattern>& wanted) {
    // To itself an actor may send without a grant.
    if (actor.instances == 1 && wanted.pattern.text() == actor.address.text()) return;
    const auto serves = [&](const config::GrantEntry& entry) {
      return entry.grant.allow.contains(verb) && meets(entry.grant.to, wanted.pattern) && actor.is_covered_by(entry.grant.from);
    };
    if (std::ranges::any_of(file_.grants, serves)) return;
    const bool is_topic = security::is_about_topics(verb);
    const std::string_view to = verb == Verb::publish ? "on " : verb == Verb::subscribe || verb == Verb::send ? "to " : "";
    warn(wanted.place,
         fmt::format(
             "{} asks to {} {}{}, and no [[grant]] serves it; one would have from = \"{}\", {} = \"{}\", allow = [\"{}\"]",
             actor.address.text(), security::name_of(verb), to, wanted.pattern.text(), from_of(actor),
             is_topic ? "topic" : "to", wanted.pattern.text(), security::name_of(verb)));
  }

  /// A pattern that covers the entry's addresses.
  static std::string from_of(const config::ActorEntry& actor) {
    const std::string& text = actor.address.text();
    return actor.instances == 1 ? text : text.substr(0, text.size() - 1) + "*";
  }

  bool is_subscribed(const config::ActorEntry& actor, const security::TopicPattern& wanted) const {
    return std::ranges::any_of(file_.subscriptions, [&](const config::SubscriptionEntry& entry) {
      return actor.is_covered_by(entry.actor) && config::overlap(entry.topic, wanted);
    });
  }

  /// Whom no grant lets publish what it waits for gets nothing.
  void look_at(const config::SubscriptionEntry& subscription) {
    const auto publishes = [&subscription](const config::GrantEntry& entry) {
      return entry.grant.allow.contains(Verb::publish) && meets(entry.grant.to, subscription.topic);
    };
    if (std::ranges::any_of(file_.grants, publishes)) return;
    warn(subscription.topic_place, fmt::format("no [[grant]] lets anybody publish on {}: {} gets nothing by it",
                                               subscription.topic.text(), subscription.actor.text()));
  }

  void look_at(const config::SupervisorEntry& supervisor) {
    const auto names_it = [&supervisor](const config::ActorEntry& actor) { return actor.supervisor == supervisor.name; };
    if (std::ranges::any_of(file_.actors, names_it)) return;
    warn(supervisor.name_place, fmt::format("no actor names the supervisor \"{}\"", supervisor.name));
  }

  const config::SystemFile& file_;
  const Manifests& manifests_;
  std::vector<std::string> warnings_;
  std::size_t left_out_ = 0;
};

}  // namespace

std::vector<std::string> grant_warnings(const config::SystemFile& file, const Manifests& manifests) {
  return Comparison(file, manifests).warnings();
}

}  // namespace airssys::system
