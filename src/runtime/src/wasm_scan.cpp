#include "wasm_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "airssys/core/plural.hpp"
#include "bridge_values.hpp"

// The component binary format, as far as it matters here (github.com/WebAssembly/component-model, Binary.md):
//
//   component  "\0asm" 0d 00 01 00, then sections
//   module     "\0asm" 01 00 00 00, then sections
//   section    id (1 byte), size (LEB128), contents
//   ids        in a component: 1 a module, 3 core types, 4 a component, 7 types; in a module: 10 code. The others can't nest.
//
// Types nest by component types (41) and instance types (42), whose declarations contain types, and by module types (50).
// All other types name each other by index. Declarations have no size in front, so each form must be understood to find
// where the next begins; a form nobody knows is refused.

namespace airssys::runtime {

namespace {

using Bytes = std::span<const std::byte>;

/// Reads from the front and remembers the first failure; after it, every read gives 0 and `ok()` is false. So a loop that
/// asks `ok()` ends, and nothing in between needs to check.
class Reader {
 public:
  explicit Reader(Bytes bytes) noexcept : bytes_(bytes), end_(bytes.size()) {}

  bool ok() const noexcept { return !failure_.has_value(); }
  bool at_end() const noexcept { return !ok() || at_ == end_; }
  std::size_t offset() const noexcept { return at_; }
  std::size_t end() const noexcept { return end_; }
  Bytes rest() const noexcept { return bytes_.subspan(at_, end_ - at_); }
  core::Error take_failure() { return *std::move(failure_); }

  void fail(core::ErrorCode code, std::string message) {
    if (ok()) failure_ = runtime_error(code, std::move(message));
  }

  std::uint8_t byte() {
    if (!ok()) return 0;
    if (at_ == end_) {
      cut_short();
      return 0;
    }
    return std::to_integer<std::uint8_t>(bytes_[at_++]);
  }
  std::uint8_t peek() const noexcept { return at_end() ? 0 : std::to_integer<std::uint8_t>(bytes_[at_]); }

  /// An unsigned LEB128 number of at most 32 bits.
  std::uint32_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const std::uint8_t part = byte();
      value |= std::uint64_t{part & 0x7fU} << shift;
      if ((part & 0x80U) == 0) return checked(value);
    }
    fail(core::ErrorCode::invalid, fmt::format("damaged: a number at offset {} doesn't end", at_));
    return 0;
  }
  /// A LEB128 number of any width whose value doesn't matter.
  void skip_number() {
    for (int count = 0; count < 10; ++count) {
      if ((byte() & 0x80U) == 0) return;
    }
    fail(core::ErrorCode::invalid, fmt::format("damaged: a number at offset {} doesn't end", at_));
  }
  void skip(std::size_t count) {
    if (!ok()) return;
    if (count > end_ - at_) return cut_short();
    at_ += count;
  }
  void skip_name() { skip(number()); }

  /// Nothing beyond `size` more bytes can be read until `leave`, with what this returned.
  std::size_t enter(std::size_t size) noexcept { return std::exchange(end_, at_ + size); }
  void leave(std::size_t outer_end) noexcept {
    at_ = end_;
    end_ = outer_end;
  }

