#include "data_directory.hpp"

#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <sstream>
#include <string_view>
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

core::Error unusable(std::string_view remedy, const core::Error& why) {
  const auto code = why.code() == core::ErrorCode::invalid ? core::ErrorCode::invalid : core::ErrorCode::io;
  return {code, "system", fmt::format("the data directory can't be used: {}{}", why.message(), remedy)};
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
  auto folder = os::Folder::open(path, os::Folder::Missing::make, os::Folder::Links::ours);
  if (!folder) return std::unexpected(unusable("", folder.error()));
  auto lock = folder->open_for_update("lock");
  if (!lock)
    return std::unexpected(unusable(lock.error().code() == core::ErrorCode::invalid ? "; remove it" : "", lock.error()));
  if (flock(lock->get(), LOCK_EX | LOCK_NB) != 0) {
    return std::unexpected(
        core::Error(core::ErrorCode::unavailable, "system",
                    fmt::format("the data directory {} is in use by process {}: stop it, or give this system another `data`",
                                path.string(), holder_of(lock->get()))));
  }
  const std::string holder = std::to_string(getpid());
  if (ftruncate(lock->get(), 0) != 0 || pwrite(lock->get(), holder.data(), holder.size(), 0) < 0) {
    return std::unexpected(io_error("can't write", path / "lock", errno));
  }
  DataDirectory directory(std::move(*folder), std::move(*lock));
  AIRSSYS_TRY(directory.read_identity(random));
  return directory;
}

core::Result<void> DataDirectory::read_identity(core::RandomPort& random) {
  constexpr std::size_t kMostBytes = 4096;
  // Starting over would hand out message ids a second time.
  constexpr std::string_view kRemedy = ": restore it, or move the whole data directory away";
  const auto content = folder_.read("identity", kMostBytes, os::Folder::Privacy::ours);
  if (content) {
    std::istringstream text(std::string(reinterpret_cast<const char*>(content->data()), content->size()));
    if (!(text >> system_id_ >> starts_) || !is_system_id(system_id_)) {
      return std::unexpected(
          core::Error(core::ErrorCode::io, "system", fmt::format("{} is damaged{}", (path() / "identity").string(), kRemedy)));
    }
  } else if (content.error().code() == core::ErrorCode::not_found) {
    system_id_ = draw_system_id(random);
  } else {
    return std::unexpected(unusable(kRemedy, content.error()));
  }
  return reserve_message_ids();
}

core::Result<void> DataDirectory::reserve_message_ids() {
  const std::string text = fmt::format("{}\n{}\n", system_id_, starts_ + 1);
  const std::array parts{std::as_bytes(std::span(text))};
  if (const auto written = folder_.replace("identity", parts); !written) return std::unexpected(unusable("", written.error()));
  ++starts_;
  return {};
}

}  // namespace airssys::system
