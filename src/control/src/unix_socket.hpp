#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "airssys/core/error.hpp"

namespace airssys::control {

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();
  int get() const noexcept { return number_; }
  bool valid() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

using Deadline = std::chrono::steady_clock::time_point;

/// A listening socket at `path`, for its owner alone.
core::Result<Descriptor> listen_at(const std::filesystem::path& path);
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
