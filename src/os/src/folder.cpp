#include "airssys/os/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include "airssys/os/random.hpp"

namespace airssys::os {
namespace {

namespace fs = std::filesystem;

core::Error error(core::ErrorCode code, std::string message) {
  return {code, "os", std::move(message)};
}

core::Error io_error(std::string_view verb, const fs::path& path, int number) {
  const auto code = number == ENOENT || number == ENOTDIR ? core::ErrorCode::not_found : core::ErrorCode::io;
  return error(code, fmt::format("{}: can't {} it: {}", path.string(), verb, std::generic_category().message(number)));
}

/// What is missing is above it: nothing that a caller who wants to make it must be told as `not_found`.
core::Error unmakeable(const fs::path& path, int number) {
  return error(core::ErrorCode::io,
               fmt::format("{}: can't make this folder: {}", path.string(), std::generic_category().message(number)));
}

core::Error invalid(const fs::path& path, std::string_view what) {
  return error(core::ErrorCode::invalid, fmt::format("{}: {}", path.string(), what));
}

/// A link in our way that somebody else has laid leads where he wants.
core::Result<void> check_link(const fs::path& path, Folder::Links links) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return {};
  const bool allowed = links == Folder::Links::ours;
  if (allowed && (status.st_uid == ::geteuid() || status.st_uid == 0)) return {};
  return std::unexpected(invalid(path, fmt::format("a symbolic link{}: remove it, or name the folder that it leads to",
                                                   allowed ? fmt::format(" that belongs to user {}", status.st_uid) : "")));
}

Descriptor open_folder(const fs::path& path) {
  return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

core::Result<void> make_folder(const fs::path& path) {
  const fs::path above = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code failure;
  fs::create_directories(above, failure);
  if (failure) return std::unexpected(unmakeable(path, failure.value()));
  if (::mkdir(path.c_str(), 0700) != 0) {
    if (errno == EEXIST) return {};
    return std::unexpected(unmakeable(path, errno));
  }
  const Descriptor parent = open_folder(above);
  // That it can't be synced does not make it less of a folder.
  if (parent.is_open()) ::fsync(parent.get());
  return {};
}

core::Result<void> check_privacy(const struct stat& status, const fs::path& path, Folder::Privacy privacy) {
  if (!S_ISREG(status.st_mode)) return std::unexpected(invalid(path, "this is no regular file"));
  if (privacy == Folder::Privacy::any) return {};
  if (status.st_uid != ::geteuid()) {
    return std::unexpected(
        invalid(path, fmt::format("belongs to user {}, and this process is user {}'s", status.st_uid, ::geteuid())));
  }
  const mode_t others = privacy == Folder::Privacy::secret ? 077 : 022;
  if ((status.st_mode & others) == 0) return {};
  return std::unexpected(
      invalid(path, fmt::format("others may {} it (mode {:04o})", privacy == Folder::Privacy::secret ? "read" : "change",
                                status.st_mode & 07777U)));
}

core::Result<std::vector<std::byte>> read_all(int file, std::size_t size, const fs::path& path) {
  std::vector<std::byte> bytes(size);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(io_error("read", path, errno));
    if (count == 0) break;  // It became shorter meanwhile.
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

bool write_all(int file, std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

core::Result<std::string> unused_name(std::string_view name) {
  std::array<std::byte, 8> random{};
  AIRSSYS_TRY(fill_random(random));
  return fmt::format(".{}.{:016x}.tmp", name, std::bit_cast<std::uint64_t>(random));
}

/// A temporary file, which is gone again unless it was renamed.
class TemporaryName {
 public:
  TemporaryName(int folder, std::string name) : folder_(folder), name_(std::move(name)) {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() {
    if (!renamed_) ::unlinkat(folder_, name_.c_str(), 0);
  }
  const std::string& name() const noexcept { return name_; }
  void renamed() noexcept { renamed_ = true; }

 private:
  int folder_;
  std::string name_;
  bool renamed_ = false;
};

bool synced(int file) {
  return ::fsync(file) == 0;
}

bool unsynced(int) {
  return true;
}

}  // namespace

core::Result<Folder> Folder::look_into(const fs::path& path) {
  Descriptor descriptor = open_folder(path);
  if (!descriptor.is_open()) return std::unexpected(io_error("open", path, errno));
  return Folder(path, std::move(descriptor));
}

core::Result<Folder> Folder::open(const fs::path& wanted, Missing missing, Links links) {
  // "data/" is "data": it is this that is made, and no link.
  const fs::path path = wanted.has_filename() || !wanted.has_relative_path() ? wanted : wanted.parent_path();
  AIRSSYS_TRY(check_link(path, links));
  auto folder = look_into(path);
  if (!folder && folder.error().code() == core::ErrorCode::not_found && missing == Missing::make) {
    AIRSSYS_TRY(make_folder(path));
    folder = look_into(path);
  }
  if (folder) AIRSSYS_TRY(folder->check_ours());
  return folder;
}

core::Result<void> Folder::check_ours() const {
  struct stat status{};
  if (::fstat(descriptor_.get(), &status) != 0) return std::unexpected(io_error("look at", path_, errno));
  if (status.st_uid != ::geteuid()) {
    return std::unexpected(
        invalid(path_, fmt::format("this folder belongs to user {}, and this process is user {}'s: name another "
                                   "folder, or `chown {}` it",
                                   status.st_uid, ::geteuid(), ::geteuid())));
  }
  if ((status.st_mode & 022) == 0) return {};
  return std::unexpected(invalid(path_, fmt::format("others may write in this folder (mode {:04o}), so nothing in it can be "
                                                    "trusted: see what is in it, then `chmod go-w` it",
                                                    status.st_mode & 07777U)));
}

core::Result<std::vector<std::byte>> Folder::read(std::string_view name, std::size_t bytes_max, Privacy privacy) const {
  const fs::path path = path_ / name;
  // O_NONBLOCK: a pipe that nobody writes to must not hold us before we have seen that it is one.
  const Descriptor file(
      ::openat(descriptor_.get(), std::string(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open() && errno == ELOOP) return std::unexpected(invalid(path, "this is a symbolic link"));
  if (!file.is_open()) return std::unexpected(io_error("open", path, errno));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return std::unexpected(io_error("look at", path, errno));
  AIRSSYS_TRY(check_privacy(status, path, privacy));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size <= bytes_max) return read_all(file.get(), size, path);
  return std::unexpected(
      error(core::ErrorCode::too_large, fmt::format("{}: {} bytes, at most {} are accepted", path.string(), size, bytes_max)));
}

core::Result<Descriptor> Folder::open_for_update(std::string_view name) const {
  const fs::path path = path_ / name;
  Descriptor file(::openat(descriptor_.get(), std::string(name).c_str(),
                           O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600));
  if (!file.is_open() && errno == ELOOP) return std::unexpected(invalid(path, "this is a symbolic link"));
  if (!file.is_open()) return std::unexpected(io_error("open", path, errno));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return std::unexpected(io_error("look at", path, errno));
  AIRSSYS_TRY(check_privacy(status, path, Privacy::ours));
  if (status.st_nlink > 1) return std::unexpected(invalid(path, "this file has other names, too"));
  return file;
}

core::Result<Descriptor> Folder::write_temporary(const std::string& name, Parts parts) const {
  Descriptor file(::openat(descriptor_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return std::unexpected(io_error("make", path_ / name, errno));
  for (const std::span<const std::byte> part : parts) {
    if (!write_all(file.get(), part)) return std::unexpected(io_error("write", path_ / name, errno));
  }
  return file;
}

core::Result<void> Folder::put(std::string_view name, Parts parts, bool (*sync)(int)) const {
  AIRSSYS_TRY(std::string unused, unused_name(name));
  TemporaryName temporary(descriptor_.get(), std::move(unused));
  {
    AIRSSYS_TRY(const Descriptor file, write_temporary(temporary.name(), parts));
    if (!sync(file.get())) return std::unexpected(io_error("sync", path_ / temporary.name(), errno));
  }
  if (::renameat(descriptor_.get(), temporary.name().c_str(), descriptor_.get(), std::string(name).c_str()) != 0) {
    return std::unexpected(io_error("replace", path_ / name, errno));
  }
  temporary.renamed();
  if (!sync(descriptor_.get())) return std::unexpected(io_error("sync", path_, errno));
  return {};
}

core::Result<void> Folder::replace(std::string_view name, Parts parts) const {
  return put(name, parts, synced);
}

core::Result<void> Folder::replace_unsynced(std::string_view name, Parts parts) const {
  return put(name, parts, unsynced);
}

core::Result<bool> Folder::create(std::string_view name, Parts parts) const {
  AIRSSYS_TRY(std::string unused, unused_name(name));
  const TemporaryName temporary(descriptor_.get(), std::move(unused));
  {
    AIRSSYS_TRY(const Descriptor file, write_temporary(temporary.name(), parts));
    if (!synced(file.get())) return std::unexpected(io_error("sync", path_ / temporary.name(), errno));
  }
  // link, unlike rename, refuses to replace: of several processes that begin at once, one wins.
  if (::linkat(descriptor_.get(), temporary.name().c_str(), descriptor_.get(), std::string(name).c_str(), 0) != 0) {
    if (errno == EEXIST) return false;
    return std::unexpected(io_error("make", path_ / name, errno));
  }
  if (!synced(descriptor_.get())) return std::unexpected(io_error("sync", path_, errno));
  return true;
}

void Folder::touch(std::string_view name) const noexcept try {
  ::utimensat(descriptor_.get(), std::string(name).c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
} catch (const std::exception&) {  // No memory for the name: it merely looks older than it is.
}

bool Folder::remove(std::string_view name) const noexcept try {
  return ::unlinkat(descriptor_.get(), std::string(name).c_str(), 0) == 0 || errno == ENOENT;
} catch (const std::exception&) {
  return false;
}

std::vector<Folder::Entry> Folder::files() const {
  std::vector<Entry> found;
  const int again = ::openat(descriptor_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const stream = again < 0 ? nullptr : ::fdopendir(again);
  if (stream == nullptr) {
    if (again >= 0) ::close(again);
    return found;
  }
  // Each stream has its own state: only one that threads share would be a danger.
  while (const dirent* entry = ::readdir(stream)) {  // NOLINT(concurrency-mt-unsafe)
    struct stat status{};
    if (::fstatat(descriptor_.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) continue;
    found.push_back({.name = entry->d_name,
                     .modified_ns = status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec,
                     .bytes = static_cast<std::uint64_t>(status.st_size)});
  }
  ::closedir(stream);
  return found;
}

}  // namespace airssys::os
