#include "files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace airssys::toolchain {

namespace {

std::unexpected<core::Error> io_error(std::string_view what, const std::filesystem::path& path, const std::error_code& why) {
  return std::unexpected(
      core::Error(core::ErrorCode::io, "toolchain", fmt::format("{} {}: {}", what, path.string(), why.message())));
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t size = ::write(descriptor, content.data(), content.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

core::Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const std::error_code why = last_error();
    if (why.value() != ENOENT) return io_error("cannot read", path, why);
    return std::unexpected(
        core::Error(core::ErrorCode::not_found, "toolchain", fmt::format("{}: no such file", path.string())));
  }
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return io_error("cannot read", path, last_error());
  return content;
}

core::Result<void> write_file(const std::filesystem::path& path, std::string_view content) {
  AIRSSYS_TRY(make_folder(path.parent_path()));
  std::string temporary = path.string() + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return io_error("cannot write beside", path, last_error());
  bool done = write_all(descriptor, content) && ::fchmod(descriptor, 0644) == 0;
  std::error_code why = last_error();
  ::close(descriptor);
  if (done && ::rename(temporary.c_str(), path.c_str()) != 0) {
    done = false;
    why = last_error();
  }
  if (done) return {};
  ::unlink(temporary.c_str());
  return io_error("cannot write", path, why);
}

core::Result<void> make_folder(const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) return io_error("cannot make the folder", path, failure);
  return {};
}

Digest& Digest::add(std::string_view text) noexcept {
  const auto mix = [this](std::uint8_t byte) {
    value_ ^= byte;
    value_ *= 1099511628211ull;
  };
  for (const char c : text) mix(static_cast<std::uint8_t>(c));
  for (std::size_t i = 0; i < sizeof(std::size_t); ++i) mix(static_cast<std::uint8_t>(text.size() >> (8 * i)));
  return *this;
}

std::string Digest::hex() const {
  return fmt::format("{:016x}", value_);
}

core::Result<TemporaryFolder> TemporaryFolder::make_in(const std::filesystem::path& parent) {
  AIRSSYS_TRY(make_folder(parent));
  std::string path = (parent / "tmp.XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) return io_error("cannot make a folder in", parent, last_error());
  return TemporaryFolder(path);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace airssys::toolchain
