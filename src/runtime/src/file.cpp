#include "file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "bridge_values.hpp"

namespace airssys::runtime {

namespace {

namespace fs = std::filesystem;

core::Result<core::Bytes> regular_size(const Descriptor& file, const fs::path& path) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return std::unexpected(io_error("look at", path));
  if (S_ISREG(status.st_mode)) return static_cast<core::Bytes>(status.st_size);
  const std::string_view what = S_ISDIR(status.st_mode) ? "a folder" : "not a regular file";
  return std::unexpected(
      runtime_error(core::ErrorCode::invalid, fmt::format("{}: this is {}, expected a file", path.string(), what)));
}

core::Result<void> read_all(const Descriptor& file, const fs::path& path, std::vector<std::byte>& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(io_error("read", path));
    if (count == 0) break;  // it became shorter meanwhile
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return {};
}

}  // namespace

core::Error os_error(std::string_view what, int number) {
  return runtime_error(core::ErrorCode::io, fmt::format("{}: {}", what, std::generic_category().message(number)));
}

bool write_all(int descriptor, std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

core::Error io_error(std::string_view verb, const fs::path& file) {
  const int error = errno;
  const auto code = error == ENOENT || error == ENOTDIR ? core::ErrorCode::not_found : core::ErrorCode::io;
  return runtime_error(code, fmt::format("{}: can't {} it: {}", file.string(), verb, std::generic_category().message(error)));
}

core::Result<OpenFile> open_file(const fs::path& path) {
  // O_NONBLOCK: a pipe nobody writes to must not hold us before we have seen that it is one.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) return std::unexpected(io_error("open", path));
  AIRSSYS_TRY(const core::Bytes size, regular_size(file, path));
  return OpenFile{.descriptor = std::move(file), .size = size};
}

bool read_at(const Descriptor& file, core::Bytes offset, std::span<std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t count = ::pread(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<core::Bytes>(count);
  }
  return true;
}

core::Result<std::vector<std::byte>> read_file(const fs::path& path, core::Bytes max_bytes) {
  AIRSSYS_TRY(const OpenFile file, open_file(path));
  if (file.size > max_bytes) {
    return std::unexpected(runtime_error(
        core::ErrorCode::too_large, fmt::format("{}: {} bytes, at most {} are accepted", path.string(), file.size, max_bytes)));
  }
  std::vector<std::byte> bytes(file.size);
  AIRSSYS_TRY(read_all(file.descriptor, path, bytes));
  return bytes;
}

}  // namespace airssys::runtime
