#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "airssys/core/address.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/restart_policy.hpp"

namespace airssys::core {

/// Settings of an actor, by name, as a guest reads them through the import `config`.
using ConfigValues = std::map<std::string, std::string, std::less<>>;

/// What every actor is told when it is made, whatever runs in it: who it is, what it may use, what becomes of it when it dies.
/// It is written once, by whoever wants the actor (a system file, an embedding program, a test), and handed down as it is: a
/// layer between adds what it knows beside it (the component, the factory), and changes none of its members but those that
/// nobody has named. Whoever makes the actor without a system around it takes the defaults of the product. A value.
///
///     {.address = "shop/counter/1"_address, .limits = Limits{.memory = 4_MiB}}
struct ActorSpec {
  Address address;
  std::optional<Limits> limits{};  ///< None: those that its system has for all.
  ConfigValues config{};
  std::optional<RestartPolicy> restart{};  ///< None: the one that its system has for all.
  std::string supervisor{};                ///< Its name. Empty: the root.

  friend bool operator==(const ActorSpec&, const ActorSpec&) noexcept = default;
};

}  // namespace airssys::core
