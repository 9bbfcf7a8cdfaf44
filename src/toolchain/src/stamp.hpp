#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace airssys::toolchain {

/// What a build was made from and what it made, kept beside its outputs: a line with the digest of everything that is not a
/// file (flags, compiler, kit, contract, the list of sources), then one line `digest path` for each file, in order.
///
/// A build is up to date if the settings are today's and every file still has its digest.
class Stamp {
 public:
  Stamp(std::string settings, std::vector<std::filesystem::path> files);

  /// With the digests of now. A file that can't be read makes a stamp that never matches.
  std::string to_string() const;
  /// Whether `stored` was written with these settings and all files that it names are unchanged.
  static bool matches(const std::string& stored, const std::string& settings);

 private:
  std::string settings_;
  std::vector<std::filesystem::path> files_;
};

/// The prerequisites in a make rule as `clang -MMD` writes it.
std::vector<std::filesystem::path> parse_dependencies(const std::string& rule);

}  // namespace airssys::toolchain
