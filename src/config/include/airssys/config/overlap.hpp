#pragma once

#include "airssys/core/address.hpp"
#include "airssys/security/topic.hpp"

namespace airssys::config {

/// Whether there is an address that both patterns match. Any thread.
bool overlap(const core::AddressPattern& left, const core::AddressPattern& right) noexcept;
/// Whether there is a topic that both patterns match. Any thread.
bool overlap(const security::TopicPattern& left, const security::TopicPattern& right) noexcept;

}  // namespace airssys::config
