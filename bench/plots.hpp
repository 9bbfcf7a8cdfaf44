#pragma once

#include <filesystem>

#include "world.hpp"

namespace airssys::bench {

/// Draws into `folder` what a hop of 64 bytes costs over the number of actors, the size of the body, the number of workers, how
/// many actors one message goes to, and how many messages wait at once. Minutes.
core::Result<void> plot_all(World& world, const std::filesystem::path& folder);

}  // namespace airssys::bench
