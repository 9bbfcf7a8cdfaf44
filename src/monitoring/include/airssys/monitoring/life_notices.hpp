#pragma once

#include <functional>
#include <string_view>

#include "airssys/actor/observer.hpp"

namespace airssys::monitoring {

/// Tells people of actors' lives, one line per crash:
///
///   demo/trapper/1 trapped: unreachable in boom at trapper.cpp:12; restart 1 of 5 within 60 s (airssys crash show 3)
class LifeNotices final : public actor::ActorEvents {
 public:
  /// Gets a line without its end, and the address of whom it is about. Called on workers, several at once; must not throw or
  /// block for long.
  using Print = std::function<void(std::string_view line, std::string_view about)>;
  explicit LifeNotices(Print print) : print_(std::move(print)) {}

  void crashed(const actor::ActorCell& actor, const actor::CrashReport& report) noexcept override;
  void restarted(const actor::ActorCell&) noexcept override {}
  void stopped(const actor::ActorCell&, std::string_view) noexcept override {}

 private:
  Print print_;
};

}  // namespace airssys::monitoring
