#pragma once

namespace airssys::core {

/// Names the turn in hand. The actor layer makes it, runtime passes it through unread, and the ports get it back.
/// Valid until the guest's export returns.
struct TurnToken {
  void* turn = nullptr;
};

}  // namespace airssys::core
