#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/os/descriptor.hpp"

namespace airssys::runtime {

using os::Descriptor;

/// A regular file, opened to be read. Errors as `read_file`.
struct OpenFile {
  Descriptor descriptor;
  core::Bytes size = 0;
};
core::Result<OpenFile> open_file(const std::filesystem::path& file);
/// Fills `bytes` from what is at `offset`. False: that is not all there, or errno says why.
bool read_at(const Descriptor& file, core::Bytes offset, std::span<std::byte> bytes) noexcept;

/// The whole of a regular file. `not_found`, `invalid` (a folder, a device, a pipe), `too_large`, `io`; each names the path.
core::Result<std::vector<std::byte>> read_file(const std::filesystem::path& file, core::Bytes max_bytes);

/// All of `bytes`, also where the system takes a part at a time. False: errno says why.
bool write_all(int descriptor, std::span<const std::byte> bytes) noexcept;

/// `io`, with the system's words for that errno: "WHAT: WORDS".
core::Error os_error(std::string_view what, int number);
/// `io`, with the system's words for the present errno: "can't VERB PATH: WORDS".
core::Error io_error(std::string_view verb, const std::filesystem::path& file);

}  // namespace airssys::runtime
