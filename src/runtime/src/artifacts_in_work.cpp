#include "artifacts_in_work.hpp"

#include <exception>
#include <new>
#include <utility>

#include "bridge_values.hpp"

namespace airssys::runtime {

namespace {

/// Whatever happens while it is made has an end: others may be waiting for it.
core::Result<ArtifactsInWork::Artifact> outcome_of(const ArtifactsInWork::Make& make) try {
  auto made = make();
  if (!made) return std::unexpected(std::move(made).error());
  return std::make_shared<const std::vector<std::byte>>(*std::move(made));
} catch (const std::bad_alloc&) {
  return std::unexpected(runtime_error(core::ErrorCode::resources, "the host had no memory to compile it or to read its code"));
} catch (const std::exception& failure) {
  return std::unexpected(runtime_error(core::ErrorCode::internal, failure.what()));
}

}  // namespace

core::Result<ArtifactsInWork::Artifact> ArtifactsInWork::join(const core::Digest& key, const Make& make) {
  const auto outcome = std::make_shared<Outcome>();
  std::unique_lock lock(mutex_);
  const auto [entry, is_first] = in_work_.try_emplace(key, outcome);
  if (!is_first) return wait_for(entry->second, lock);
  lock.unlock();

  core::Result<Artifact> artifact = outcome_of(make);

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
