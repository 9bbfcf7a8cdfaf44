#pragma once

#include <string_view>

namespace airssys::toolchain {

/// The contract between guests and host, the text of wit/airssys.wit as it was when this program was built. Static storage.
std::string_view contract_wit() noexcept;

}  // namespace airssys::toolchain
