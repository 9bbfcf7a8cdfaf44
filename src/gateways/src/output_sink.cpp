#include "airssys/gateways/output_sink.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace airssys::gateways {
namespace {

core::Error failed(int code) {
  if (code == EPIPE) return {core::ErrorCode::unavailable, "gateways", "nobody reads the output any more"};
  return {core::ErrorCode::io, "gateways", fmt::format("can't write the output: {}", std::generic_category().message(code))};
}

}  // namespace

core::Result<void> DescriptorSink::write(std::string_view bytes) {
  switch (queue_.offer(bytes)) {
    case os::OutputQueue::Offer::taken:
      return {};
    case os::OutputQueue::Offer::full:
      return std::unexpected(core::Error(core::ErrorCode::busy, "gateways", "the reader of the output is slow"));
    case os::OutputQueue::Offer::failed:
      break;
  }
  auto why = trouble();
  if (!why) why = core::Error(core::ErrorCode::unavailable, "gateways", "the output was ended");
  return std::unexpected(std::move(*why));
}

std::optional<core::Error> DescriptorSink::trouble() const {
  const int code = queue_.failure();
  if (code == 0) return std::nullopt;
  return failed(code);
}

}  // namespace airssys::gateways
