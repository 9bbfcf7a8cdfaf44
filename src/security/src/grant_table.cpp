#include "airssys/security/grant_table.hpp"

#include <algorithm>

namespace airssys::security {
namespace {

/// The verbs that `grant` has are about addresses or topics, never both (see `check`), so its target is of the right kind.
bool covers_address(const Grant& grant, const auto& address) noexcept {
  const auto* pattern = std::get_if<core::AddressPattern>(&grant.to);
  return pattern != nullptr && pattern->matches(address);
}

bool covers_topic(const Grant& grant, std::string_view topic) noexcept {
  const auto* pattern = std::get_if<TopicPattern>(&grant.to);
  return pattern != nullptr && pattern->matches(topic);
}

bool covers_pattern(const Grant& grant, const TopicPattern& wanted) noexcept {
  const auto* pattern = std::get_if<TopicPattern>(&grant.to);
  return pattern != nullptr && pattern->contains(wanted);
}

bool is_operator(std::string_view from) noexcept {
  return from == core::operator_address().text();
}

std::string_view text_of(std::string_view address) noexcept {
  return address;
}
std::string_view text_of(const core::Address& address) noexcept {
  return address.text();
}

/// Whether `to` is well formed for `verb`.
bool is_target(std::string_view to, Verb verb) {
  if (verb == Verb::publish) return is_valid_topic(to);
  if (verb == Verb::subscribe) return TopicPattern::parse(to).has_value();
  return core::Address::is_valid(to);
}

}  // namespace

std::vector<GrantTable::Entry>& GrantTable::list_for(const Grant& grant) {
  return grant.from.is_literal() ? by_literal_sender_[grant.from.text()] : by_sender_pattern_;
}

core::Result<GrantId> GrantTable::add(Grant grant) {
  AIRSSYS_TRY(check(grant));
  const std::lock_guard lock(lock_);
  const GrantId id{++last_id_};
  std::vector<Entry>& list = list_for(grant);
  list.emplace_back(id, std::move(grant));
  version_.fetch_add(1, std::memory_order_release);
  return id;
}

bool GrantTable::revoke(GrantId id) {
  const auto is_it = [id](const Entry& entry) { return entry.first == id; };
  const std::lock_guard lock(lock_);
  std::size_t revoked = std::erase_if(by_sender_pattern_, is_it);
  for (auto at = by_literal_sender_.begin(); revoked == 0 && at != by_literal_sender_.end();) {
    revoked = std::erase_if(at->second, is_it);
    at = at->second.empty() ? by_literal_sender_.erase(at) : std::next(at);
  }
  if (revoked == 0) return false;
  // After the change and under the lock: who reads the new version is then decided about by the new grants.
  version_.fetch_add(1, std::memory_order_release);
  return true;
}

template <typename From, typename Covers>
Decision GrantTable::first_of(const From& from, const Covers& covers) const {
  const auto lock = lock_.lock_for_reading();
  const Entry* first = nullptr;
  if (const auto own = by_literal_sender_.empty() ? by_literal_sender_.end() : by_literal_sender_.find(text_of(from));
      own != by_literal_sender_.end()) {
    const auto hit = std::ranges::find_if(own->second, [&](const Entry& entry) { return covers(entry.second); });
    if (hit != own->second.end()) first = &*hit;
  }
  for (const Entry& entry : by_sender_pattern_) {
    if (first != nullptr && first->first < entry.first) break;
    if (!entry.second.from.matches(from) || !covers(entry.second)) continue;
    first = &entry;
    break;
  }
  if (first == nullptr) return {};
  return {.allowed = true, .grant = first->first, .rate = first->second.rate, .body_bytes = first->second.body_bytes};
}

Decision GrantTable::decide(std::string_view from, std::string_view to, Verb verb) const {
  if (is_operator(from))
    return {.allowed = verb != Verb::subscribe && is_target(to, verb), .grant = {}, .rate = {}, .body_bytes = {}};
  if (verb == Verb::subscribe) {
    const auto wanted = TopicPattern::parse(to);
    if (!wanted) return {};
    return first_of(from, [&](const Grant& grant) { return grant.allow.contains(verb) && covers_pattern(grant, *wanted); });
  }
  if (verb == Verb::publish) {
    return first_of(from, [&](const Grant& grant) { return grant.allow.contains(verb) && covers_topic(grant, to); });
  }
  return first_of(from, [&](const Grant& grant) { return grant.allow.contains(verb) && covers_address(grant, to); });
}

Decision GrantTable::decide(const core::Address& from, const core::Address& to, Verb verb) const {
  if (is_operator(from.text())) return {.allowed = true, .grant = {}, .rate = {}, .body_bytes = {}};
  return first_of(from, [&](const Grant& grant) { return grant.allow.contains(verb) && covers_address(grant, to); });
}

std::vector<std::pair<GrantId, Grant>> GrantTable::grants() const {
  const auto lock = lock_.lock_for_reading();
  std::vector<Entry> all = by_sender_pattern_;
  for (const auto& [sender, list] : by_literal_sender_) all.insert(all.end(), list.begin(), list.end());
  std::ranges::sort(all, {}, &Entry::first);
  return all;
}

}  // namespace airssys::security
