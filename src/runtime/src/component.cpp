#include "airssys/runtime/component.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "async_host.hpp"
#include "bridge_values.hpp"
#include "component_parts.hpp"
#include "side_file.hpp"

namespace airssys::runtime {

namespace {

constexpr std::array<std::string_view, 5> kNames = {"reply-handler", "timer-handler", "health", "state", "shutdown"};
static_assert(1U << static_cast<unsigned>(Export::reply_handler) == AB_EXPORT_REPLY_HANDLER);
static_assert(1U << static_cast<unsigned>(Export::shutdown) == AB_EXPORT_SHUTDOWN);

constexpr core::Bytes kPage = core::Bytes{64} << 10;

ab_needs needs_of(const ab_component* compiled) noexcept {
  ab_needs needs{};
  ab_component_needs(compiled, &needs);
  return needs;
}

std::unexpected<core::Error> unavailable(std::string text) {
  return std::unexpected(runtime_error(core::ErrorCode::unavailable, std::move(text)));
}

/// The frame as it is known without debug information.
core::SourceLocation plain(const core::Frame& frame) {
  return {.function = frame.name, .file = {}, .line = 0};
}

bool may_be_found(const core::Frame& frame) noexcept {
  return frame.module == 0 && frame.offset != core::Frame::kUnknownOffset;
}

/// The compiler's "./a/../b" as a reader would write it.
std::string readable_path(std::string_view path) {
  return std::filesystem::path(path).lexically_normal().string();
}

core::SourceLocation location_of(const ab_location& found, const core::Frame& frame) {
  const std::string_view function = text_of(found.function);
  return {.function = function.empty() ? frame.name : std::string(function),
          .file = readable_path(text_of(found.file)),
          .line = found.line};
}

/// In place of each frame what was found of it; `found` is in the order of the frames.
std::vector<core::SourceLocation> stack_of(std::span<const core::Frame> frames, std::span<const ab_location> found) {
  std::vector<core::SourceLocation> stack;
  for (std::uint32_t i = 0; i < frames.size(); ++i) {
    const auto places = std::ranges::equal_range(found, i, {}, &ab_location::frame);
    if (places.empty()) stack.push_back(plain(frames[i]));
    for (const ab_location& place : places) stack.push_back(location_of(place, frames[i]));
  }
  return stack;
}

core::Result<BridgeHandle<ab_locations>> locate_in(std::span<const std::byte> module, std::span<const core::Frame> frames,
                                                   const std::string& file) {
  std::vector<std::uint64_t> offsets;
  for (const core::Frame& frame : frames) {
    offsets.push_back(may_be_found(frame) ? frame.offset : core::Frame::kUnknownOffset);
  }
  ab_locations* raw = nullptr;
  OwnedBuffer error;
  const ab_status status = ab_locate(view_of(module), offsets.data(), offsets.size(), &raw, error.out());
  if (status != AB_OK) return unavailable(fmt::format("{}: {}; build with -g", file, error.text()));
  return BridgeHandle<ab_locations>(raw);
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
  initial_memory_ = needs.memory_bytes;
  initial_table_ = needs.table_elements;
}

Component::~Component() = default;

core::Bytes Component::room_for_a_body(core::Bytes memory) const noexcept {
  return std::max(memory - std::min(memory, initial_memory_), kPage);
}

std::vector<std::string> Component::imports_in_vain() const {
  const OwnedBuffer description(ab_component_describe(compiled_.get()));
  return runtime::imports_in_vain(description.text(), has(Export::reply_handler), has(Export::timer_handler));
}

core::Result<std::vector<core::SourceLocation>> Component::locate(std::span<const core::Frame> frames) const {
  if (file_.empty()) return unavailable(fmt::format("{} was not loaded from a file: no debug information", name_));
  if (std::ranges::none_of(frames, may_be_found)) {
    return unavailable(fmt::format("none of the frames is code of the first module of {}", name_));
  }
  std::filesystem::path path = file_;
  path.replace_extension(".debug.wasm");
  const auto side_file = read_side_file(path);
  if (!side_file) return unavailable(side_file.error().message());
  if (side_file->code_stamp != code_stamp_) {
    return std::unexpected(runtime_error(
        core::ErrorCode::incompatible,
        fmt::format("{}: debug information of another build than {}; build again", path.string(), file_.string())));
  }
  AIRSSYS_TRY(const BridgeHandle<ab_locations> found, locate_in(side_file->module, frames, path.string()));
  const ab_location_list list = ab_locations_view(found.get());
  return stack_of(frames, std::span(list.items, list.count));
}

}  // namespace airssys::runtime
