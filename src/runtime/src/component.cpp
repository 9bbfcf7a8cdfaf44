#include "airssys/runtime/component.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "bridge_values.hpp"
#include "component_parts.hpp"
#include "file.hpp"
#include "wasm_scan.hpp"

namespace airssys::runtime {

namespace {

constexpr std::array<std::string_view, 5> kNames = {"reply-handler", "timer-handler", "health", "state", "shutdown"};
static_assert(1U << static_cast<unsigned>(Export::reply_handler) == AB_EXPORT_REPLY_HANDLER);
static_assert(1U << static_cast<unsigned>(Export::shutdown) == AB_EXPORT_SHUTDOWN);

// Debug information is some times larger than the code, and this is read for a crash report only.
constexpr core::Bytes kMaxSideFileBytes = core::Bytes{512} << 20;

ab_needs needs_of(const ab_component* compiled) noexcept {
  ab_needs needs{};
  ab_component_needs(compiled, &needs);
  return needs;
}

std::unexpected<core::Error> unavailable(std::string text) {
  return std::unexpected(runtime_error(core::ErrorCode::unavailable, std::move(text)));
}

core::Result<core::SourceLocation> locate_in(std::span<const std::byte> module, const core::Frame& frame,
                                             const std::string& file) {
  ab_location found{};
  const ab_status status = ab_locate(view_of(module), frame.function, frame.offset, &found);
  if (status != AB_OK) {
    return unavailable(fmt::format("{}: no debug information about function {}; build with -g", file, frame.function));
  }
  const OwnedBuffer function(found.function);
  const OwnedBuffer source(found.file);
  // The compiler's "./a/../b" as a reader would write it.
  const std::string path = std::filesystem::path(source.text()).lexically_normal().string();
  return core::SourceLocation{.function = std::string(function.text()), .file = path, .line = found.line};
}

}  // namespace

std::string_view name_of(Export which) noexcept {
  return kNames[static_cast<std::size_t>(which)];
}

Component::Component(Parts&& parts, const core::HostPorts& ports)
    : name_(std::move(parts.name)),
      digest_(std::move(parts.digest)),
      file_(std::move(parts.file)),
      code_stamp_(parts.code_stamp),
      profile_(parts.profile),
      ports_(ports),
      compiled_(std::move(parts.compiled)),
      linked_(std::move(parts.linked)),
      exports_(ab_template_exports(linked_.get())) {
  const ab_needs needs = needs_of(compiled_.get());
  memories_ = needs.memories;
  initial_memory_ = needs.memory_bytes;
  initial_table_ = needs.table_elements;
}

Component::~Component() = default;

core::Result<core::SourceLocation> Component::locate(const core::Frame& frame) const {
  if (file_.empty()) return unavailable(fmt::format("{} was not loaded from a file: no debug information", name_));
  if (frame.module != 0 || frame.offset == core::Frame::kUnknownOffset) {
    return unavailable(fmt::format("function {} of {} is not code of its first module", frame.function, name_));
  }
  std::filesystem::path side_file = file_;
  side_file.replace_extension(".debug.wasm");
  auto module = read_file(side_file, kMaxSideFileBytes);
  if (!module) return unavailable(module.error().message());
  if (code_stamp_of(*module) != code_stamp_) {
    return std::unexpected(runtime_error(
        core::ErrorCode::incompatible,
        fmt::format("{}: debug information of another build than {}; build again", side_file.string(), file_.string())));
  }
  return locate_in(*module, frame, side_file.string());
}

}  // namespace airssys::runtime
