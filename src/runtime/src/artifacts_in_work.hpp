#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/ports/hash_port.hpp"

namespace airssys::runtime {

/// Artifacts that somebody is making or reading now, by key, so that nobody does the same beside him. Any thread.
class ArtifactsInWork {
 public:
  using Artifact = std::shared_ptr<const std::vector<std::byte>>;
  using Make = std::function<core::Result<std::vector<std::byte>>()>;

  /// What `make` returns, or an error if it throws: the caller's, or that of whoever came first with this key and has not
  /// returned yet.
  core::Result<Artifact> join(const core::Digest& key, const Make& make);
  /// Callers of `join` who wait for another now.
  std::size_t waiting() const;

 private:
  using Outcome = std::optional<core::Result<Artifact>>;  // nothing: not yet

  core::Result<Artifact> wait_for(std::shared_ptr<const Outcome> outcome, std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  std::condition_variable done_;
  std::map<core::Digest, std::shared_ptr<Outcome>> in_work_;
  std::size_t waiting_ = 0;
};

}  // namespace airssys::runtime
