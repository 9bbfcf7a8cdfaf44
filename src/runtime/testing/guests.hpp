#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace airssys::runtime::testing {

/// A guest in the text form, as a core module that follows the canonical ABI; what is not given does nothing and succeeds.
///
/// Its memory: 64 and on, zero: a result that says "ok, done"; 256: room for results of imports; 1024: the result of
/// `reply`; 2048: texts; 16384: what the host passes in.
struct Guest {
  std::string_view imports = "";
  std::string_view texts = "";  ///< At 2048.
  std::string_view initialize = "(i32.const 64)";
  std::string_view handle_message = "(i32.const 64)";
  std::string_view more = "";  ///< Functions, tables, further exports.
  std::string_view pages = "1";

  /// In `handle_message`: its parameters by name, and `$reply`, which makes a reply of codec, pointer and length.
  std::string text() const {
    return fmt::format(R"wat((module
  {imports}
  (memory (export "memory") {pages})
  (data (i32.const 2048) "{texts}")
  (global $heap (mut i32) (i32.const 16384))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func $reply (param $codec i32) (param $at i32) (param $size i32) (result i32)
    (i32.store8 (i32.const 1024) (i32.const 0))
    (i32.store8 (i32.const 1028) (i32.const 1))
    (i32.store (i32.const 1032) (local.get $codec))
    (i32.store (i32.const 1036) (local.get $at))
    (i32.store (i32.const 1040) (local.get $size))
    (i32.const 1024))
  (func $fail (param $case i32) (param $at i32) (param $size i32) (result i32)
    (i32.store8 (i32.const 1024) (i32.const 1))
    (i32.store8 (i32.const 1028) (local.get $case))
    (i32.store (i32.const 1032) (local.get $at))
    (i32.store (i32.const 1036) (local.get $size))
    (i32.const 1024))
  (func (export "airssys:core/handler@0.1.0#initialize") (param $reason i32) (param $a i32) (param $b i32) (result i32)
    {initialize})
  (func $handle (export "airssys:core/handler@0.1.0#handle-message")
    (param $id i64) (param $kind i32) (param $sender i32) (param $sender_size i32)
    (param $has_topic i32) (param $topic i32) (param $topic_size i32)
    (param $codec i32) (param $body i32) (param $size i32) (result i32)
    {handle_message})
  (func (export "cabi_post_airssys:core/handler@0.1.0#handle-message") (param i32)
    (global.set $heap (i32.const 16384)))
  {more}
))wat",
                       fmt::arg("imports", imports), fmt::arg("pages", pages), fmt::arg("texts", texts),
                       fmt::arg("initialize", initialize), fmt::arg("handle_message", handle_message), fmt::arg("more", more));
  }
};

inline constexpr std::string_view kEcho = "(call $reply (local.get $codec) (local.get $body) (local.get $size))";

}  // namespace airssys::runtime::testing