 private:
  std::uint32_t checked(std::uint64_t value) {
    if (value <= 0xffff'ffffU) return static_cast<std::uint32_t>(value);
    fail(core::ErrorCode::invalid, fmt::format("damaged: a number at offset {} is too large", at_));
    return 0;
  }
  void cut_short() {
    fail(core::ErrorCode::invalid, fmt::format("damaged or cut short: what is at offset {} goes on beyond its end", at_));
  }

  Bytes bytes_;
  std::size_t at_ = 0;
  std::size_t end_;
  std::optional<core::Error> failure_;
};

constexpr std::array<std::byte, 8> kComponent = {std::byte{0},    std::byte{'a'}, std::byte{'s'}, std::byte{'m'},
                                                 std::byte{0x0d}, std::byte{0},   std::byte{1},   std::byte{0}};
constexpr std::array<std::byte, 8> kModule = {std::byte{0}, std::byte{'a'}, std::byte{'s'}, std::byte{'m'},
                                              std::byte{1}, std::byte{0},   std::byte{0},   std::byte{0}};

bool starts_with(Bytes bytes, Bytes beginning) noexcept {
  return bytes.size() >= beginning.size() && std::ranges::equal(bytes.first(beginning.size()), beginning);
}

struct Section {
  std::uint8_t id;
  std::size_t size;
};

Section section_header(Reader& reader) {
  const std::size_t offset = reader.offset();
  const std::uint8_t id = reader.byte();
  const std::uint32_t size = reader.number();
  const std::size_t left = reader.end() - reader.offset();
  if (reader.ok() && size > left) {
    reader.fail(
        core::ErrorCode::invalid,
        fmt::format("damaged or cut short: the section at offset {} claims {} bytes, only {} are left", offset, size, left));
  }
  return {.id = id, .size = size};
}

/// Walks a module's sections, from behind its preamble, and gives the stamp of the code section; 0: none.
std::uint64_t module_sections(Reader& reader) {
  constexpr std::uint8_t kCode = 10;
  std::uint64_t stamp = 0;
  while (!reader.at_end()) {
    const Section section = section_header(reader);
    if (!reader.ok()) break;
    if (section.id == kCode) {
      CodeStamp code(section.size);
      code.add(reader.rest().first(section.size));
      stamp = code.value();
    }
    reader.skip(section.size);
  }
  return stamp;
}

/// Finds where each type ends. `depth` counts the levels around.
class TypeScanner {
 public:
  TypeScanner(Reader& reader, unsigned max_nesting) noexcept : in_(reader), max_nesting_(max_nesting) {}

  bool enter_level(unsigned depth) {
    if (depth < max_nesting_) return true;
    in_.fail(core::ErrorCode::too_large,
             fmt::format("components or types nest more than {} levels deep at offset {}; components made by compilers "
                         "nest less than 10",
                         max_nesting_, in_.offset()));
    return false;
  }

  void types(unsigned depth) {
    repeat([&] { type(depth); });
  }
  void core_types(unsigned depth) {
    repeat([&] { core_type(depth); });
  }

 private:
  template <typename Item>
  void repeat(Item&& item) {
    const std::uint32_t count = in_.number();
    for (std::uint32_t i = 0; i < count && in_.ok(); ++i) item();
  }
  void unknown(std::string_view what, std::uint8_t form) {
    in_.fail(
        core::ErrorCode::invalid,
        fmt::format("damaged, or made for a newer engine: {} of unknown form 0x{:02x} at offset {}", what, form, in_.offset()));
  }
  void index() { in_.skip_number(); }
  /// A primitive (a negative number of one byte) or an index.
  void value_type() { in_.skip_number(); }
  template <typename Item>
  void optional(Item&& item) {
    switch (const std::uint8_t flag = in_.byte()) {
      case 0:
        return;
      case 1:
        return item();
      default:
        return unknown("an option", flag);
    }
  }
  void optional_value_type() {
    optional([&] { value_type(); });
  }
  void labelled() {
    in_.skip_name();
    value_type();
  }

  void type(unsigned depth) {
    const std::uint8_t form = in_.byte();
    switch (form) {
      case 0x41:  // component
      case 0x42:  // instance
        if (!enter_level(depth)) return;
        return repeat([&] { declaration(depth + 1); });
      case 0x40:  // function
      case 0x43:  // asynchronous function
        return function_type();
      case 0x3f:  // resource
        in_.skip(1);
        return optional([&] { index(); });
      default:
        return defined_type(form);
    }
  }

  void function_type() {
    repeat([&] { labelled(); });
    switch (const std::uint8_t form = in_.byte()) {
      case 0:
        return value_type();
      case 1:
        return repeat([&] { labelled(); });
      default:
        return unknown("results", form);
    }
  }

