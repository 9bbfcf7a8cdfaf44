#include "one_page.hpp"

#include <fstream>
#include <string_view>

#include "airssys/runtime/componentizer.hpp"
#include "airssys/toolchain/contract.hpp"

namespace airssys::bench {
namespace {

// The canonical ABI by hand. At 64: a result that says "ok, done"; at 1024: the result that says "ok, reply"; at 16384 and
// on: what the host passes in, given back after each call.
constexpr std::string_view kText = R"wat((module
  (memory (export "memory") 1 1)
  (global $free (mut i32) (i32.const 16384))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "airssys:core/handler@0.1.0#initialize") (param i32 i32 i32) (result i32) (i32.const 64))
  (func (export "airssys:core/handler@0.1.0#handle-message")
    (param i64 i32 i32 i32 i32 i32 i32) (param $codec i32) (param $body i32) (param $size i32) (result i32)
    (i32.store8 (i32.const 1024) (i32.const 0))
    (i32.store8 (i32.const 1028) (i32.const 1))
    (i32.store (i32.const 1032) (local.get $codec))
    (i32.store (i32.const 1036) (local.get $body))
    (i32.store (i32.const 1040) (local.get $size))
    (i32.const 1024))
  (func (export "cabi_post_airssys:core/handler@0.1.0#handle-message") (param i32)
    (global.set $free (i32.const 16384)))
))wat";

}  // namespace

core::Result<std::filesystem::path> write_one_page_guest(const std::filesystem::path& folder) {
  AIRSSYS_TRY(const auto module, runtime::wat_to_wasm(kText));
  AIRSSYS_TRY(const auto component, runtime::componentize(module, toolchain::contract_wit()));
  const std::filesystem::path path = folder / "one-page.wasm";
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(component.data()), static_cast<std::streamsize>(component.size()));
  file.close();
  if (!file) {
    return std::unexpected(core::Error(core::ErrorCode::io, "bench", path.string() + ": can't be written"));
  }
  return path;
}

}  // namespace airssys::bench
