#pragma once

#include <expected>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace airssys::core {

/// What went wrong, as a closed list. Each code says what the caller should do.
enum class ErrorCode {
  invalid,             ///< Malformed input: mend it; trying again can't help.
  denied,              ///< No grant covers it: ask the owner of the system file.
  not_found,           ///< No such actor, file or key: check the name.
  already_exists,      ///< The name is taken: choose another or remove the old one.
  mailbox_full,        ///< The target has no room: try later, or slow down.
  too_large,           ///< Beyond a limit on size: send less, or raise the limit.
  codec_not_accepted,  ///< The target does not take this codec: encode otherwise.
  rate_limited,        ///< Faster than the grant allows: slow down.
  deadline_passed,     ///< Too late: nothing was sent.
  limit_reached,       ///< One of the actor's own limits: finish something first, or raise it.
  unavailable,         ///< Not served here or not now: the message says which.
  timeout,             ///< No answer in time: whether the target acted is unknown.
  target_gone,         ///< The target stopped for good: whether it acted is unknown.
  interrupted,         ///< The target restarted with the request in its hands: whether it acted is unknown.
  reply_refused,       ///< The reply did not fit the requester's budget: the target acted.
  rejected,            ///< Understood and refused by the actor: its own rules say no.
  busy,                ///< Not now: the same turn may succeed later.
  internal,            ///< The component, or airssys itself, is at fault: see the crash report.
  trapped,             ///< The guest trapped: see the crash report.
  incompatible,        ///< Made for another version: build or compile it again.
  resources,           ///< The host has no room: stop something, or give it more.
  io,                  ///< The operating system said no: the message has its words.
};

/// The code's name as users see it, e.g. "mailbox-full". Static storage.
std::string_view name_of(ErrorCode code) noexcept;

/// An outcome that is not a success: code, the layer that saw it, a sentence with the offending value, perhaps a cause.
/// A value; copies share the cause.
class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string_view layer, std::string message);
  Error(ErrorCode code, std::string_view layer, std::string message, Error cause);

  ErrorCode code() const noexcept { return code_; }
  /// Static storage: pass a literal to the constructor.
  std::string_view layer() const noexcept { return layer_; }
  const std::string& message() const noexcept { return message_; }
  /// Null if there is none.
  const Error* cause() const noexcept { return cause_.get(); }
  /// One line: the message, then each cause after ": ".
  std::string to_string() const;

  friend bool operator==(const Error& left, const Error& right) noexcept {
    return left.code_ == right.code_ && left.message_ == right.message_;
  }

 private:
  ErrorCode code_;
  std::string_view layer_;
  std::string message_;
  std::shared_ptr<const Error> cause_;
};

std::ostream& operator<<(std::ostream& out, const Error& error);

template <typename T>
using Result = std::expected<T, Error>;

}  // namespace airssys::core

#define AIRSSYS_CONCAT_INNER(a, b) a##b
#define AIRSSYS_CONCAT(a, b) AIRSSYS_CONCAT_INNER(a, b)
#define AIRSSYS_TRY_VOID(expression)                                                \
  do {                                                                              \
    auto airssys_result = (expression);                                             \
    if (!airssys_result) return std::unexpected(std::move(airssys_result).error()); \
  } while (false)
#define AIRSSYS_TRY_VALUE(declaration, expression, name)        \
  auto name = (expression);                                     \
  if (!(name)) return std::unexpected(std::move(name).error()); \
  declaration = std::move(*(name))
#define AIRSSYS_TRY_SELECT(first, second, chosen, ...) chosen
#define AIRSSYS_TRY_ONE(expression) AIRSSYS_TRY_VOID(expression)
#define AIRSSYS_TRY_TWO(declaration, expression) \
  AIRSSYS_TRY_VALUE(declaration, expression, AIRSSYS_CONCAT(airssys_result_, __COUNTER__))
/// `AIRSSYS_TRY(expression)` or `AIRSSYS_TRY(declaration, expression)`: returns the error of a failed `Result` from the
/// function, else goes on with its value.
#define AIRSSYS_TRY(...) AIRSSYS_TRY_SELECT(__VA_ARGS__, AIRSSYS_TRY_TWO, AIRSSYS_TRY_ONE, )(__VA_ARGS__)
