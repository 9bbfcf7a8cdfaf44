#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "airssys/core/error.hpp"

namespace airssys::toolchain {

/// The whole file. `not_found`, `io`.
core::Result<std::string> read_file(const std::filesystem::path& path);

/// Whole or not at all: to a file beside it, then renamed over it. Makes the folder.
core::Result<void> write_file(const std::filesystem::path& path, std::string_view content);

core::Result<void> make_folder(const std::filesystem::path& path);

inline std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string_view text_of(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Says whether something changed since the last build; no defence against anyone (FNV-1a, 64 bits).
class Digest {
 public:
  /// Each text counts with its length: "ab","c" is not "a","bc".
  Digest& add(std::string_view text) noexcept;
  std::string hex() const;

 private:
  std::uint64_t value_ = 14695981039346656037ull;
};

/// A folder of its own that is removed with the object.
class TemporaryFolder {
 public:
  /// Inside `parent`, which is made.
  static core::Result<TemporaryFolder> make_in(const std::filesystem::path& parent);
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) noexcept : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace airssys::toolchain
