#include "read_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "document.hpp"

namespace airssys::config {
namespace {

Problems unreadable(const std::filesystem::path& path, std::string_view why) {
  return {problem_at({path.string(), 0, 0}, fmt::format("cannot be read: {}", why))};
}

std::string words_of(int error) {
  return std::error_code(error, std::generic_category()).message();
}

}  // namespace

Loaded<std::string> read_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return std::unexpected(unreadable(path, "it is a folder"));
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::unexpected(unreadable(path, words_of(errno == 0 ? EIO : errno)));
  std::string text(kMaxFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return std::unexpected(unreadable(path, words_of(EIO)));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

}  // namespace airssys::config
