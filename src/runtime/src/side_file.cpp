#include "side_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "bridge_values.hpp"
#include "file.hpp"
#include "wasm_scan.hpp"

// A module is "\0asm" 01 00 00 00, then sections: id (1 byte), size (LEB128), contents. Those with id 0 begin with a name, a
// length (LEB128) and its bytes; debug information is in such sections. 10 is the code.

namespace airssys::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPreambleBytes = 8;
constexpr std::uint8_t kCustom = 0;
constexpr std::uint8_t kCode = 10;
constexpr std::string_view kDebugName = ".debug_";
/// Enough for id, size and name of a section that we want.
constexpr std::size_t kLookAhead = 32;
constexpr std::size_t kChunk = std::size_t{64} << 10;

/// Takes LEB128 numbers from the front; nothing where they don't end.
std::optional<std::uint32_t> take_number(std::span<const std::byte>& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 35 && !bytes.empty(); shift += 7) {
    const auto part = std::to_integer<std::uint8_t>(bytes.front());
    bytes = bytes.subspan(1);
    value |= std::uint64_t{part & 0x7fU} << shift;
    if ((part & 0x80U) == 0) return value <= 0xffff'ffffU ? std::optional(static_cast<std::uint32_t>(value)) : std::nullopt;
  }
  return std::nullopt;
}

struct Section {
  std::uint8_t id = 0;
  bool is_debug = false;
  core::Bytes begin = 0;     ///< Of the section.
  core::Bytes contents = 0;  ///< Of its contents.
  core::Bytes end = 0;
};

class Reading {
 public:
  Reading(fs::path path, OpenFile file) : path_(std::move(path)), file_(std::move(file)) {}

  core::Result<SideFile> run() {
    SideFile result;
    result.module.resize(kPreambleBytes);
    if (!read_at(file_.descriptor, 0, result.module)) return damaged();
    std::size_t sections = 0;
    for (core::Bytes at = kPreambleBytes; at < file_.size;) {
      const auto section = section_at(at);
      if (!section || ++sections > SideFile::kMaxSections) return damaged();
      AIRSSYS_TRY(take(*section, result));
      at = section->end;
    }
    return result;
  }

 private:
  std::unexpected<core::Error> damaged() const {
    return std::unexpected(runtime_error(core::ErrorCode::invalid,
                                         fmt::format("{}: this is no WebAssembly module, or a damaged one", path_.string())));
  }

  std::optional<Section> section_at(core::Bytes at) const {
    std::array<std::byte, kLookAhead> buffer{};
    const std::span<std::byte> head = std::span(buffer).first(std::min<core::Bytes>(buffer.size(), file_.size - at));
    if (!read_at(file_.descriptor, at, head)) return std::nullopt;
    Section section{.id = std::to_integer<std::uint8_t>(head.front()), .begin = at};
    std::span<const std::byte> rest = head.subspan(1);
    const auto size = take_number(rest);
    if (!size) return std::nullopt;
    section.contents = at + (head.size() - rest.size());
    section.end = section.contents + *size;
    if (section.end > file_.size) return std::nullopt;
    section.is_debug = section.id == kCustom && take_number(rest) && text(rest).starts_with(kDebugName);
    return section;
  }

  static std::string_view text(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  core::Result<void> take(const Section& section, SideFile& result) {
    if (!section.is_debug && section.id != kCode) return {};
    read_ += section.end - section.begin;
    if (read_ > SideFile::kMaxBytes) {
      return std::unexpected(
          runtime_error(core::ErrorCode::too_large,
                        fmt::format("{}: more than {} bytes of code and debug information; crash reports have function "
                                    "names only",
                                    path_.string(), SideFile::kMaxBytes)));
    }
    return section.is_debug ? copy(section, result.module) : stamp(section, result.code_stamp);
  }

  core::Result<void> copy(const Section& section, std::vector<std::byte>& module) const {
    const std::size_t before = module.size();
    module.resize(before + (section.end - section.begin));
    if (!read_at(file_.descriptor, section.begin, std::span(module).subspan(before))) return damaged();
    return {};
  }

  core::Result<void> stamp(const Section& section, std::uint64_t& result) const {
    CodeStamp code(section.end - section.contents);
    std::vector<std::byte> chunk(kChunk);
    for (core::Bytes at = section.contents; at < section.end;) {
      const std::span<std::byte> piece = std::span(chunk).first(std::min<core::Bytes>(kChunk, section.end - at));
      if (!read_at(file_.descriptor, at, piece)) return damaged();
      code.add(piece);
      at += piece.size();
    }
    result = code.value();
    return {};
  }

  fs::path path_;
  OpenFile file_;
  core::Bytes read_ = 0;
};

}  // namespace

core::Result<SideFile> read_side_file(const fs::path& path) {
  AIRSSYS_TRY(OpenFile file, open_file(path));
  return Reading(path, std::move(file)).run();
}

}  // namespace airssys::runtime
