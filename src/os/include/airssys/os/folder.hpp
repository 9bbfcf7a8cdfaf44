#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/os/descriptor.hpp"

namespace airssys::os {

/// A folder that is held open, and the files in it by their names: whatever becomes of the path meanwhile, this folder is
/// meant. Nothing in it is reached through a symbolic link, and what it holds is looked at only once it is open, so that nobody
/// can put another file in the place of one that was checked. Any thread.
class Folder {
 public:
  enum class Missing { make, refuse };
  /// Whether the path itself may be a symbolic link.
  enum class Links {
    refused,
    ours,  ///< Laid by our user or by root.
  };
  /// What others may have done to a file, or with it.
  enum class Privacy {
    any,     ///< Whatever: its content is checked otherwise.
    ours,    ///< It is our user's, and nobody else can have changed it.
    secret,  ///< Nor can anybody else read it.
  };
  struct Entry {
    std::string name;
    std::int64_t modified_ns = 0;  ///< Since 1970.
    std::uint64_t bytes = 0;
  };
  using Parts = std::span<const std::span<const std::byte>>;

  /// A folder of our user's in which nobody else may write; made (0700) if it is missing and `missing` says so, with the
  /// folders above it. Never changed: `invalid` says what is wrong with one that is there and what to do. The path itself may
  /// lead through a link that is ours or root's. `not_found`, `io`.
  static core::Result<Folder> open(const std::filesystem::path& path, Missing missing, Links links = Links::refused);
  /// Whoever's it is: to look at what is there.
  static core::Result<Folder> look_into(const std::filesystem::path& path);
  Folder(Folder&&) noexcept = default;
  Folder& operator=(Folder&&) noexcept = default;

  /// As it was opened: for messages.
  const std::filesystem::path& path() const noexcept { return path_; }
  int descriptor() const noexcept { return descriptor_.get(); }

  /// The whole of a regular file. `not_found`, `too_large`, `io`; `invalid`: a link, no file, or not as private as it must be.
  /// What to do then is the caller's to say.
  core::Result<std::vector<std::byte>> read(std::string_view name, std::size_t bytes_max, Privacy privacy) const;
  /// To be read and written in place, made (0600) if it is missing: our user's, with no other name.
  core::Result<Descriptor> open_for_update(std::string_view name) const;
  /// Puts `parts` in the place of `name`, whole or not at all, and on the disk when it returns: a temporary file (0600),
  /// synced, renamed over what was there, and the folder synced.
  core::Result<void> replace(std::string_view name, Parts parts) const;
  /// The same, whole or not at all, but not waiting for the disk: after a power cut it may be missing, or empty.
  core::Result<void> replace_unsynced(std::string_view name, Parts parts) const;
  /// As `replace`, but leaves a file that is there alone. False: there was one.
  core::Result<bool> create(std::string_view name, Parts parts) const;
  /// Counts as used now. Harmless if it is not there.
  void touch(std::string_view name) const noexcept;
  /// False: it can't be removed; one that is not there is.
  bool remove(std::string_view name) const noexcept;
  /// The regular files, in no order.
  std::vector<Entry> files() const;

 private:
  Folder(std::filesystem::path path, Descriptor descriptor) : path_(std::move(path)), descriptor_(std::move(descriptor)) {}
  core::Result<void> check_ours() const;
  core::Result<Descriptor> write_temporary(const std::string& name, Parts parts) const;
  core::Result<void> put(std::string_view name, Parts parts, bool (*sync)(int)) const;

  std::filesystem::path path_;
  Descriptor descriptor_;
};

}  // namespace airssys::os
