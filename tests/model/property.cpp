#include "property.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "airssys/core/assert.hpp"
#include "reference.hpp"

namespace airssys::model {
namespace {

const Case* in_hand = nullptr;

/// An assertion of the system ends the process: then this is all that says which case it was.
void name_the_case(const char* expression, const std::source_location& where) noexcept {
  std::fprintf(stderr, "%s:%u: assertion failed: %s\n", where.file_name(), static_cast<unsigned>(where.line()), expression);
  if (in_hand != nullptr) std::fprintf(stderr, "AIRSSYS_MODEL_CASE=%s\n", in_hand->text().c_str());
}

/// What the environment says, else what the test says.
rc::detail::TestParams parameters_for(const Runs& runs) {
  static const std::string given = std::getenv("RC_PARAMS") == nullptr ? "" : std::getenv("RC_PARAMS");
  rc::detail::Configuration defaults;
  defaults.testParams.seed = runs.seed;
  defaults.testParams.maxSuccess = runs.cases;
  const rc::detail::Configuration configuration = rc::detail::configFromString(given, defaults);
  // RapidCheck reads and prints it once, by itself.
  ::setenv("RC_PARAMS", rc::detail::configToMinimalString(configuration).c_str(), 1);
  return configuration.testParams;
}

}  // namespace

std::map<std::string, std::uint64_t>& seen() {
  static std::map<std::string, std::uint64_t> counts;
  return counts;
}

std::vector<std::string> wrongs_of(const Case& played, const MakeWorld& make_world, bool by_hand) {
  in_hand = &played;
  core::set_assertion_handler(name_the_case);
  const std::unique_ptr<World> world = make_world(played);
  const Recording recording = perform(played, *world);
  Reference reference(played, by_hand);
  std::vector<std::string> wrongs = reference.judge(recording);
  for (const auto& [what, times] : reference.seen()) seen()[what] += times;
  in_hand = nullptr;
  if (!wrongs.empty() && std::getenv("AIRSSYS_MODEL_JOURNAL") != nullptr) {
    for (const Journal::Entry& entry : recording.journal) {
      std::fprintf(stderr, "%s %s\n", entry.source.c_str(), entry.text.c_str());
    }
  }
  return wrongs;
}

std::string in_lines(const std::vector<std::string>& wrongs) {
  std::string text;
  for (const std::string& wrong : wrongs) text += wrong + "\n";
  return text;
}

bool hold(const Runs& runs, const MakeWorld& make_world) {
  if (const char* given = std::getenv("AIRSSYS_MODEL_CASE")) {
    const auto replayed = Case::from_text(given);
    if (!replayed) return false;
    std::ostringstream shown;
    shown << *replayed << in_lines(wrongs_of(*replayed, make_world, runs.by_hand));
    std::fprintf(stderr, "%s", shown.str().c_str());
    return wrongs_of(*replayed, make_world, runs.by_hand).empty();
  }
  const auto keeps_its_promises = [&] {
    const Case drawn = *cases(runs.draw);
    const std::vector<std::string> wrongs = wrongs_of(drawn, make_world, runs.by_hand);
    if (!wrongs.empty()) RC_FAIL(in_lines(wrongs));
  };
  const rc::detail::TestMetadata metadata{.id = runs.name, .description = runs.name};
  const auto result = rc::detail::checkTestable(keeps_its_promises, metadata, parameters_for(runs));
  if (std::getenv("AIRSSYS_MODEL_SEEN") != nullptr) {
    for (const auto& [what, times] : seen())
      std::fprintf(stderr, "%10lu  %s\n", static_cast<unsigned long>(times), what.c_str());
  }
  if (result.is<rc::detail::SuccessResult>()) return true;
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  std::fprintf(stderr, "%s\n", text.str().c_str());
  return false;
}

}  // namespace airssys::model
