#include "artifact_cache.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "bridge_values.hpp"
#include "file.hpp"

namespace airssys::runtime {

namespace {

namespace fs = std::filesystem;
using Bytes = std::span<const std::byte>;

constexpr std::string_view kMagic = "AIRSSYS1";
constexpr std::size_t kHeaderBytes = kMagic.size() + std::tuple_size_v<core::Digest>;
constexpr std::size_t kSecretBytes = 32;
constexpr core::Bytes kMaxArtifactBytes = core::Bytes{2} << 30;
constexpr std::string_view kExtension = ".native";

Bytes magic() noexcept {
  return std::as_bytes(std::span(kMagic));
}

core::Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return std::unexpected(io_error("make", folder));
  return {};
}

/// Whoever may read the key may forge, and whoever put it there knows it.
core::Result<void> check_private(const fs::path& file) {
  struct stat status{};
  if (::lstat(file.c_str(), &status) != 0) return std::unexpected(io_error("look at", file));
  if (S_ISREG(status.st_mode) && status.st_uid == ::geteuid() && (status.st_mode & 077) == 0) return {};
  return std::unexpected(runtime_error(
      core::ErrorCode::invalid,
      fmt::format("{}: others own it or may read it, so compiled code can't be trusted; remove this file", file.string())));
}

/// In the same time wherever they differ.
bool same(Bytes left, Bytes right) noexcept {
  if (left.size() != right.size()) return false;
  std::byte difference{0};
  for (std::size_t i = 0; i < left.size(); ++i) difference |= left[i] ^ right[i];
  return difference == std::byte{0};
}

struct Kept {
  fs::file_time_type used;
  fs::path file;
};

std::vector<Kept> kept_in(const fs::path& folder) {
  std::vector<Kept> found;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::end(entry); entry.increment(error)) {
    if (entry->path().extension() != kExtension) continue;
    const fs::file_time_type used = entry->last_write_time(error);
    if (!error) found.push_back({used, entry->path()});
    error.clear();
  }
  return found;
}

}  // namespace

ArtifactCache::ArtifactCache(fs::path folder, const core::HashPort& hash) : folder_(std::move(folder)), hash_(hash) {}

fs::path ArtifactCache::file_of(const core::Digest& key) const {
  return folder_ / (core::to_hex(key) + std::string(kExtension));
}

core::Digest ArtifactCache::vouch(const Secret& secret, const core::Digest& key, Bytes artifact) const {
  const std::array<Bytes, 2> parts = {Bytes(key), artifact};
  return hash_.keyed(secret, parts);
}

std::optional<std::vector<std::byte>> ArtifactCache::find(const core::Digest& key) {
  const fs::path file = file_of(key);
  auto bytes = read_file(file, kMaxArtifactBytes);
  if (!bytes) {
    if (bytes.error().code() != core::ErrorCode::not_found) remember(std::move(bytes).error());
    return std::nullopt;
  }
  const auto own_secret = secret();
  if (!own_secret) {
    remember(own_secret.error());
    return std::nullopt;
  }
  const Bytes content(*bytes);
  const bool authentic = content.size() >= kHeaderBytes && std::ranges::equal(content.first(kMagic.size()), magic()) &&
                         same(content.subspan(kMagic.size(), kHeaderBytes - kMagic.size()),
                              vouch(*own_secret, key, content.subspan(kHeaderBytes)));
  if (!authentic) {
    count_refusal(runtime_error(core::ErrorCode::incompatible,
                                fmt::format("{}: damaged or not made by this cache; compiled again", file.string())));
    return std::nullopt;
  }
  ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);  // used now; if that fails it is merely pruned earlier
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
  AIRSSYS_TRY(make_folder(folder_));
  AIRSSYS_TRY(const Secret own_secret, secret());
  const core::Digest voucher = vouch(own_secret, key, artifact);
  const std::array<Bytes, 3> parts = {magic(), Bytes(voucher), artifact};
  AIRSSYS_TRY(write_file(file_of(key), parts));
  prune();
  return {};
}

void ArtifactCache::prune() const {
  std::vector<Kept> kept = kept_in(folder_);
  if (kept.size() <= kMaxArtifacts) return;
  std::ranges::sort(kept, {}, &Kept::used);
  std::error_code ignored;
  for (std::size_t i = 0; i < kept.size() - kMaxArtifacts; ++i) fs::remove(kept[i].file, ignored);
}

core::Result<ArtifactCache::Secret> ArtifactCache::secret() {
  const std::scoped_lock lock(mutex_);
  if (secret_.empty()) {
    AIRSSYS_TRY(secret_, open_secret());
  }
  return secret_;
}

core::Result<ArtifactCache::Secret> ArtifactCache::open_secret() {
  const fs::path file = folder_ / "key";
  std::error_code ignored;
  // Looked for first: to make one and see that there is one already costs a start two waits for the disk.
  if (!fs::exists(fs::symlink_status(file, ignored))) {
    Secret fresh(kSecretBytes);
    AIRSSYS_TRY(fill_random(fresh));
    const std::array<Bytes, 1> parts = {Bytes(fresh)};
    AIRSSYS_TRY(const bool created, create_file(file, parts));
    if (created) return fresh;
  }
  AIRSSYS_TRY(check_private(file));
  AIRSSYS_TRY(Secret found, read_file(file, kSecretBytes));
  if (found.size() == kSecretBytes) return found;
  return std::unexpected(runtime_error(
      core::ErrorCode::invalid, fmt::format("{}: {} bytes, expected {}; remove this file, compiled code is then made anew",
                                            file.string(), found.size(), kSecretBytes)));
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
