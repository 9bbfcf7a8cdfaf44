#pragma once

#include <cstddef>

#include "airssys/actor/envelope.hpp"

namespace airssys::actor {

class VolatileSink;

/// Does what an effect is about that is not for one mailbox. Implemented by messaging.
class Expander {
 public:
  virtual ~Expander() = default;
  /// An event: a copy for each subscriber, handed to `sink` one by one. A change of subscriptions. Returns how many messages
  /// left. Leaves `effect` where it is if that is more than a slice.
  virtual std::size_t expand(EnvelopePtr& effect, VolatileSink& sink) = 0;
};

}  // namespace airssys::actor
