#include "unix_socket.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

namespace airssys::control {
namespace {

namespace fs = std::filesystem;

core::Error error(core::ErrorCode code, std::string message) {
  return {code, "control", std::move(message)};
}

core::Error io_error(std::string_view doing, const fs::path& path, int code) {
  return error(core::ErrorCode::io,
               fmt::format("can't {} {}: {}", doing, path.string(), std::generic_category().message(code)));
}

/// A path as the kernel takes it for sockets. One that is too long goes by way of its folder's descriptor.
class SocketName {
 public:
  static core::Result<SocketName> of(const fs::path& path) {
    SocketName name;
    std::string text = path.string();
    if (text.size() >= sizeof(name.address_.sun_path)) {
      const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
      name.folder_ = Descriptor(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (!name.folder_.is_open()) return std::unexpected(io_error("open", folder, errno));
      text = fmt::format("/proc/self/fd/{}/{}", name.folder_.get(), path.filename().string());
    }
    if (text.size() >= sizeof(name.address_.sun_path)) {
      return std::unexpected(error(core::ErrorCode::invalid, fmt::format("{} is too long a name for a socket", path.string())));
    }
    name.address_.sun_family = AF_UNIX;
    std::memcpy(name.address_.sun_path, text.c_str(), text.size() + 1);
    return name;
  }
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t size() noexcept { return sizeof(sockaddr_un); }

 private:
  Descriptor folder_;
  sockaddr_un address_{};
};

Descriptor make_socket() {
  return Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// Waits for `events`; a peer that hangs up counts as ready, so that the call that follows tells.
Wait wait_for(int socket, short events, Deadline until) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd wait{socket, events, 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 86'400'000)));
    if (ready > 0) return (wait.revents & POLLNVAL) != 0 ? Wait::closed : Wait::ready;
    if (ready == 0 && left.count() <= 86'400'000) return Wait::timeout;
    if (ready < 0 && errno != EINTR) return Wait::closed;
  }
}

bool names_a_socket(const fs::path& path) noexcept {
  struct stat status{};
  return lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

std::optional<uid_t> user_at_the_other_end(int socket) noexcept {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer.uid;
}

core::Error gone() {
  return error(core::ErrorCode::unavailable, "the other end has closed the connection");
}

/// Reads into all of `bytes`; how many came before the other end closed.
core::Result<std::size_t> read_into(int socket, std::span<char> bytes, Deadline until) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const Wait waited = wait_for(socket, POLLIN, until);
    if (waited == Wait::timeout) return std::unexpected(error(core::ErrorCode::timeout, "the other end stalled in a message"));
    if (waited == Wait::closed) return done;
    const ssize_t size = recv(socket, bytes.data() + done, bytes.size() - done, 0);
    if (size > 0) {
      done += static_cast<std::size_t>(size);
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
      return done;
    }
  }
  return done;
}

}  // namespace

core::Result<Listener> listen_at(const fs::path& path) {
  AIRSSYS_TRY(const SocketName name, SocketName::of(path));
  Descriptor socket = make_socket();
  if (!socket.is_open()) return std::unexpected(io_error("make the socket", path, errno));
  // Before it has a name: so there is no moment at which others could open it.
  if (fchmod(socket.get(), S_IRUSR | S_IWUSR) != 0) return std::unexpected(io_error("protect the socket", path, errno));
  if (bind(socket.get(), name.get(), SocketName::size()) != 0) {
    if (errno != EADDRINUSE) return std::unexpected(io_error("make the socket", path, errno));
    Descriptor other = make_socket();
    if (!other.is_open()) return std::unexpected(io_error("make the socket", path, errno));
    if (connect(other.get(), name.get(), SocketName::size()) == 0 || errno != ECONNREFUSED) {
      return std::unexpected(
          error(core::ErrorCode::already_exists, fmt::format("another system listens on {}", path.string())));
    }
    if (!names_a_socket(path)) {
      return std::unexpected(error(core::ErrorCode::already_exists, fmt::format("{} is no socket: remove it", path.string())));
    }
    // Its process is dead: nobody listens.
    if (unlink(path.c_str()) != 0 || bind(socket.get(), name.get(), SocketName::size()) != 0) {
      return std::unexpected(io_error("replace the old socket", path, errno));
    }
  }
  constexpr int kWaiting = 64;
  if (listen(socket.get(), kWaiting) != 0) return std::unexpected(io_error("listen on", path, errno));
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0) return std::unexpected(io_error("look at", path, errno));
  return Listener{.socket = std::move(socket), .inode = status.st_ino};
}

