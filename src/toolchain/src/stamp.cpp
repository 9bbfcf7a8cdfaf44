#include "stamp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "files.hpp"

namespace airssys::toolchain {

namespace {

constexpr const char* kUnreadable = "unreadable";

std::string digest_of(const std::filesystem::path& file) {
  const auto content = read_file(file);
  return content ? Digest().add(*content).hex() : kUnreadable;
}

}  // namespace

Stamp::Stamp(std::string settings, std::vector<std::filesystem::path> files)
    : settings_(std::move(settings)), files_(std::move(files)) {
  std::ranges::sort(files_);
  const auto repeated = std::ranges::unique(files_);
  files_.erase(repeated.begin(), repeated.end());
}

std::string Stamp::to_string() const {
  std::string text = settings_ + '\n';
  for (const auto& file : files_) text += fmt::format("{} {}\n", digest_of(file), file.string());
  return text;
}

bool Stamp::matches(const std::string& stored, const std::string& settings) {
  std::istringstream lines(stored);
  std::string line;
  if (!std::getline(lines, line) || line != settings) return false;
  while (std::getline(lines, line)) {
    const std::size_t space = line.find(' ');
    if (space == line.npos) return false;
    const std::string digest = line.substr(0, space);
    if (digest == kUnreadable || digest_of(line.substr(space + 1)) != digest) return false;
  }
  return true;
}

std::vector<std::filesystem::path> parse_dependencies(const std::string& rule) {
  std::vector<std::filesystem::path> files;
  std::string name;
  const auto end_name = [&] {
    if (!name.empty() && !name.ends_with(':')) files.emplace_back(name);
    name.clear();
  };
  for (std::size_t i = 0; i < rule.size(); ++i) {
    const char next = i + 1 < rule.size() ? rule[i + 1] : '\0';
    if (rule[i] == '\\' && next == '\n') {
      ++i;
      end_name();
    } else if ((rule[i] == '\\' && (next == ' ' || next == '#')) || (rule[i] == '$' && next == '$')) {
      name.push_back(rule[++i]);
    } else if (rule[i] == ' ' || rule[i] == '\n') {
      end_name();
    } else {
      name.push_back(rule[i]);
    }
  }
  end_name();
  return files;
}

}  // namespace airssys::toolchain