  void defined_type(std::uint8_t form) {
    switch (form) {
      case 0x72:  // record
        return repeat([&] { labelled(); });
      case 0x71:  // variant
        return repeat([&] { variant_case(); });
      case 0x6f:  // tuple
        return repeat([&] { value_type(); });
      case 0x6e:  // flags
      case 0x6d:  // enum
        return repeat([&] { in_.skip_name(); });
      case 0x70:  // list
      case 0x6b:  // option
      case 0x69:  // own
      case 0x68:  // borrow
        return value_type();
      case 0x67:  // list of fixed length
      case 0x63:  // map
        value_type();
        return value_type();
      case 0x6a:  // result
        optional_value_type();
        return optional_value_type();
      case 0x66:  // stream
      case 0x65:  // future
        return optional_value_type();
      default:
        if (form != 0x64 && (form < 0x73 || form > 0x7f)) unknown("a type", form);
    }
  }

  void variant_case() {
    in_.skip_name();
    optional_value_type();
    optional([&] { index(); });
  }

  void declaration(unsigned depth) {
    switch (const std::uint8_t form = in_.byte()) {
      case 0x00:
        return core_type(depth);
      case 0x01:
        return type(depth);
      case 0x02:
        return alias();
      case 0x03:  // import
      case 0x04:  // export
        external_name();
        return external_type();
      default:
        return unknown("a declaration", form);
    }
  }

  void alias() {
    if (in_.byte() == 0x00) in_.skip(1);  // a core sort has a second byte
    switch (const std::uint8_t target = in_.byte()) {
      case 0x00:  // an export of an instance
      case 0x01:  // an export of a core instance
        index();
        return in_.skip_name();
      case 0x02:  // of an enclosing component
        index();
        return index();
      default:
        return unknown("an alias", target);
    }
  }

  void external_name() {
    const std::uint8_t form = in_.byte();
    if (form > 0x02) return unknown("a name", form);
    in_.skip_name();
    if (form == 0x02) in_.skip_name();  // a version's suffix
  }

  void external_type() {
    switch (const std::uint8_t form = in_.byte()) {
      case 0x00:  // core module
        in_.skip(1);
        return index();
      case 0x01:  // function
      case 0x04:  // component
      case 0x05:  // instance
        return index();
      case 0x02:  // value
        in_.skip(1);
        return value_type();
      case 0x03:  // type: equal to one, or a new resource
        return in_.byte() == 0x00 ? index() : void();
      default:
        return unknown("an external type", form);
    }
  }

  // ---- core types

  void core_type(unsigned depth) {
    switch (in_.peek()) {
      case 0x50:
        in_.skip(1);
        if (!enter_level(depth)) return;
        return repeat([&] { module_declaration(depth + 1); });
      case 0x4e:  // a group of types that name each other
        in_.skip(1);
        return repeat([&] { core_sub_type(); });
      case 0x00:  // tells a type with supertypes from a module type
        in_.skip(1);
        return core_sub_type();
      default:
        return core_sub_type();
    }
  }

  void core_sub_type() {
    if (in_.peek() == 0x50 || in_.peek() == 0x4f) {
      in_.skip(1);
      repeat([&] { index(); });
    }
    switch (const std::uint8_t form = in_.byte()) {
      case 0x60:  // function
        repeat([&] { core_value_type(); });
        return repeat([&] { core_value_type(); });
      case 0x5f:  // struct
        return repeat([&] { core_field(); });
      case 0x5e:  // array
        return core_field();
      default:
        return unknown("a core type", form);
    }
  }

  void core_value_type() {
    const std::uint8_t form = in_.byte();
    if (form == 0x63 || form == 0x64) in_.skip_number();  // a reference names what it refers to
  }
  void core_field() {
    core_value_type();
    in_.skip(1);  // mutable or not
  }
  void core_limits() {
    const std::uint8_t flags = in_.byte();
    in_.skip_number();
    if ((flags & 0x1U) != 0) in_.skip_number();
    if ((flags & 0x8U) != 0) in_.skip_number();
  }

