#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace airssys::core {

/// What becomes of line ends and tabs.
enum class LineEnds {
  shown,  ///< As `\n` and a space: the text stays on one line, and can't look like another one.
  kept,
};

/// Text of unknown origin, for people: what a terminal would obey is shown instead, and well-formed UTF-8 is left as it is.
///
///   control characters (C0, DEL, C1)                        \x1b, \xc2\x9b
///   bytes that are no UTF-8                                  \xff
///   characters that turn the direction of writing (U+200E,
///   U+200F, U+061C, U+202A to U+202E, U+2066 to U+2069),
///   line and paragraph separators (U+2028, U+2029)           \u202e
///
/// So what a guest says can neither command a terminal nor show itself as something else. At most eight bytes for each.
std::string printable(std::string_view text, LineEnds line_ends = LineEnds::shown);

/// At most how many bytes people get to see for `text`: as `printable`, or in JSON, whichever has more. Quotes and backslashes
/// count as they are: in JSON they are two. What bounds texts of guests by what comes out of them.
std::size_t shown_bytes(std::string_view text) noexcept;
/// The most bytes from the beginning of `text`, whole characters, of which that is at most `most`.
std::size_t shown_within(std::string_view text, std::size_t most) noexcept;

}  // namespace airssys::core
