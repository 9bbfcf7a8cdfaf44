#include "simulated_world.hpp"

#include <string>

namespace airssys::simulation {

std::uint64_t SimulatedRandom::next_u64() noexcept {
  // SplitMix64 (Steele, Lea, Flood 2014).
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

void KeptLog::write(std::string_view source, core::LogLevel level, std::string_view text,
                    std::span<const core::LogField> fields) noexcept {
  std::string line = std::string(source) + " " + std::string(core::name_of(level)) + " " + std::string(text);
  for (const core::LogField& field : fields) line += " " + std::string(field.key) + "=" + std::string(field.value);
  lines_.push_back(std::move(line));
}

}  // namespace airssys::simulation
