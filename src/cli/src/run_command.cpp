#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "airssys/control/control_server.hpp"
#include "airssys/core/address.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/plural.hpp"
#include "airssys/monitoring/life_notices.hpp"
#include "airssys/system/compile_child.hpp"
#include "airssys/system/deployment.hpp"
#include "airssys/system/host_room.hpp"
#include "airssys/system/operator_desk.hpp"
#include "airssys/system/running_gateways.hpp"
#include "checking.hpp"
#include "console_log.hpp"
#include "place.hpp"
#include "reply.hpp"
#include "stop_signals.hpp"

namespace airssys::cli {
namespace {

/// How long a wait for the reader of what is on its way out lasts before the signals are looked at.
constexpr std::chrono::milliseconds kLook{20};
/// At the end, of targets with their reasons.
constexpr std::size_t kBuriedShown = 10;

/// What guests have for their last turns when the time for draining is over.
constexpr std::chrono::seconds kLastTurns{1};

using Clock = std::chrono::steady_clock;

/// A system that runs, from its start to its end. Members are destroyed from the last to the first: whoever calls the system
/// before the system.
class Run {
 public:
  Run(const RunArguments& arguments, Console& console)
      : arguments_(arguments),
        console_(console),
        log_(console),
        notices_([&console](std::string_view line, std::string_view about) { console.note(line, about); }) {}

  ExitCode all() {
    auto file = load(arguments_.place);
    if (!file) return fail_with(ExitCode::configuration, file.error(), console_);
    if (arguments_.final_request.size() == 2) {
      auto address = core::Address::parse(arguments_.final_request[0]);
      if (!address) return console_.fail(ExitCode::usage, "usage", address.error().to_string());
    }
    console_.wait_for_nobody();
    if (const auto failed = start_system(std::move(*file))) return *failed;
    StopSignals signals;
    if (auto opened = open(signals); !opened) return console_.fail(ExitCode::general, opened.error());
    announce();
    wait_for_end(signals);
    const ExitCode code = final_request(signals);
    return end(signals, code);
  }

 private:
  std::optional<ExitCode> start_system(config::SystemFile file) {
    system::SystemOptions options = system::compiling_in_children(system::options_of(file));
    options.workers = arguments_.workers;
    options.log = &log_;
    options.events = &notices_;
    auto started = system::System::start(std::move(options));
    if (!started) return console_.fail(ExitCode::general, started.error());
    system_ = std::move(*started);
    checked_ = system::check(*system_, std::move(file));
    if (!checked_.report.ok()) {
      const ExitCode code = fail_check(checked_.report, console_);
      if (!console_.json()) console_.complain("airssys: nothing was started");
      return code;
    }
    if (const auto fits = system::check_room(system::HostNeed::of(checked_.plan), system::HostRoom::now()); !fits) {
      return console_.fail(ExitCode::general, fits.error());
    }
    for (const std::string& warning : checked_.report.warnings) console_.note("warning: " + warning);
    return std::nullopt;
  }

  core::Result<void> open(StopSignals& signals) {
    const auto nudge = [&signals] { signals.nudge(); };
    // Who has asked for an end at idleness waits for no operator.
    const auto patience = arguments_.until_idle ? std::chrono::milliseconds(0) : system::GatewayOptions{.log = log_}.patience;
    AIRSSYS_TRY(gateways_,
                system::deploy(*system_, checked_.plan,
                               {.log = log_, .output = console_.output(), .patience = patience, .on_finished = nudge}));
    desk_ = std::make_unique<system::SystemDesk>(*system_, [&signals] { signals.raise(); });
    if (!system_->data().empty()) {
      AIRSSYS_TRY(control_, control::ControlServer::start(system_->data() / control::kSocketName, *desk_));
    }
    AIRSSYS_TRY(gateways_->open_sources());
    if (arguments_.until_idle) system_->when_at_rest(nudge);
    return {};
  }

  void announce() {
    const std::size_t actors = checked_.plan.actors.size();
    const unsigned workers = arguments_.workers != 0 ? arguments_.workers : std::max(1U, std::thread::hardware_concurrency());
    console_.note(fmt::format("{} is running: {}, {}; see `airssys list{}`", system_->name(), core::plural(actors, "actor"),
                              core::plural(workers, "worker"), flags_of(arguments_.place)));
  }

