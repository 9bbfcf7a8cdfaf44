#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/ports/hash_port.hpp"

namespace airssys::os {
class Folder;
}

namespace airssys::runtime {

/// Compiled code on disk, by a key that names what it was compiled from and by whom. Native code runs as it is, so what
/// comes back from here is exactly what this cache's key file vouches for, or nothing.
///
///   FOLDER/key            32 random bytes, 0600, ours; whoever can read it can forge artifacts
///   FOLDER/HEX.native     "AIRSSYS2" (8 bytes), MAC (32 bytes), owner (8 bytes), artifact; HEX is its key. The MAC is over
///   key,
///                         owner and artifact, so a file under another's name is refused as well
///
/// Any thread and process: files appear by renaming. At most `kMaxArtifacts` are kept, and `kMaxBytes` of them. The least
/// recently used of the owner that has most goes first: a component that is built anew all day pushes out its own.
/// Nothing here fails a load: trouble is remembered and counted.
class ArtifactCache {
 public:
  static constexpr std::size_t kMaxArtifacts = 256;
  static constexpr core::Bytes kMaxBytes = core::Bytes{4} << 30;

  /// `hash` is borrowed.
  ArtifactCache(std::filesystem::path folder, const core::HashPort& hash, core::Bytes max_bytes = kMaxBytes);

  /// The authenticated artifact. Nothing: there is none, or it was refused.
  std::optional<std::vector<std::byte>> find(const core::Digest& key);
  /// `owner`: the component's name, whatever its bytes are.
  void keep(const core::Digest& key, std::string_view owner, std::span<const std::byte> artifact);
  /// The caller found an authenticated artifact unusable.
  void count_refusal(core::Error why);

  std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t unwritten() const noexcept { return unwritten_.load(std::memory_order_relaxed); }
  std::optional<core::Error> trouble() const;

 private:
  using Secret = std::vector<std::byte>;

  /// `content`: owner and artifact.
  core::Digest vouch(const Secret& secret, const core::Digest& key, std::span<const std::byte> content) const;
  core::Result<Secret> secret(const os::Folder& folder);
  core::Result<Secret> open_secret(const os::Folder& folder);
  core::Result<void> store(const core::Digest& key, std::string_view owner, std::span<const std::byte> artifact);
  void prune(const os::Folder& folder, std::string_view fresh) const;
  void remember(core::Error error);

  std::filesystem::path folder_;
  const core::HashPort& hash_;
  const core::Bytes max_bytes_;
  mutable std::mutex mutex_;
  Secret secret_;  // empty: not read yet
  std::optional<core::Error> trouble_;
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> unwritten_{0};
};

}  // namespace airssys::runtime
