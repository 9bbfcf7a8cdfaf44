#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"

namespace airssys::runtime {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int get() const noexcept { return descriptor_; }
  bool is_open() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

/// The whole of a regular file. `not_found`, `invalid` (a folder, a device, a pipe), `too_large`, `io`; each names the path.
core::Result<std::vector<std::byte>> read_file(const std::filesystem::path& file, core::Bytes max_bytes);

/// Puts `parts` where `file` is to be, whole or not at all, on the disk when it returns: a temporary file beside it (0600),
/// synced, renamed over what was there, and the folder synced.
core::Result<void> write_file(const std::filesystem::path& file, std::span<const std::span<const std::byte>> parts);
/// As `write_file`, but leaves a file that is there alone. False: there was one.
core::Result<bool> create_file(const std::filesystem::path& file, std::span<const std::span<const std::byte>> parts);

/// All of `bytes`, also where the system takes a part at a time. False: errno says why.
bool write_all(int descriptor, std::span<const std::byte> bytes) noexcept;

/// Fills `bytes` from the operating system's random numbers, fit for keys.
core::Result<void> fill_random(std::span<std::byte> bytes);

/// `io`, with the system's words for that errno: "WHAT: WORDS".
core::Error os_error(std::string_view what, int number);
/// `io`, with the system's words for the present errno: "can't VERB PATH: WORDS".
core::Error io_error(std::string_view verb, const std::filesystem::path& file);

}  // namespace airssys::runtime
