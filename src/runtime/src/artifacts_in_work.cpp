#include "artifacts_in_work.hpp"

#include <utility>

namespace airssys::runtime {

core::Result<ArtifactsInWork::Artifact> ArtifactsInWork::join(const core::Digest& key, const Make& make) {
  std::unique_lock lock(mutex_);
  const auto [entry, is_first] = in_work_.try_emplace(key);
  if (!is_first) return wait_for(entry->second, lock);
  const auto outcome = std::make_shared<Outcome>();
  entry->second = outcome;
  lock.unlock();

  auto made = make();
  core::Result<Artifact> artifact =
      made ? core::Result<Artifact>(std::make_shared<const std::vector<std::byte>>(*std::move(made)))
           : std::unexpected(std::move(made).error());

  lock.lock();
  *outcome = artifact;
  in_work_.erase(key);
  done_.notify_all();
  return artifact;
}

core::Result<ArtifactsInWork::Artifact> ArtifactsInWork::wait_for(std::shared_ptr<const Outcome> outcome,
                                                                  std::unique_lock<std::mutex>& lock) {
  ++waiting_;
  done_.wait(lock, [&outcome] { return outcome->has_value(); });
  --waiting_;
  return **outcome;
}

std::size_t ArtifactsInWork::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_;
}

}  // namespace airssys::runtime
