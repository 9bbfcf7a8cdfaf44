#include "airssys/control/control_server.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <exception>
#include <list>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "desk_calls.hpp"
#include "unix_socket.hpp"

namespace airssys::control {
namespace {

Deadline after(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

core::Error refusal(core::ErrorCode code, std::string message) {
  return {code, "control", std::move(message)};
}

}  // namespace

class ControlServer::Parts {
 public:
  Parts(std::filesystem::path path, Listener listener, OperatorDesk& desk, Options options)
      : path_(std::move(path)),
        listener_(std::move(listener)),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        desk_(desk),
        options_(options),
        acceptor_([this] { accept_all(); }) {}
  ~Parts() { stop(); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  void close() {
    const std::lock_guard lock(stop_mutex_);
    close_listener();
  }

  void stop() {
    const std::lock_guard lock(stop_mutex_);
    close_listener();
    for (Connection& connection : connections_) shutdown(connection.socket.get(), SHUT_RD);
    for (Connection& connection : connections_) connection.thread.join();
    connections_.clear();
  }

 private:
  struct Connection {
    explicit Connection(Descriptor connected) : socket(std::move(connected)) {}
    Descriptor socket;
    std::atomic<bool> over{false};
    std::thread thread;
  };

  void close_listener() {
    if (!acceptor_.joinable()) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof(one));
    acceptor_.join();
    remove_name(path_, listener_.inode);
    listener_.socket = Descriptor();
  }

  void accept_all() noexcept {
    std::array<pollfd, 2> waits{pollfd{listener_.socket.get(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
    while (true) {
      if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
      if (waits[1].revents != 0) return;
      Descriptor socket(accept4(listener_.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      reap();
      if (socket.is_open()) {
        welcome(std::move(socket));
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));  // Out of descriptors: others must end first.
      }
    }
  }

  void welcome(Descriptor socket) noexcept try {
    if (!peer_is_trusted(socket.get()))
      return turn_away(socket, core::ErrorCode::denied, "this socket is for the owner of the system");
    if (connections_.size() >= options_.connections_max) {
      return turn_away(socket, core::ErrorCode::busy, "too many operators are connected: try again");
    }
    Connection& connection = connections_.emplace_back(std::move(socket));
    try {
      connection.thread = std::thread([this, &connection] { serve(connection); });
    } catch (const std::exception&) {
      connections_.pop_back();
    }
  } catch (const std::exception&) {  // No memory for it: its connection is closed.
  }

  static void turn_away(const Descriptor& socket, core::ErrorCode code, std::string message) {
    std::ignore =
        write_frame(socket.get(), error_response(refusal(code, std::move(message))), after(std::chrono::milliseconds(100)));
  }

  /// Forgets connections that have ended. Acceptor only.
  void reap() noexcept {
    connections_.remove_if([](Connection& connection) {
      if (!connection.over.load(std::memory_order_acquire)) return false;
      connection.thread.join();
      return true;
    });
  }

  void serve(Connection& connection) noexcept {
    try {
      while (serve_one(connection.socket.get())) {
      }
    } catch (const std::exception&) {  // Out of memory: this connection ends, others go on.
    }
    shutdown(connection.socket.get(), SHUT_RDWR);
    connection.over.store(true, std::memory_order_release);
  }

  bool serve_one(int socket) {
    if (wait_readable(socket, after(options_.idle_time)) != Wait::ready) return false;
    auto call = read_frame(socket, kMostFrameBytes, after(options_.frame_time));
    if (!call && call.error().message().empty()) return false;
    const std::string response = call ? answer_call(desk_, *call) : error_response(call.error());
    return write_frame(socket, response, after(options_.frame_time)).has_value() && call.has_value();
  }

  const std::filesystem::path path_;
  Listener listener_;
  Descriptor wake_;
  OperatorDesk& desk_;
  const Options options_;
  std::mutex stop_mutex_;
  std::list<Connection> connections_;  ///< The acceptor's, until that has ended.
  std::thread acceptor_;
};

core::Result<std::unique_ptr<ControlServer>> ControlServer::start(const std::filesystem::path& socket, OperatorDesk& desk,
                                                                  Options options) {
  AIRSSYS_TRY(Listener listener, listen_at(socket));
  return std::unique_ptr<ControlServer>(new ControlServer(std::make_unique<Parts>(socket, std::move(listener), desk, options)));
}

ControlServer::ControlServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ControlServer::~ControlServer() = default;

void ControlServer::close() {
  parts_->close();
}

void ControlServer::stop() {
  parts_->stop();
}

}  // namespace airssys::control
