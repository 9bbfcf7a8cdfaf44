#include "peers.hpp"

#include "stage.hpp"

namespace airssys::bench {

std::vector<std::pair<std::string, std::vector<std::string>>> peer_commands(const std::filesystem::path& folder,
                                                                            std::string_view row, std::uint64_t count) {
  std::vector<std::pair<std::string, std::vector<std::string>>> commands;
  if (folder.empty()) return commands;
  for (const char* peer : {"caf", "erlang"}) {
    commands.emplace_back(
        peer, std::vector{(folder / peer).string(), std::string(row), std::to_string(count), std::to_string(Stage::kWorkers)});
  }
  return commands;
}

}  // namespace airssys::bench