void remove_name(const fs::path& path, std::uint64_t inode) noexcept {
  struct stat status{};
  if (lstat(path.c_str(), &status) == 0 && status.st_ino == inode) unlink(path.c_str());
}

core::Result<Descriptor> connect_to(const fs::path& path) {
  const auto nobody = [&] {
    return std::unexpected(error(
        core::ErrorCode::unavailable,
        fmt::format("no system is running at {}: start it with `airssys run`, or name its file with -f; one that is ending "
                    "takes no commands any more",
                    path.string())));
  };
  auto name = SocketName::of(path);
  if (!name) return nobody();
  Descriptor socket = make_socket();
  if (!socket.is_open()) return std::unexpected(io_error("make a socket for", path, errno));
  if (connect(socket.get(), name->get(), SocketName::size()) == 0) {
    if (geteuid() == 0 || peer_is_trusted(socket.get())) return socket;
    return std::unexpected(error(core::ErrorCode::denied, fmt::format("{} belongs to another user", path.string())));
  }
  if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return nobody();
  if (errno == EACCES || errno == EPERM) {
    return std::unexpected(error(core::ErrorCode::denied, fmt::format("{} belongs to another user", path.string())));
  }
  if (errno == EAGAIN) {
    return std::unexpected(
        error(core::ErrorCode::busy, fmt::format("the system at {} takes no connections now: try again", path.string())));
  }
  return std::unexpected(io_error("connect to", path, errno));
}

bool peer_is_trusted(int socket) {
  const auto user = user_at_the_other_end(socket);
  return user && (*user == geteuid() || *user == 0);
}

Wait wait_readable(int socket, Deadline until) {
  return wait_for(socket, POLLIN, until);
}

core::Result<std::string> read_frame(int socket, std::size_t most_bytes, Deadline until) {
  std::array<char, 4> head{};
  AIRSSYS_TRY(const std::size_t came, read_into(socket, head, until));
  if (came == 0) return std::unexpected(error(core::ErrorCode::unavailable, ""));
  if (came < head.size()) return std::unexpected(gone());
  std::size_t size = 0;
  for (const char byte : head) size = size << 8U | static_cast<unsigned char>(byte);
  if (size > most_bytes) {
    return std::unexpected(
        error(core::ErrorCode::too_large, fmt::format("a message of {} bytes; at most {} are taken", size, most_bytes)));
  }
  std::string text;
  // As much memory as has come, not as was promised.
  constexpr std::size_t kStep = std::size_t{64} << 10;
  while (text.size() < size) {
    const std::size_t before = text.size();
    text.resize(std::min(size, before + std::max(kStep, before)));
    AIRSSYS_TRY(const std::size_t more, read_into(socket, std::span(text).subspan(before), until));
    if (more < text.size() - before) return std::unexpected(gone());
  }
  return text;
}

core::Result<void> write_frame(int socket, std::string_view text, Deadline until) {
  std::string frame;
  frame.reserve(text.size() + 4);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) frame.push_back(static_cast<char>(text.size() >> shift & 0xffU));
  frame += text;
  std::string_view left = frame;
  while (!left.empty()) {
    const Wait waited = wait_for(socket, POLLOUT, until);
    if (waited == Wait::timeout) return std::unexpected(error(core::ErrorCode::timeout, "the other end takes no more"));
    if (waited == Wait::closed) return std::unexpected(gone());
    const ssize_t size = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
    if (size >= 0) {
      left.remove_prefix(static_cast<std::size_t>(size));
    } else if (errno != EAGAIN && errno != EINTR) {
      return std::unexpected(gone());
    }
  }
  return {};
}

}  // namespace airssys::control
