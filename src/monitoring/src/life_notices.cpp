#include "airssys/monitoring/life_notices.hpp"

#include <fmt/format.h>

#include "airssys/monitoring/crash_store.hpp"

namespace airssys::monitoring {

void LifeNotices::crashed(const actor::ActorCell&, const actor::CrashReport& report) noexcept {
  std::string line = fmt::format("{} {}; {}", report.address, summary(report), escaped(report.decision));
  if (!report.id.empty()) line += fmt::format(" (airssys crash show {})", report.id);
  print_(line, report.address);
}

}  // namespace airssys::monitoring
