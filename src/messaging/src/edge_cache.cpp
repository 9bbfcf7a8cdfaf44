#include "airssys/messaging/edge_cache.hpp"

#include <utility>

namespace airssys::messaging {

Edge* EdgeCache::find(std::string_view to, security::Verb verb, std::uint64_t grants_version) noexcept {
  PerVerb& known = of(verb);
  if (known.last == nullptr || known.last->first != to) {
    const auto found = known.edges.find(to);
    if (found == known.edges.end()) return nullptr;
    known.last = &*found;
  }
  Edge& edge = known.last->second;
  return edge.grants_version == grants_version && !edge.target->stopped() ? &edge : nullptr;
}

Edge& EdgeCache::insert(std::string_view to, security::Verb verb, Edge edge) {
  PerVerb& known = of(verb);
  if (known.edges.size() >= kMost) {
    known.edges.clear();
    known.last = nullptr;
  }
  const auto place = known.edges.insert_or_assign(std::string(to), std::move(edge)).first;
  known.last = &*place;
  return place->second;
}

void EdgeCache::clear() noexcept {
  for (PerVerb* known : {&send_, &request_}) {
    known->last = nullptr;
    known->edges.clear();
  }
}

}  // namespace airssys::messaging
