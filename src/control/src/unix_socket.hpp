#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "airssys/core/error.hpp"
#include "airssys/os/descriptor.hpp"

namespace airssys::control {

using os::Descriptor;
using Deadline = std::chrono::steady_clock::time_point;

/// A socket in the file system, for as long as it is ours.
struct Listener {
  Descriptor socket;
  std::uint64_t inode = 0;  ///< Of its name.
};
/// A listening socket at `path`, for its owner alone. One that nobody listens on any more is replaced, and nothing else is.
core::Result<Listener> listen_at(const std::filesystem::path& path);
/// Removes its name, if it still has it.
void remove_name(const std::filesystem::path& path, std::uint64_t inode) noexcept;
/// Whose process listens there, the kernel says: `denied` unless it is ours or root's, or we are root.
core::Result<Descriptor> connect_to(const std::filesystem::path& path);
/// The user at the other end is the one of this process, or root.
bool peer_is_trusted(int socket);

enum class Wait { ready, closed, timeout };
/// Until there is something to read.
Wait wait_readable(int socket, Deadline until);
/// `timeout`, `too_large`, `unavailable`: the other end has gone (an empty message: between frames).
core::Result<std::string> read_frame(int socket, std::size_t most_bytes, Deadline until);
core::Result<void> write_frame(int socket, std::string_view text, Deadline until);

}  // namespace airssys::control
