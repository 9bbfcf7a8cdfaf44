#include "airssys/core/shares.hpp"

#include "airssys/core/assert.hpp"

namespace airssys::core {

Shares::Holder& Shares::holder(std::string_view name) {
  const auto found = holders_.find(name);
  if (found != holders_.end()) return found->second;
  std::string key(name);
  return holders_.try_emplace(key, Holder{.name = key, .order = ++last_order_}).first->second;
}

template <typename T>
void Shares::rank(ByWeight<T>& ranking, T& what, std::size_t before, std::size_t after) {
  const auto key = [&](std::size_t weight) { return std::pair(weight, ~what.order); };
  if (before == 0) {
    ranking.emplace(key(after), &what);
    return;
  }
  auto place = ranking.extract(key(before));
  if (after == 0) return;
  place.key() = key(after);
  ranking.insert(std::move(place));
}

void Shares::weigh(Holder& holder, Pair& pair, std::size_t more, std::size_t less) {
  rank(holder.pairs, pair, pair.weight, pair.weight + more - less);
  rank(by_weight_, holder, holder.weight, holder.weight + more - less);
  holder.weight = holder.weight + more - less;
}

void Shares::weigh(Pair& pair, std::size_t more, std::size_t less) {
  weigh(*pair.one, pair, more, less);
  if (pair.other != pair.one) weigh(*pair.other, pair, more, less);
  pair.weight = pair.weight + more - less;
}

void Shares::add(ItemNumber item, std::string_view one, std::string_view other, std::size_t weight) {
  AIRSSYS_ASSERT(weight > 0 && !items_.contains(item));
  Holder& first = holder(one);
  Holder& second = holder(other);
  const auto place = pairs_.try_emplace({&first, &second}, Pair{.one = &first, .other = &second, .order = 0}).first;
  Pair& pair = place->second;
  if (pair.order == 0) pair.order = ++last_order_;
  weigh(pair, weight, 0);
  pair.items.insert(item);
  items_.emplace(item, Held{.pair = &pair, .weight = weight});
}

void Shares::remove(ItemNumber item) {
  const auto found = items_.find(item);
  AIRSSYS_ASSERT(found != items_.end());
  Pair& pair = *found->second.pair;
  weigh(pair, 0, found->second.weight);
  pair.items.erase(item);
  items_.erase(found);
  if (!pair.items.empty()) return;
  Holder& one = *pair.one;
  Holder& other = *pair.other;
  pairs_.erase({&one, &other});
  const bool is_one = &one == &other;
  forget_if_empty(one);
  if (!is_one) forget_if_empty(other);
}

void Shares::forget_if_empty(Holder& holder) {
  if (holder.weight > 0) return;
  const std::string name = holder.name;
  holders_.erase(name);
}

Shares::ItemNumber Shares::first_to_go() const {
  AIRSSYS_ASSERT(!by_weight_.empty());
  const Holder& most = *by_weight_.rbegin()->second;
  const Pair& shared_most = *most.pairs.rbegin()->second;
  return *shared_most.items.begin();
}

std::string_view Shares::holds_most() const {
  AIRSSYS_ASSERT(!by_weight_.empty());
  return by_weight_.rbegin()->second->name;
}

void Shares::clear() noexcept {
  items_.clear();
  by_weight_.clear();
  pairs_.clear();
  holders_.clear();
}

}  // namespace airssys::core