  void wait_for_end(StopSignals& signals) {
    while (!nothing_left(signals) && signals.wait() == 0) {
    }
  }

  bool nothing_left(StopSignals& signals) {
    // The sources first: what they have brought is there when the actors are looked at, and nothing comes after it.
    if (!arguments_.until_idle || !gateways_->sources_have_ended() || !system_->done()) return false;
    // Who writes the output tells nobody when it has gone.
    while (!gateways_->flush_output(kLook)) {
      if (signals.wait({}) != 0) return true;
    }
    return true;
  }

  ExitCode final_request(StopSignals& signals) {
    if (arguments_.final_request.empty() || signals.wait({}) != 0) return ExitCode::ok;
    const auto data = read_data(arguments_.final_request[1], console_);
    if (!data) return data.error();
    const auto address = core::Address::parse(arguments_.final_request[0]);
    asking_.emplace([this, &signals, to = *address, payload = core::raw(*data)] {
      answer_ = desk_->request(to, payload, arguments_.timeout);
      answered_ = true;
      signals.nudge();
    });
    while (!answered_ && signals.wait() == 0) {
    }
    return answered_ ? finish_request(signals) : ExitCode::ok;
  }

  /// It has an answer, or is about to, since the system has ended.
  ExitCode finish_request(StopSignals& signals) {
    asking_.reset();
    const control::RequestResult& result = answer_;
    has_said_result_ = true;
    if (!result.reply) return console_.fail_request(result.reply.error(), result.id);
    print_reply(*result.reply, result.id, console_);
    while (!console_.flush_results(kLook)) {
      if (signals.wait({}) != 0) break;
    }
    return ExitCode::ok;
  }

  /// A second signal, or the end of the time, cuts it short: false.
  template <typename Holds>
  static bool wait_until(const Holds& holds, StopSignals& signals, Clock::time_point until) {
    while (!holds()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      if (left.count() <= 0 || signals.wait(left) >= 2) return false;
    }
    return true;
  }

  /// Lets actors finish.
  bool drain(StopSignals& signals, Clock::time_point until) {
    system_->begin_end();
    system_->when_at_rest([&signals] { signals.nudge(); });
    return wait_until([this] { return system_->drained(); }, signals, until);
  }

  /// Guests end before what takes their output, so that it takes that of their last turns, too.
  bool end_guests(StopSignals& signals, Clock::time_point until) {
    system_->order_stop_of_guests();
    return wait_until([this] { return system_->guests_have_ended(); }, signals, std::max(until, Clock::now() + kLastTurns));
  }

  /// What is on its way out when the actors have finished may go, for what is left of the time. Returns the bytes that did not.
  std::size_t drain_output(StopSignals& signals, Clock::time_point until) {
    while (!gateways_->flush_output(kLook)) {
      if (signals.wait({}) >= 2 || Clock::now() >= until) break;
    }
    return gateways_->finish_output({});
  }

  ExitCode end(StopSignals& signals, ExitCode code) {
    if (control_) control_->close();
    gateways_->stop();
    const auto until = Clock::now() + arguments_.drain;
    const bool drained = drain(signals, until);
    // What still waits for a slow reader of the output is given up with its actor and counted.
    if (!end_guests(signals, until)) system_->order_stop();
    const std::size_t unprinted = drain_output(signals, until);
    system_->stop(std::chrono::milliseconds(0));
    system_->when_at_rest({});
    if (asking_) code = finish_request(signals);
    if (control_) control_->stop();
    say_goodbye();
    if (const auto lost = say_what_is_left(drained, signals)) return *lost;
    if (const auto trouble = gateways_->trouble()) {
      if (gateways_->output_failed()) console_.output_failure_was_said();
      return console_.fail(ExitCode::general, *trouble);
    }
    if (unprinted != 0) {
      return fail_at_end("interrupted", core::plural(unprinted, "byte of output was", "bytes of output were") + " not written");
    }
    return unhandled_of_the_given_up(code);
  }

  /// An actor that gave up left what had been accepted for it: that is no success.
  ExitCode unhandled_of_the_given_up(ExitCode code) {
    std::string text;
    for (const system::ActorInfo& actor : system_->stopped()) {
      if (actor.state != "gave-up" || actor.unhandled == 0) continue;
      text += fmt::format("{}{}: {}; {} not handled", text.empty() ? "" : "\n", actor.address, actor.why,
                          core::plural(actor.unhandled, "message of others for it was", "messages of others for it were"));
    }
    if (text.empty() || code != ExitCode::ok) return code;
    return fail_at_end("unhandled", text);
  }

