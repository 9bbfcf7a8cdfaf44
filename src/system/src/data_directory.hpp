#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "airssys/core/error.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/os/descriptor.hpp"
#include "airssys/os/folder.hpp"

namespace airssys::system {

/// The folder in which a system keeps what outlives it. Held by one process at a time, by a lock on `lock` that the kernel
/// gives back when the process ends, however it ends.
///
///   lock         the lock, and the process id of its holder, for people
///   identity     two lines: the system's id (32 hexadecimal digits), and how often it was started, or took
///                another range of message ids
///   artifacts/   compiled components        crashes/   crash reports        control.sock   the operator's socket
class DataDirectory {
 public:
  /// Makes it (0700) if missing. `unavailable`: another process holds it; `invalid`: it, or a file in it, is not ours alone,
  /// and what to do; `io`: the system's words.
  static core::Result<DataDirectory> open(const std::filesystem::path& path, core::RandomPort& random);

  const std::filesystem::path& path() const noexcept { return folder_.path(); }
  const std::string& system_id() const noexcept { return system_id_; }
  /// Beyond every id that an earlier run can have used: each run has 2^40 of its own, and others that it reserved.
  std::uint64_t first_message_id() const noexcept { return (starts_ << 40) + 1; }
  /// Another 2^40 for this run, as if it were another start. `io`: it can't be written down.
  core::Result<void> reserve_message_ids();

 private:
  DataDirectory(os::Folder folder, os::Descriptor lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  core::Result<void> read_identity(core::RandomPort& random);

  os::Folder folder_;
  os::Descriptor lock_;
  std::string system_id_;
  std::uint64_t starts_ = 0;
};

/// 32 hexadecimal digits of chance.
std::string draw_system_id(core::RandomPort& random);

}  // namespace airssys::system
