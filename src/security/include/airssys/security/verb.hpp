#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace airssys::security {

/// What an actor may do to a target. The words are those of the WIT, the files and the command line.
enum class Verb : std::uint8_t {
  send,       ///< To an address.
  request,    ///< To an address; the reply needs no grant of its own.
  publish,    ///< On a topic.
  subscribe,  ///< To a topic pattern.
  find,       ///< See an address in the directory.
};
inline constexpr std::array kVerbs{Verb::send, Verb::request, Verb::publish, Verb::subscribe, Verb::find};

std::string_view name_of(Verb verb) noexcept;
std::optional<Verb> verb_from_name(std::string_view name) noexcept;
std::ostream& operator<<(std::ostream& out, Verb verb);

/// True for the verbs whose target is a topic, not an address.
constexpr bool is_about_topics(Verb verb) noexcept {
  return verb == Verb::publish || verb == Verb::subscribe;
}

/// A set of verbs; a value of one byte.
class VerbSet {
 public:
  constexpr VerbSet() noexcept = default;
  constexpr VerbSet(std::initializer_list<Verb> verbs) noexcept {
    for (const Verb verb : verbs) insert(verb);
  }

  constexpr void insert(Verb verb) noexcept { bits_ = static_cast<std::uint8_t>(bits_ | bit_of(verb)); }
  constexpr bool contains(Verb verb) const noexcept { return (bits_ & bit_of(verb)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }

  friend constexpr bool operator==(VerbSet, VerbSet) noexcept = default;

 private:
  static constexpr std::uint8_t bit_of(Verb verb) noexcept {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(verb));
  }

  std::uint8_t bits_ = 0;
};

/// "send, request", in the order of the enumeration.
std::string to_string(VerbSet verbs);
std::ostream& operator<<(std::ostream& out, VerbSet verbs);

}  // namespace airssys::security
