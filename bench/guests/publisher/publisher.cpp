// Publishes each message's body on the configured topic.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Publisher {
  std::string topic = config_or("topic", "");

  Result<Response> handle_message(const Message& message) {
    AIRSSYS_TRY(publish(topic, body(message.codec(), message.text())));
    return done();
  }
};
AIRSSYS_ACTOR(Publisher)
