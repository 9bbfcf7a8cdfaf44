#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

#include "airssys/control/operator_desk.hpp"
#include "airssys/core/error.hpp"

namespace airssys::control {

/// The name of the operator's socket in a data directory.
inline constexpr const char* kSocketName = "control.sock";

/// The operator's door: a Unix socket (0600) that only the owner of this process and root may use, which the kernel vouches
/// for. Its protocol: four bytes of length, the most significant first, then that many bytes of JSON; requests and responses
/// take turns on a connection.
///
///   {"v":2,"op":"send","to":"demo/counter/1","codec":85,"body":"<base64>"}      -> {"v":2,"ok":{"id":17}}
///   ... with "key":"order-7": once for each key
///   {"v":2,"op":"request",..., "timeout_ms":5000}                               ->
///   {"v":2,"ok":{"codec":85,"body":"...","id":17}}
///   {"v":2,"op":"list","after":"demo/a/9","pattern":"demo/*/*","most":1000}     -> {"v":2,"ok":{"actors":[...],"matching":7}}
///   {"v":2,"op":"info","address":"..."}   and "stop-actor", "restart-actor", "remove-actor"
///   {"v":2,"op":"status"}   {"v":2,"op":"stop"}
///   {"v":2,"op":"dead-letters","after":17,"most":100}
///   {"v":2,"op":"dead-letter","number":3}   and "dead-letter-retry", "dead-letter-drop"
///   {"v":2,"op":"trace","id":"1099511630535"}                                   -> {"v":2,"ok":{"version":1,"trace":...}}
///   {"v":2,"op":"traces","most":20}
///   whatever went wrong                                                         ->
///   {"v":2,"error":{"code":"not-found","message":"..."}}
///   ... of a request that was sent, with "id"
///
/// What grows with the system comes in pages, so that no response grows beyond a frame: a client asks again for what comes
/// after the last that it has.
///
/// A client harms nobody: frames beyond 16 MiB, other garbage, a stall in the middle of a frame, and silence end its
/// connection; beyond 64 connections a new one is told so and closed.
class ControlServer {
 public:
  static constexpr std::size_t kMostFrameBytes = std::size_t{16} << 20;

  struct Options {
    std::size_t connections_max = 64;
    std::chrono::milliseconds frame_time{10'000};  ///< For the whole of a frame, once it has begun, in either direction.
    std::chrono::milliseconds idle_time{60'000};   ///< Between frames.
  };

  /// `socket` may be longer than the kernel's 107 bytes. A socket that nobody listens on any more is replaced.
  /// `already_exists`: somebody listens there; `io`. `desk` is borrowed and outlives the server.
  static core::Result<std::unique_ptr<ControlServer>> start(const std::filesystem::path& socket, OperatorDesk& desk,
                                                            Options options);
  static core::Result<std::unique_ptr<ControlServer>> start(const std::filesystem::path& socket, OperatorDesk& desk) {
    return start(socket, desk, Options{});
  }
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  /// Stops.
  ~ControlServer();

  /// Takes no more connections and removes the socket; those that are open go on. Any thread; idempotent.
  void close();
  /// `close`, and ends the connections. Waits for the calls of the desk that are under way, which keep their responses: stop
  /// the system first, so that none lasts. Any thread but the server's own; idempotent.
  void stop();

 private:
  class Parts;
  explicit ControlServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace airssys::control
