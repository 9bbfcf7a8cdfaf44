#include "airssys/core/plural.hpp"

#include <fmt/format.h>

namespace airssys::core {

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
  if (count == 1) return fmt::format("1 {}", one);
  if (many.empty()) return fmt::format("{} {}s", count, one);
  return fmt::format("{} {}", count, many);
}

}  // namespace airssys::core
