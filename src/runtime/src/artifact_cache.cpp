#include "artifact_cache.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "airssys/os/descriptor.hpp"
#include "airssys/os/folder.hpp"
#include "airssys/os/random.hpp"
#include "bridge_values.hpp"
#include "file.hpp"

namespace airssys::runtime {

namespace {

namespace fs = std::filesystem;
using Bytes = std::span<const std::byte>;

constexpr std::string_view kMagic = "AIRSSYS2";
constexpr std::size_t kHeaderBytes = kMagic.size() + std::tuple_size_v<core::Digest>;
constexpr std::size_t kOwnerBytes = 8;
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

/// A part of a hash of its name: enough to tell a machine's components apart.
using Owner = std::array<std::byte, kOwnerBytes>;

struct Kept {
  os::Folder::Entry file;
  Owner owner{};
};

/// As the file says; what says nothing belongs to nobody in particular.
Owner owner_of(const os::Folder& folder, const std::string& name) {
  const os::Descriptor file(::openat(folder.descriptor(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  Owner owner{};
  if (!file.is_open() || !read_at(file, kHeaderBytes, owner)) return {};
  return owner;
}

std::vector<Kept> kept_in(const os::Folder& folder) {
  std::vector<Kept> kept;
  for (os::Folder::Entry& file : folder.files()) {
    if (!file.name.ends_with(kExtension)) continue;
    const Owner owner = owner_of(folder, file.name);
    kept.push_back({.file = std::move(file), .owner = owner});
  }
  return kept;
}

/// Of those that are sorted by age, the first of the owner that has most.
std::vector<Kept>::const_iterator first_to_go(const std::vector<Kept>& kept) {
  const auto same_owner = [&](const Kept& one) { return std::ranges::count(kept, one.owner, &Kept::owner); };
  return std::ranges::max_element(kept, {}, same_owner);
}

}  // namespace

ArtifactCache::ArtifactCache(fs::path folder, const core::HashPort& hash, core::Bytes max_bytes)
    : folder_(std::move(folder)), hash_(hash), max_bytes_(max_bytes) {}

core::Digest ArtifactCache::vouch(const Secret& secret, const core::Digest& key, Bytes content) const {
  const std::array<Bytes, 2> parts = {Bytes(key), content};
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
  const bool authentic = content.size() >= kHeaderBytes + kOwnerBytes &&
                         std::ranges::equal(content.first(kMagic.size()), magic()) &&
                         same(content.subspan(kMagic.size(), kHeaderBytes - kMagic.size()),
                              vouch(*own_secret, key, content.subspan(kHeaderBytes)));
  if (!authentic) {
    count_refusal(
        runtime_error(core::ErrorCode::incompatible,
                      fmt::format("{}: damaged or not made by this cache; compiled again", (folder_ / name_of(key)).string())));
    return std::nullopt;
  }
  folder->touch(name_of(key));
  bytes->erase(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(kHeaderBytes + kOwnerBytes));
  return *std::move(bytes);
}

void ArtifactCache::keep(const core::Digest& key, std::string_view owner, Bytes artifact) {
  if (auto stored = store(key, owner, artifact); !stored) {
    unwritten_.fetch_add(1, std::memory_order_relaxed);
    remember(std::move(stored).error());
  }
}

core::Result<void> ArtifactCache::store(const core::Digest& key, std::string_view owner, Bytes artifact) {
  AIRSSYS_TRY(const os::Folder folder, os::Folder::open(folder_, os::Folder::Missing::make));
  AIRSSYS_TRY(const Secret own_secret, secret(folder));
  const core::Digest whose = hash_.digest(std::as_bytes(std::span(owner)));
  const Bytes mark = Bytes(whose).first(kOwnerBytes);
  // As `vouch` has it of what comes back in one piece.
  const std::array<Bytes, 3> vouched = {Bytes(key), mark, artifact};
  const core::Digest voucher = hash_.keyed(own_secret, vouched);
  const std::array<Bytes, 4> parts = {magic(), Bytes(voucher), mark, artifact};
  AIRSSYS_TRY(folder.replace(name_of(key), parts));
  prune(folder, name_of(key));
  return {};
}

void ArtifactCache::prune(const os::Folder& folder, std::string_view fresh) const {
  std::vector<Kept> kept = kept_in(folder);
  core::Bytes bytes = 0;
  for (const Kept& one : kept) bytes += one.file.bytes;
  // What was just made is the newest, also where the disk's clock is too coarse to say so.
  std::ranges::sort(kept, {}, [&](const Kept& one) { return std::pair(one.file.name == fresh, one.file.modified_ns); });
  while (kept.size() > kMaxArtifacts || (bytes > max_bytes_ && kept.size() > 1)) {
    const auto gone = first_to_go(kept);
    folder.remove(gone->file.name);
    bytes -= gone->file.bytes;
    kept.erase(gone);
  }
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
