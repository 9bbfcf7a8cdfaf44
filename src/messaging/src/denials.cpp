#include "airssys/messaging/denials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "airssys/core/plural.hpp"

namespace airssys::messaging {

std::string phrase_of(security::Verb verb, std::string_view target) {
  const char* preposition = "";
  if (verb == security::Verb::send || verb == security::Verb::subscribe) preposition = " to";
  if (verb == security::Verb::publish) preposition = " on";
  return fmt::format("{}{} {}", security::name_of(verb), preposition, target);
}

Denials::Known& Denials::known(security::Verb verb, std::string_view target) {
  const std::span<Known> kept(edges_.data(), size_);
  const auto same = [&](const Known& known) { return known.edge.verb == verb && known.edge.target == target; };
  if (const auto found = std::ranges::find_if(kept, same); found != kept.end()) return *found;
  Known& place = size_ < kEdgesKept ? edges_[size_++] : *std::ranges::min_element(kept, {}, &Known::seen);
  untold_of_others_ += place.untold;
  place = {.edge = {.verb = verb, .target = std::string(target)}};
  return place;
}

std::optional<std::string> Denials::note(security::Verb verb, std::string_view target, core::MonotonicTime now,
                                         std::uint64_t now_ms) {
  const std::lock_guard lock(mutex_);
  Known& known = this->known(verb, target);
  ++known.edge.count;
  known.edge.last_ms = now_ms;
  known.seen = ++count_;
  const bool told_lately = known.told_at.count() != 0 && now - known.told_at < std::chrono::seconds(1);
  if (told_lately || !may_tell_.take(now)) {
    ++known.untold;
    return std::nullopt;
  }
  known.told_at = now;
  std::string more;
  if (const std::uint64_t same = std::exchange(known.untold, 0); same > 0) more += fmt::format("; {} more before", same);
  if (const std::uint64_t others = std::exchange(untold_of_others_, 0); others > 0) {
    more += "; " + core::plural(others, "other that it was denied was", "others that it was denied were") + " not told";
  }
  return more;
}

bool Denials::may_tell_of_the_gone(core::MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  return may_tell_of_the_gone_.take(now);
}

std::uint64_t Denials::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::vector<Denials::Edge> Denials::last() const {
  const std::lock_guard lock(mutex_);
  std::vector<const Known*> order;
  for (std::size_t i = 0; i < size_; ++i) order.push_back(&edges_[i]);
  std::ranges::sort(order, std::ranges::greater(), &Known::seen);
  std::vector<Edge> edges;
  for (const Known* known : order) edges.push_back(known->edge);
  return edges;
}

}  // namespace airssys::messaging
