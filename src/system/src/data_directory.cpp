#include "data_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace airssys::system {
namespace {

core::Error io_error(std::string_view doing, const std::filesystem::path& path, int code) {
  return {core::ErrorCode::io, "system", fmt::format("{} {}: {}", doing, path.string(), std::generic_category().message(code))};
}

std::string holder_of(int lock) {
  std::array<char, 32> text{};
  const ssize_t size = pread(lock, text.data(), text.size() - 1, 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "unknown";
}

core::Result<void> write_durably(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path fresh = path.string() + ".new";
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return std::unexpected(io_error("can't write", fresh, errno));
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  const int code = errno;
  close(file);
  if (!written) return std::unexpected(io_error("can't write", fresh, code));
  if (rename(fresh.c_str(), path.c_str()) != 0) return std::unexpected(io_error("can't replace", path, errno));
  return {};
}

bool is_system_id(std::string_view text) noexcept {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string draw_system_id(core::RandomPort& random) {
  const std::uint64_t high = random.next_u64();
  return fmt::format("{:016x}{:016x}", high, random.next_u64());
}

core::Result<DataDirectory> DataDirectory::open(const std::filesystem::path& path, core::RandomPort& random) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) return std::unexpected(io_error("can't make the data directory", path, failure.value()));
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, failure);
  const std::filesystem::path lock_path = path / "lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return std::unexpected(io_error("can't open", lock_path, errno));
  DataDirectory directory(path, lock);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return std::unexpected(
        core::Error(core::ErrorCode::unavailable, "system",
                    fmt::format("the data directory {} is in use by process {}: stop it, or give this system another `data`",
                                path.string(), holder_of(lock))));
  }
  const std::string holder = std::to_string(getpid());
  if (ftruncate(lock, 0) != 0 || pwrite(lock, holder.data(), holder.size(), 0) < 0) {
    return std::unexpected(io_error("can't write", lock_path, errno));
  }
  AIRSSYS_TRY(directory.read_identity(random));
  return directory;
}

core::Result<void> DataDirectory::read_identity(core::RandomPort& random) {
  const std::filesystem::path path = path_ / "identity";
  std::error_code failure;
  const bool exists = std::filesystem::exists(path, failure);
  if (exists) {
    std::ifstream file(path);
    if (!(file >> system_id_ >> starts_) || !is_system_id(system_id_)) {
      // Starting over would hand out message ids a second time.
      return std::unexpected(
          core::Error(core::ErrorCode::io, "system",
                      fmt::format("{} is damaged: restore it, or move the whole data directory away", path.string())));
    }
  } else {
    system_id_ = draw_system_id(random);
  }
  return reserve_message_ids();
}

core::Result<void> DataDirectory::reserve_message_ids() {
  AIRSSYS_TRY(write_durably(path_ / "identity", fmt::format("{}\n{}\n", system_id_, starts_ + 1)));
  ++starts_;
  return {};
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      system_id_(std::move(other.system_id_)),
      starts_(other.starts_) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace airssys::system
