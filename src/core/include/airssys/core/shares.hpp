#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace airssys::core {

/// Who holds how much of what is kept for all, so that nobody pushes out what is another's: when there is too much, the oldest
/// item of whoever holds most goes first.
///
/// An item has two holders, who may be one: of a letter its sender and its target. It counts for both, whoever of them is to
/// blame; of whoever holds most, it is the items shared with the one he shares most with that go. So an actor that refuses
/// what everybody sends it, and one that sends to those who refuse, loses its own. Each step costs the logarithm of the
/// number of items. Not for two threads at once.
class Shares {
 public:
  /// Items are numbered upwards: the oldest has the lowest.
  using ItemNumber = std::uint64_t;

  void add(ItemNumber item, std::string_view one, std::string_view other, std::size_t weight);
  /// One that was added.
  void remove(ItemNumber item);
  /// Which is to go, of at least one.
  ItemNumber first_to_go() const;
  /// Who holds most, of at least one: whose that item is. Valid until the next change.
  std::string_view holds_most() const;
  /// How many have something.
  std::size_t holders() const noexcept { return holders_.size(); }
  void clear() noexcept;

 private:
  struct Pair;
  /// By weight; of equals, the one that was there first comes last.
  template <typename T>
  using ByWeight = std::map<std::pair<std::size_t, std::uint64_t>, T*>;

  struct Holder {
    std::string name;
    std::uint64_t order;
    std::size_t weight = 0;
    ByWeight<Pair> pairs{};
  };
  struct Pair {
    Holder* one;
    Holder* other;
    std::uint64_t order;
    std::size_t weight = 0;
    std::set<ItemNumber> items{};
  };
  struct Held {
    Pair* pair;
    std::size_t weight;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  Holder& holder(std::string_view name);
  /// Moves `what` in a ranking; a weight of nothing is in none.
  template <typename T>
  static void rank(ByWeight<T>& ranking, T& what, std::size_t before, std::size_t after);
  void weigh(Pair& pair, std::size_t more, std::size_t less);
  void weigh(Holder& holder, Pair& pair, std::size_t more, std::size_t less);
  void forget_if_empty(Holder& holder);

  std::unordered_map<std::string, Holder, Hash, std::equal_to<>> holders_;
  std::map<std::pair<const Holder*, const Holder*>, Pair> pairs_;
  ByWeight<Holder> by_weight_;
  std::unordered_map<ItemNumber, Held> items_;
  std::uint64_t last_order_ = 0;
};

}  // namespace airssys::core
