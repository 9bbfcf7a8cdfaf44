#include "airssys/security/verb.hpp"

#include <ostream>

namespace airssys::security {

std::string_view name_of(Verb verb) noexcept {
  switch (verb) {
    case Verb::send:
      return "send";
    case Verb::request:
      return "request";
    case Verb::publish:
      return "publish";
    case Verb::subscribe:
      return "subscribe";
    case Verb::find:
      return "find";
  }
  return "unknown";
}

std::optional<Verb> verb_from_name(std::string_view name) noexcept {
  for (const Verb verb : kVerbs) {
    if (name_of(verb) == name) return verb;
  }
  return std::nullopt;
}

std::ostream& operator<<(std::ostream& out, Verb verb) {
  return out << name_of(verb);
}

std::string to_string(VerbSet verbs) {
  std::string text;
  for (const Verb verb : kVerbs) {
    if (!verbs.contains(verb)) continue;
    if (!text.empty()) text += ", ";
    text += name_of(verb);
  }
  return text.empty() ? "nothing" : text;
}

std::ostream& operator<<(std::ostream& out, VerbSet verbs) {
  return out << to_string(verbs);
}

}  // namespace airssys::security