  void module_declaration(unsigned depth) {
    switch (const std::uint8_t form = in_.byte()) {
      case 0x00:  // import
        in_.skip_name();
        in_.skip_name();
        return core_external_type();
      case 0x01:
        return core_type(depth);
      case 0x02:  // alias of an outer type
        in_.skip(2);
        index();
        return index();
      case 0x03:  // export
        in_.skip_name();
        return core_external_type();
      default:
        return unknown("a module's declaration", form);
    }
  }

  void core_external_type() {
    switch (const std::uint8_t form = in_.byte()) {
      case 0x00:  // function
        return index();
      case 0x01:  // table
        core_value_type();
        return core_limits();
      case 0x02:  // memory
        return core_limits();
      case 0x03:  // global
        core_value_type();
        return in_.skip(1);
      case 0x04:  // tag
        in_.skip(1);
        return index();
      default:
        return unknown("a core external type", form);
    }
  }

  Reader& in_;
  unsigned max_nesting_;
};

class ComponentScanner {
 public:
  ComponentScanner(Bytes wasm, unsigned max_nesting) noexcept : reader_(wasm), types_(reader_, max_nesting) {}

  core::Result<WasmShape> run() {
    reader_.skip(kComponent.size());
    sections(1);
    if (!reader_.ok()) return std::unexpected(reader_.take_failure());
    return WasmShape{.code_stamp = code_stamp_.value_or(0)};
  }

 private:
  void sections(unsigned depth) {
    while (!reader_.at_end()) {
      // Read as a section this would be one of names that is damaged, which helps nobody.
      if (starts_with(reader_.rest(), kComponent) || starts_with(reader_.rest(), kModule)) return another_begins();
      const Section section = section_header(reader_);
      if (!reader_.ok()) return;
      const std::size_t outer_end = reader_.enter(section.size);
      contents(section.id, depth);
      if (!reader_.ok()) return;
      reader_.leave(outer_end);
    }
  }

  void another_begins() {
    reader_.fail(core::ErrorCode::invalid, fmt::format("another component begins at byte {}: one file holds one component; "
                                                       "write each to a file of its own",
                                                       reader_.offset()));
  }

  void contents(std::uint8_t id, unsigned depth) {
    switch (id) {
      case 1:
        return module();
      case 3:
        return types_.core_types(depth);
      case 4:
        return component(depth);
      case 7:
        return types_.types(depth);
      default:
        return;
    }
  }

  void module() {
    reader_.skip(kModule.size());
    const std::uint64_t stamp = module_sections(reader_);
    if (!code_stamp_) code_stamp_ = stamp;
  }

  void component(unsigned depth) {
    if (!types_.enter_level(depth)) return;
    reader_.skip(kComponent.size());
    sections(depth + 1);
  }

  Reader reader_;
  TypeScanner types_;
  std::optional<std::uint64_t> code_stamp_;
};

core::Error not_a_component(Bytes wasm) {
  const auto invalid = [](std::string_view text) { return runtime_error(core::ErrorCode::invalid, std::string(text)); };
  if (wasm.empty()) return invalid("the file is empty, expected a WebAssembly component");
  if (starts_with(wasm, kModule)) return invalid("this is a core module, not a component: build it with `airssys build`");
  if (std::ranges::equal(wasm, Bytes(kComponent).first(std::min(wasm.size(), kComponent.size())))) {
    return invalid("cut short after " + core::plural(wasm.size(), "byte") + ", within the component's preamble");
  }
  if (starts_with(wasm, Bytes(kComponent).first(4))) {
    return invalid("WebAssembly of a version this engine does not know, expected a component (0d 00 01 00)");
  }
  return invalid("this is not WebAssembly: it does not begin with `\\0asm`; expected a component made by `airssys build`");
}

}  // namespace

core::Result<WasmShape> scan_component(Bytes wasm, unsigned max_nesting) {
  if (!starts_with(wasm, kComponent)) return std::unexpected(not_a_component(wasm));
  return ComponentScanner(wasm, max_nesting).run();
}

/// FNV-1a.
void CodeStamp::add(Bytes code) noexcept {
  for (const std::byte byte : code) state_ = (state_ ^ std::to_integer<std::uint64_t>(byte)) * 0x100'0000'01b3U;
}

}  // namespace airssys::runtime
