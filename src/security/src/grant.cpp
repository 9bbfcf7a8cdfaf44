#include "airssys/security/grant.hpp"

#include <fmt/format.h>

#include <ostream>

namespace airssys::security {
namespace {

core::Error senseless(const Grant& grant, std::string_view fault) {
  return {core::ErrorCode::invalid, "security", fmt::format("the grant {} makes no sense: {}", to_string(grant), fault)};
}

}  // namespace

std::string to_string(const Grant& grant) {
  const bool is_topic = std::holds_alternative<TopicPattern>(grant.to);
  const std::string& target = std::visit([](const auto& pattern) -> const std::string& { return pattern.text(); }, grant.to);
  std::string text = fmt::format("{} -> {}{}: {}", grant.from.text(), is_topic ? "topic " : "", target, to_string(grant.allow));
  if (grant.rate) text += fmt::format(", {}", core::to_string(*grant.rate));
  if (grant.body_bytes) text += fmt::format(", bodies up to {}", core::bytes_to_string(*grant.body_bytes));
  return text;
}

std::ostream& operator<<(std::ostream& out, const Grant& grant) {
  return out << to_string(grant);
}

core::Result<void> check(const Grant& grant) {
  if (grant.allow.empty()) return std::unexpected(senseless(grant, "it allows no verb"));
  const bool is_topic = std::holds_alternative<TopicPattern>(grant.to);
  for (const Verb verb : kVerbs) {
    if (!grant.allow.contains(verb) || is_about_topics(verb) == is_topic) continue;
    return std::unexpected(
        senseless(grant, fmt::format("{} needs {}", name_of(verb), is_topic ? "an address pattern" : "a topic pattern")));
  }
  if (grant.rate && grant.rate->per_second == 0) return std::unexpected(senseless(grant, "a rate of 0/s allows nothing"));
  if (grant.body_bytes && *grant.body_bytes == 0) return std::unexpected(senseless(grant, "bodies of 0 bytes say nothing"));
  return {};
}

}  // namespace airssys::security
