#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "airssys/actor/supervisor.hpp"
#include "airssys/core/restart_policy.hpp"

namespace airssys::actor {

/// The supervisors of one system, one for each name and policy. Any thread.
class Supervisors {
 public:
  Supervisors() = default;
  Supervisors(const Supervisors&) = delete;
  Supervisors& operator=(const Supervisors&) = delete;

  /// Made for the first of its actors, gone with the last of them. That of actors that name none and want no policy of their
  /// own is always there, costs neither lock nor count, and is gone with this.
  std::shared_ptr<Supervisor> get(const std::string& name, const core::RestartPolicy& policy);

  /// All that are there.
  std::size_t size() const;
  /// Children that they remember. Outdated at once.
  std::size_t remembered() const;

 private:
  using Key =
      std::tuple<std::string, std::uint32_t, std::chrono::milliseconds, std::chrono::milliseconds, std::chrono::milliseconds>;

  void drop_gone();

  Supervisor usual_;
  mutable std::mutex mutex_;
  std::map<Key, std::weak_ptr<Supervisor>> others_;
  std::size_t most_before_dropping_ = 16;
};

}  // namespace airssys::actor
