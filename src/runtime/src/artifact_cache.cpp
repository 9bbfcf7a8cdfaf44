#include "artifact_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "airssys/os/folder.hpp"
#include "airssys/os/random.hpp"
#include "bridge_values.hpp"

namespace airssys::runtime {

namespace {

namespace fs = std::filesystem;
using Bytes = std::span<const std::byte>;

constexpr std::string_view kMagic = "AIRSSYS1";
constexpr std::size_t kHeaderBytes = kMagic.size() + std::tuple_size_v<core::Digest>;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxArtifactBytes = std::size_t{2} << 30;
constexpr std::string_view kExtension = ".native";

Bytes magic() noexcept {
  return std::as_bytes(std::span(kMagic));
}

std::string name_of(const core::Digest& key) {
  return core::to_hex(key) + std::string(kExtension);
}

/// With the remedy, where there is one.
core::Error untrusted(const core::Error& why) {
  if (why.code() != core::ErrorCode::invalid && why.code() != core::ErrorCode::too_large) return why;
  return runtime_error(why.code(), fmt::format("{}; remove this file, compiled code is then made anew", why.message()));
}

/// In the same time wherever they differ.
bool same(Bytes left, Bytes right) noexcept {
  if (left.size() != right.size()) return false;
  std::byte difference{0};
  for (std::size_t i = 0; i < left.size(); ++i) difference |= left[i] ^ right[i];
  return difference == std::byte{0};
}

}  // namespace

ArtifactCache::ArtifactCache(fs::path folder, const core::HashPort& hash) : folder_(std::move(folder)), hash_(hash) {}

core::Digest ArtifactCache::vouch(const Secret& secret, const core::Digest& key, Bytes artifact) const {
  const std::array<Bytes, 2> parts = {Bytes(key), artifact};
  return hash_.keyed(secret, parts);
}

std::optional<std::vector<std::byte>> ArtifactCache::find(const core::Digest& key) {
  const auto folder = os::Folder::open(folder_, os::Folder::Missing::refuse);
  // Whose file it is does not matter: it is vouched for, or not believed.
  auto bytes = folder ? folder->read(name_of(key), kMaxArtifactBytes, os::Folder::Privacy::any)
                      : core::Result<std::vector<std::byte>>(std::unexpected(folder.error()));
  if (!bytes) {
    if (bytes.error().code() != core::ErrorCode::not_found) remember(std::move(bytes).error());
    return std::nullopt;
  }
  const auto own_secret = secret(*folder);
  if (!own_secret) {
    remember(own_secret.error());
    return std::nullopt;
  }
  const Bytes content(*bytes);
  const bool authentic = content.size() >= kHeaderBytes && std::ranges::equal(content.first(kMagic.size()), magic()) &&
                         same(content.subspan(kMagic.size(), kHeaderBytes - kMagic.size()),
                              vouch(*own_secret, key, content.subspan(kHeaderBytes)));
  if (!authentic) {
    count_refusal(
        runtime_error(core::ErrorCode::incompatible,
                      fmt::format("{}: damaged or not made by this cache; compiled again", (folder_ / name_of(key)).string())));
    return std::nullopt;
  }
  folder->touch(name_of(key));
  bytes->erase(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(kHeaderBytes));
  return *std::move(bytes);
}

void ArtifactCache::keep(const core::Digest& key, Bytes artifact) {
  if (auto stored = store(key, artifact); !stored) {
    unwritten_.fetch_add(1, std::memory_order_relaxed);
    remember(std::move(stored).error());
  }
}

core::Result<void> ArtifactCache::store(const core::Digest& key, Bytes artifact) {
  AIRSSYS_TRY(const os::Folder folder, os::Folder::open(folder_, os::Folder::Missing::make));
  AIRSSYS_TRY(const Secret own_secret, secret(folder));
  const core::Digest voucher = vouch(own_secret, key, artifact);
  const std::array<Bytes, 3> parts = {magic(), Bytes(voucher), artifact};
  AIRSSYS_TRY(folder.replace(name_of(key), parts));
  prune(folder);
  return {};
}

void ArtifactCache::prune(const os::Folder& folder) {
  std::vector<os::Folder::Entry> kept = folder.files();
  std::erase_if(kept, [](const os::Folder::Entry& entry) { return !entry.name.ends_with(kExtension); });
  if (kept.size() <= kMaxArtifacts) return;
  std::ranges::sort(kept, {}, &os::Folder::Entry::modified_ns);
  for (std::size_t i = 0; i < kept.size() - kMaxArtifacts; ++i) folder.remove(kept[i].name);
}

core::Result<ArtifactCache::Secret> ArtifactCache::secret(const os::Folder& folder) {
  const std::scoped_lock lock(mutex_);
  if (secret_.empty()) {
    AIRSSYS_TRY(secret_, open_secret(folder));
  }
  return secret_;
}

core::Result<ArtifactCache::Secret> ArtifactCache::open_secret(const os::Folder& folder) {
  constexpr std::string_view kName = "key";
  // Read first: to make one and see that there is one already costs a start two waits for the disk. Whoever may read the key
  // may forge, and whoever put it there knows it.
  auto found = folder.read(kName, kSecretBytes, os::Folder::Privacy::secret);
  if (!found && found.error().code() == core::ErrorCode::not_found) {
    Secret fresh(kSecretBytes);
    AIRSSYS_TRY(os::fill_random(fresh));
    const std::array<Bytes, 1> parts = {Bytes(fresh)};
    AIRSSYS_TRY(const bool created, folder.create(kName, parts));
    if (created) return fresh;
    found = folder.read(kName, kSecretBytes, os::Folder::Privacy::secret);
  }
  if (!found) return std::unexpected(untrusted(found.error()));
  if (found->size() == kSecretBytes) return *std::move(found);
  return std::unexpected(
      untrusted(runtime_error(core::ErrorCode::invalid, fmt::format("{}: {} bytes, expected {}", (folder_ / kName).string(),
                                                                    found->size(), kSecretBytes))));
}

void ArtifactCache::count_refusal(core::Error why) {
  refused_.fetch_add(1, std::memory_order_relaxed);
  remember(std::move(why));
}

void ArtifactCache::remember(core::Error error) {
  const std::scoped_lock lock(mutex_);
  trouble_ = std::move(error);
}

std::optional<core::Error> ArtifactCache::trouble() const {
  const std::scoped_lock lock(mutex_);
  return trouble_;
}

}  // namespace airssys::runtime
