#include "connection.hpp"

#include <utility>

#include "airssys/control/control_server.hpp"
#include "place.hpp"

namespace airssys::cli {

std::expected<std::unique_ptr<control::ControlClient>, ExitCode> connect(const Place& place, Console& console) {
  const auto data = find_data(place, console);
  if (!data) return std::unexpected(data.error());
  auto client = control::ControlClient::connect(*data / control::kSocketName, place.patience);
  if (client) return std::move(*client);
  const bool foreign = client.error().code() == core::ErrorCode::denied;
  return std::unexpected(console.fail(foreign ? ExitCode::authentication : ExitCode::network, client.error()));
}

}  // namespace airssys::cli
