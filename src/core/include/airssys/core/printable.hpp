#pragma once

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
/// So what a guest says can neither command a terminal nor show itself as something else. At most six bytes for each.
std::string printable(std::string_view text, LineEnds line_ends = LineEnds::shown);

}  // namespace airssys::core
