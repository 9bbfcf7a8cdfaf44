#include "airssys/core/error.hpp"

#include <ostream>

namespace airssys::core {

std::string_view name_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::denied:
      return "denied";
    case ErrorCode::not_found:
      return "not-found";
    case ErrorCode::already_exists:
      return "already-exists";
    case ErrorCode::mailbox_full:
      return "mailbox-full";
    case ErrorCode::too_large:
      return "too-large";
    case ErrorCode::codec_not_accepted:
      return "codec-not-accepted";
    case ErrorCode::rate_limited:
      return "rate-limited";
    case ErrorCode::deadline_passed:
      return "deadline-passed";
    case ErrorCode::limit_reached:
      return "limit-reached";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::target_gone:
      return "target-gone";
    case ErrorCode::interrupted:
      return "interrupted";
    case ErrorCode::reply_refused:
      return "reply-refused";
    case ErrorCode::rejected:
      return "rejected";
    case ErrorCode::busy:
      return "busy";
    case ErrorCode::internal:
      return "internal";
    case ErrorCode::trapped:
      return "trapped";
    case ErrorCode::incompatible:
      return "incompatible";
    case ErrorCode::resources:
      return "resources";
    case ErrorCode::io:
      return "io";
  }
  return "unknown";
}

Error::Error(ErrorCode code, std::string_view layer, std::string message)
    : code_(code), layer_(layer), message_(std::move(message)) {}

Error::Error(ErrorCode code, std::string_view layer, std::string message, Error cause)
    : code_(code), layer_(layer), message_(std::move(message)), cause_(std::make_shared<const Error>(std::move(cause))) {}

std::string Error::to_string() const {
  std::string text = message_;
  for (const Error* next = cause(); next != nullptr; next = next->cause()) {
    text += ": ";
    text += next->message();
  }
  return text;
}

std::ostream& operator<<(std::ostream& out, const Error& error) {
  return out << name_of(error.code()) << ": " << error.to_string();
}

}  // namespace airssys::core
