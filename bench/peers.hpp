#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace airssys::bench {

/// How each peer in `folder`, where bench/peers/build has put them, is started as a `Child` for the work of a row. No folder,
/// no peers.
std::vector<std::pair<std::string, std::vector<std::string>>> peer_commands(const std::filesystem::path& folder,
                                                                            std::string_view row, std::uint64_t count);

}  // namespace airssys::bench