  ExitCode fail_at_end(std::string_view kind, const std::string& text) {
    if (!has_said_result_) return console_.fail(ExitCode::general, kind, text);
    console_.complain("airssys: " + text);  // The result has been printed: there is one document of JSON at most.
    return ExitCode::general;
  }

  /// What was accepted and not handled is an error; what the system keeps itself busy with is none.
  std::optional<ExitCode> say_what_is_left(bool drained, StopSignals& signals) {
    const system::Unhandled left = system_->unhandled();
    const std::string when = stopped_when(drained, signals);
    if (left.accepted > 0 || left.unanswered > 0) {
      std::string text = fmt::format("{}: {} not handled", when, core::plural(left.accepted, "message was", "messages were"));
      if (left.unanswered > 0) {
        text += fmt::format(", and {} not answered", core::plural(left.unanswered, "request was", "requests were"));
      }
      return fail_at_end("interrupted", text);
    }
    if (drained) return std::nullopt;
    std::string busy = "nothing that was accepted is left";
    if (left.of_its_own > 0) {
      busy = fmt::format(
          "{} was still busy with {} that its actors keep sending each other or began by themselves; nothing "
          "that was accepted is left",
          system_->name(), core::plural(left.of_its_own, "message"));
    }
    console_.note(fmt::format("{}: {}", when, busy));
    return std::nullopt;
  }

  static std::string stopped_when(bool drained, StopSignals& signals) {
    if (drained) return "stopped";
    return signals.wait({}) >= 2 ? "stopped by a second signal" : "stopped after the time for draining";
  }

  void say_goodbye() {
    const auto lines = gateways_->stats();
    std::uint64_t dead = 0;
    for (const std::uint64_t count : system_->stats().dead_letters) dead += count;
    const std::string unkeyed = lines.unkeyed == 0 ? "" : fmt::format("{} without their key, ", lines.unkeyed);
    console_.note(fmt::format("{} has stopped: {} in, {} refused, {}{}", system_->name(), core::plural(lines.lines, "line"),
                              lines.refused, unkeyed, core::plural(dead, "dead letter")));
    tell_of_the_buried(dead);
  }

  /// For whom dead letters were, and why, those of most letters first: once the system has gone, nobody can ask.
  void tell_of_the_buried(std::uint64_t dead) {
    std::map<std::pair<std::string, std::string_view>, std::uint64_t> counts;
    for (const auto& letter : system_->dead_letters()) ++counts[{letter.target, name_of(letter.reason)}];
    std::vector<std::pair<std::uint64_t, std::string>> lines;
    for (const auto& [key, count] : counts) {
      lines.emplace_back(count, fmt::format("{} for {}: {}", core::plural(count, "dead letter"), key.first, key.second));
    }
    const auto more = [](const auto& left, const auto& right) {
      return left.first != right.first ? left.first > right.first : left.second < right.second;
    };
    std::ranges::sort(lines, more);
    if (lines.size() > kBuriedShown) lines.resize(kBuriedShown);
    for (const auto& [count, line] : lines) {
      console_.note(line);
      dead -= count;
    }
    if (!lines.empty() && dead > 0) console_.note(fmt::format("and {} more", core::plural(dead, "dead letter")));
  }

  const RunArguments& arguments_;
  Console& console_;
  ConsoleLog log_;
  monitoring::LifeNotices notices_;
  std::unique_ptr<system::System> system_;
  system::Checked checked_;
  std::unique_ptr<system::SystemDesk> desk_;
  std::unique_ptr<control::ControlServer> control_;
  std::unique_ptr<system::RunningGateways> gateways_;
  // The final request has a thread of its own, so that orders to stop are seen meanwhile.
  control::RequestResult answer_;
  std::atomic<bool> answered_{false};
  bool has_said_result_ = false;
  std::optional<std::jthread> asking_;
};

}  // namespace

ExitCode run_system(const RunArguments& arguments, Console& console) {
  return Run(arguments, console).all();
}

}  // namespace airssys::cli
