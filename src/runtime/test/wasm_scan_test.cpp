#include "wasm_scan.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "side_file.hpp"
#include "testing/deep_components.hpp"
#include "testing/runtime_fixture.hpp"
#include "testing/temporary_folder.hpp"

namespace airssys::runtime {
namespace {

using testing::append_number;
using testing::Bytes;
using testing::bytes_of;
using testing::component_from;
using testing::Guest;
using testing::nested_components;
using testing::nested_types;
using testing::or_fail;

Bytes wat(const std::string& text) {
  return or_fail(wat_to_wasm(text));
}

std::string complaint(std::span<const std::byte> bytes) {
  const auto shape = scan_component(bytes, 64);
  return shape ? "fine" : shape.error().message();
}

TEST(WasmScan, finds_nothing_wrong_with_components) {
  EXPECT_EQ(complaint(component_from(Guest{})), "fine");
  EXPECT_EQ(complaint(wat("(component)")), "fine");
}

TEST(WasmScan, knows_every_form_of_type) {
  const Bytes wasm = wat(R"((component
    (type $r (resource (rep i32)))
    (core module $m (func (export "d") (param i32)))
    (core instance $i (instantiate $m))
    (alias core export $i "d" (core func $d))
    (type $rd (resource (rep i32) (dtor (func $d))))
    (core type $f (func (param i32 i64) (result f32)))
    (core type $mt (module (type (func)) (import "a" "b" (func (type 0))) (import "a" "m" (memory 1 2))
       (import "a" "t" (table 1 funcref)) (import "a" "g" (global (mut i32))) (export "x" (func (type 0)))))
    (type (record (field "a" u8) (field "b" string)))
    (type (variant (case "x") (case "y" u64)))
    (type (list u8)) (type (tuple u8 char bool f32 f64 s8 s16 s32 s64 u16 u32))
    (type (flags "a" "b")) (type (enum "a" "b")) (type (option string))
    (type (result)) (type (result u8)) (type (result (error u8))) (type (result u8 (error string)))
    (type (own $r)) (type (borrow $r))
    (type (func)) (type (func (param "a" u8) (param "b" string) (result string)))
    (type $inst (instance
      (type (record (field "z" u8))) (export "rec" (type (eq 0))) (export "res" (type (sub resource)))
      (alias outer 1 $r (type)) (export "f" (func))
      (core type $inner (module (type (func (param i32))))) (export "m" (core module (type $inner)))))
    (type (component
      (import "i" (instance (type $inst))) (import "f" (func)) (export "e" (instance))
      (type $own (component)) (export "c" (component (type $own)))))
    (import "ab:cd/ef@1.2.3" (instance $e (export "t" (type (sub resource)))))
    (alias export $e "t" (type)))
  )");
  EXPECT_EQ(complaint(wasm), "fine");
}

TEST(WasmScan, allows_nesting_up_to_its_bound) {
  const auto refused = [](const Bytes& wasm) { return complaint(wasm).find("more than 64 levels") != std::string::npos; };
  EXPECT_EQ(complaint(nested_components(64)), "fine");
  EXPECT_TRUE(refused(nested_components(65)));
  for (const unsigned form : {0x41U, 0x42U}) {
    EXPECT_EQ(complaint(nested_types(form, 63)), "fine");
    EXPECT_TRUE(refused(nested_types(form, 64)));
  }
}

TEST(WasmScan, refuses_thousands_of_levels_in_milliseconds) {
  for (const Bytes& wasm : {nested_components(20'000), nested_types(0x41, 80'000), nested_types(0x42, 80'000)}) {
    EXPECT_GT(wasm.size(), 230'000U);
    const auto begin = std::chrono::steady_clock::now();
    const auto shape = scan_component(wasm, 64);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(20));
    ASSERT_FALSE(shape.has_value());
    EXPECT_EQ(shape.error().code(), core::ErrorCode::too_large);
  }
}

TEST(WasmScan, takes_linear_time) {
  Bytes types;
  constexpr std::size_t kTypes = 2'000'000;
  append_number(types, kTypes);
  for (std::size_t i = 0; i < kTypes; ++i) types.insert(types.end(), {std::byte{0x42}, std::byte{0}});
  Bytes wasm = bytes_of({0, 'a', 's', 'm', 0x0d, 0, 1, 0, 7});
  append_number(wasm, types.size());
  wasm.insert(wasm.end(), types.begin(), types.end());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(complaint(wasm), "fine");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST(WasmScan, says_what_a_file_is_instead) {
  EXPECT_EQ(complaint({}), "the file is empty, expected a WebAssembly component");
  EXPECT_EQ(complaint(wat("(module)")), "this is a core module, not a component: build it with `airssys build`");
  EXPECT_NE(complaint(bytes_of({'#', '!', '/', 'b', 'i', 'n'})).find("not WebAssembly"), std::string::npos);
  EXPECT_NE(complaint(bytes_of({0, 'a', 's', 'm', 0x0a, 0, 1, 0})).find("of a version"), std::string::npos);
  EXPECT_NE(complaint(bytes_of({0, 'a', 's', 'm', 0x0d})).find("cut short after 5 bytes"), std::string::npos);
}

TEST(WasmScan, never_mistakes_a_beginning_for_the_whole_or_reads_beyond) {
  const Bytes whole = component_from(Guest{});
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes beginning(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    refused += scan_component(beginning, 64) ? 0U : 1U;
  }
  // What is cut between two sections is well-formed as far as it goes; there are few such places.
  EXPECT_GT(refused, whole.size() - 40);
}

TEST(WasmScan, survives_every_flipped_bit) {
  const Bytes whole = component_from(Guest{});
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    static_cast<void>(scan_component(flipped, 64));
  }
}

TEST(WasmScan, tells_the_offset_of_damage) {
  Bytes wasm = bytes_of({0, 'a', 's', 'm', 0x0d, 0, 1, 0, 7, 100, 1});
  EXPECT_EQ(complaint(wasm), "damaged or cut short: the section at offset 8 claims 100 bytes, only 1 are left");
}

TEST(CodeStamp, is_that_of_the_first_module_and_tells_builds_apart) {
  const testing::TemporaryFolder folder;
  const auto stamp_of = [&](const Bytes& module) {
    testing::write_bytes(folder / "module.wasm", module);
    return or_fail(read_side_file(folder / "module.wasm")).code_stamp;
  };
  const auto stamp = or_fail(scan_component(component_from(Guest{}), 64)).code_stamp;
  EXPECT_NE(stamp, 0U);
  EXPECT_EQ(stamp_of(wat(Guest{}.text())), stamp);
  EXPECT_NE(stamp_of(wat(Guest{.handle_message = "(i32.const 72)"}.text())), stamp);
}

TEST(CodeStamp, does_not_depend_on_the_pieces_it_came_in) {
  const Bytes code = wat(Guest{}.text());
  CodeStamp whole(code.size());
  whole.add(code);
  CodeStamp pieces(code.size());
  for (const std::byte& byte : code) pieces.add(std::span(&byte, 1));
  EXPECT_EQ(whole.value(), pieces.value());
}

}  // namespace
}  // namespace airssys::runtime
