#include "airssys/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <system_error>

#include "airssys/config/nearest.hpp"
#include "airssys/core/quoted.hpp"
#include "airssys/core/units.hpp"
#include "airssys/system/compile_child.hpp"
#include "commands.hpp"
#include "console.hpp"

namespace airssys::cli {
namespace {

/// What the parser fills in, and what is to be done then.
struct Parsed {
  Place place;
  std::string file_option;    ///< -f FILE.
  std::string file_argument;  ///< FILE.
  RunArguments run;
  MessageArguments message;
  BuildArguments build;
  DeadArguments dead;
  std::string address;
  std::string crash;
  std::string trace;
  std::uint64_t traces = 20;
  ListArguments list;
  std::string output = "text";
  bool quiet = false;
  bool verbose = false;
  bool no_color = false;
  std::function<ExitCode(Console&)> command;
};

/// What an option takes, from the least to the most.
template <typename T>
struct Span {
  T least;
  T most;
};
using TimeSpan = Span<std::chrono::milliseconds>;
using NumberSpan = Span<std::uint64_t>;
constexpr NumberSpan kAnyNumber{1, std::numeric_limits<std::uint64_t>::max()};
/// With less the compiler can't even start.
constexpr Span<core::Bytes> kBuildMemory{core::Bytes{64} << 20, core::Bytes{1} << 40};
constexpr TimeSpan kPatience{std::chrono::milliseconds(1), std::chrono::hours(24)};
constexpr TimeSpan kDrain{std::chrono::milliseconds(0), std::chrono::hours(24)};
constexpr TimeSpan kBuild{std::chrono::milliseconds(100), std::chrono::hours(24)};

CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value, TimeSpan span,
                          const std::string& text) {
  return app
      .add_option_function<std::string>(
          name,
          [&value, name, span](const std::string& given) {
            const auto duration = core::parse_duration(given);
            if (!duration) throw CLI::ValidationError(name, duration.error().message());
            if (*duration < span.least || *duration > span.most) {
              throw CLI::ValidationError(
                  name, fmt::format("{} is not from {} to {}", core::quoted(given), core::duration_to_string(span.least),
                                    core::duration_to_string(span.most)));
            }
            value = *duration;
          },
          text)
      ->type_name("TIME")
      ->default_str(core::duration_to_string(value));
}

std::uint64_t parse_number(const std::string& name, const std::string& given, NumberSpan span) {
  std::uint64_t number = 0;
  const auto [stop, fault] = std::from_chars(given.data(), given.data() + given.size(), number);
  const bool is_number = fault == std::errc{} && stop == given.data() + given.size();
  if (is_number && number >= span.least && number <= span.most) return number;
  throw CLI::ValidationError(name,
                             fmt::format("{} is no whole number from {} to {}", core::quoted(given), span.least, span.most));
}

template <typename T>
CLI::Option* add_number(CLI::App& app, const std::string& name, T& value, NumberSpan span, const std::string& text) {
  return app.add_option_function<std::string>(
      name, [&value, name, span](const std::string& given) { value = static_cast<T>(parse_number(name, given, span)); }, text);
}

void add_bytes(CLI::App& app, const std::string& name, core::Bytes& value, Span<core::Bytes> span, const std::string& text) {
  app.add_option_function<std::string>(
         name,
         [&value, name, span](const std::string& given) {
           const auto bytes = core::parse_bytes(given);
           if (!bytes) throw CLI::ValidationError(name, bytes.error().message());
           if (*bytes < span.least || *bytes > span.most) {
             throw CLI::ValidationError(name, fmt::format("{} is not from {} to {}", core::quoted(given),
                                                          core::bytes_to_string(span.least), core::bytes_to_string(span.most)));
           }
           value = *bytes;
         },
         text)
      ->type_name("SIZE")
      ->default_str(core::bytes_to_string(value));
}

void add_place(CLI::App& app, Parsed& parsed) {
  // Not by `envname`: a message about a file says who named it.
  app.add_option("-f,--file", parsed.file_option, "the system file, or its folder (default: ./system.toml)")
      ->type_name("FILE (Env:AIRSSYS_FILE)");
  app.add_option("--data", parsed.place.data, "the data directory, instead of the file's")
      ->envname("AIRSSYS_DATA")
      ->type_name("DIR");
}

void add_patience(CLI::App& app, Parsed& parsed) {
  add_duration(app, "--timeout", parsed.place.patience, kPatience, "how long the running system may take to answer");
}

/// Of a command that is about a system that runs.
void add_running_place(CLI::App& app, Parsed& parsed) {
  add_place(app, parsed);
  add_patience(app, parsed);
}

CLI::App& add_command(CLI::App& app, Parsed& parsed, const std::string& name, const std::string& text,
                      const std::string& example, std::function<ExitCode(Console&)> command) {
  CLI::App& added = *app.add_subcommand(name, text);
  added.footer("Options of every command: --output text|json, -q,--quiet, -v,--verbose, --no-color\n\nExample:\n  " + example);
  // Of a command and one below it, the inner one is meant.
  added.final_callback([&parsed, &added, command = std::move(command)] {
    if (added.get_subcommands().empty()) parsed.command = command;
  });
  return added;
}

void add_run(CLI::App& app, Parsed& parsed) {
  CLI::App& run = add_command(app, parsed, "run", "Runs a system until it is told to stop",
                              "airssys run examples/wordcount/system.toml --until-idle --final-request demo/report/1 'top 10'",
                              [&parsed](Console& console) {
                                parsed.run.place = parsed.place;
                                return run_system(parsed.run, console);
                              });
  run.footer(
      "Signals: SIGINT, SIGTERM and SIGHUP (unless it is ignored, as by nohup) stop it when its actors have finished; a "
      "second\n"
      "one, or the end of --drain, within 2.5 s: what still runs is cut short. SIGUSR1, SIGUSR2 and SIGPIPE do nothing. "
      "SIGQUIT\n"
      "ends it as a crash would, with a core and without draining.\n"
      "As process 1 it passes signals on to a process of its own, and reaps orphans.\n\n" +
      run.get_footer());
  add_place(run, parsed);
  run.add_option("FILE", parsed.file_argument, "the system file, or its folder");
  add_number(run, "--workers", parsed.run.workers, {0, 256}, "threads that run actors; 0: one per core")
      ->envname("AIRSSYS_WORKERS")
      ->type_name("N");
  add_duration(run, "--drain", parsed.run.drain, kDrain,
               "how long accepted work may take to finish after the first signal; a second one forces");
  CLI::Option* const until_idle =
      run.add_flag("--until-idle", parsed.run.until_idle,
                   "ends when the sources are exhausted and no message, request or one-shot timer is left; periodic "
                   "timers do not hold it up");
  CLI::Option* const final_request =
      run.add_option("--final-request", parsed.run.final_request, "then asks ADDRESS for DATA and prints the reply")
          ->type_name("ADDRESS DATA")
          ->expected(2)
          ->needs(until_idle);
  add_duration(run, "--timeout", parsed.run.timeout, kPatience, "of that request")->needs(final_request);
}

void add_check(CLI::App& app, Parsed& parsed) {
  CLI::App& check =
      add_command(app, parsed, "check", "Checks a system's files and components without running it",
                  "airssys check system.toml", [&parsed](Console& console) { return check_system(parsed.place, console); });
  add_place(check, parsed);
  check.add_option("FILE", parsed.file_argument, "the system file, or its folder");
}

void add_message(CLI::App& command, Parsed& parsed) {
  add_place(command, parsed);
  command.add_option("ADDRESS", parsed.message.address, "whom to")->required();
  command.add_option("DATA", parsed.message.data, "the body: text, @file, or - for standard input; nothing: an empty one");
  command
      .add_option("--codec", parsed.message.codec,
                  "how the body is encoded: raw, json, cbor ...; multicodec: it begins with its codec")
      ->capture_default_str();
}

void add_messages(CLI::App& app, Parsed& parsed) {
  CLI::App& send = add_command(app, parsed, "send", "Sends a message to an actor of a running system and prints its id",
                               "airssys send demo/split/1 'a line of text'", [&parsed](Console& console) {
                                 parsed.message.place = parsed.place;
                                 return send_message(parsed.message, console);
                               });
  add_message(send, parsed);
  add_patience(send, parsed);
  send.add_option("--key", parsed.message.key,
                  "said again with the same key, it is not sent again, and the id is that of the first; remembered for a day")
      ->check([](const std::string& key) {
        return key.empty() || key.size() > 255 ? std::string("a key has 1 to 255 bytes") : std::string();
      });
  CLI::App& request = add_command(app, parsed, "request", "Asks an actor of a running system and prints its bare reply",
                                  "airssys request demo/report/1 'top 10' --timeout 2s", [&parsed](Console& console) {
                                    parsed.message.place = parsed.place;
                                    return request_reply(parsed.message, console);
                                  });
  add_message(request, parsed);
  add_duration(request, "--timeout", parsed.message.timeout, kPatience, "how long to wait for the reply");
}

void add_views(CLI::App& app, Parsed& parsed) {
  CLI::App& list =
      add_command(app, parsed, "list", "Lists the actors of a running system, and those that gave up or were stopped",
                  "airssys list 'demo/counter/*' --limit 100", [&parsed](Console& console) {
                    parsed.list.place = parsed.place;
                    return list_actors(parsed.list, console);
                  });
  add_running_place(list, parsed);
  list.add_option("PATTERN", parsed.list.pattern, "only addresses of this pattern, as demo/*/1 (default: all)");
  add_number(list, "--limit", parsed.list.limit, {1, 1'000'000'000},
             "at most so many, in the order of their addresses (default: all)")
      ->type_name("N");
  CLI::App& info = add_command(app, parsed, "info", "Shows one actor of a running system", "airssys info demo/counter/1",
                               [&parsed](Console& console) { return show_actor(parsed.place, parsed.address, console); });
  add_running_place(info, parsed);
  info.add_option("ADDRESS", parsed.address, "which")->required();
}

void add_order(CLI::App& app, Parsed& parsed, const std::string& name, const std::string& text,
               ExitCode (*order)(const Place&, const std::string&, Console&)) {
  CLI::App& added = add_command(app, parsed, name, text, "airssys " + name + " demo/counter/1",
                                [&parsed, order](Console& console) { return order(parsed.place, parsed.address, console); });
  add_running_place(added, parsed);
  added.add_option("ADDRESS", parsed.address, "which")->required();
}

void add_orders(CLI::App& app, Parsed& parsed) {
  add_order(app, parsed, "stop",
            "Stops one actor of a running system: its last turn runs, what waits goes to the dead letters. A turn in hand "
            "has ten seconds",
            stop_actor);
  add_order(app, parsed, "restart",
            "Gives one actor a new instance, which keeps address and mailbox; brings back one that gave up or was stopped",
            restart_actor);
  add_order(app, parsed, "remove",
            "Forgets one actor that gave up or was stopped, for good: it is listed no more, and can't be restarted",
            remove_actor);
}

void add_trace(CLI::App& app, Parsed& parsed) {
  CLI::App& trace =
      add_command(app, parsed, "trace", "Shows what a message set off: the tree of turns, with their times",
                  "airssys trace 1099511630535", [&parsed](Console& console) {
                    if (!parsed.trace.empty()) return show_trace(parsed.place, parsed.trace, console);
                    return console.fail(ExitCode::usage, "usage",
                                        "which trace? an ID, as `airssys trace list` shows; see `airssys trace --help`");
                  });
  add_running_place(trace, parsed);
  trace.require_subcommand(0, 1);
  trace.add_option("ID", parsed.trace,
                   "a message's number, as `send`, `trace list` and a failed `request` print it, or a trace's 32 digits");
  CLI::App& list = add_command(trace, parsed, "list", "Lists the traces of which anything is kept, the latest first",
                               "airssys trace list --limit 5",
                               [&parsed](Console& console) { return list_traces(parsed.place, parsed.traces, console); });
  add_running_place(list, parsed);
  add_number(list, "--limit", parsed.traces, {1, 1000}, "at most so many")->type_name("N")->default_str("20");
}

void add_build(CLI::App& app, Parsed& parsed) {
  CLI::App& build =
      add_command(app, parsed, "build", "Builds a guest's sources into a component", "airssys build guests/counter",
                  [&parsed](Console& console) { return build_guest(parsed.build, console); });
  build.add_option("DIR", parsed.build.folder, "the folder with component.toml and the sources")->capture_default_str();
  build.add_option("--out", parsed.build.output, "where to put what is made (default: DIR)")->type_name("DIR");
  build.add_flag("--force", parsed.build.force, "builds even if nothing changed");
  add_duration(build, "--time", parsed.build.limits.time, kBuild, "how long the compiler, and the linker, may take");
  add_bytes(build, "--memory", parsed.build.limits.memory, kBuildMemory, "how much memory each of them may take");
}

void add_crash(CLI::App& app, Parsed& parsed) {
  CLI::App& crash = *app.add_subcommand("crash", "Shows how actors died; needs no running system");
  crash.require_subcommand(0, 1);
  crash.footer("Example:\n  airssys crash show latest");
  add_place(add_command(crash, parsed, "list", "Lists the crash reports that are kept, oldest first", "airssys crash list",
                        [&parsed](Console& console) { return list_crashes(parsed.place, console); }),
            parsed);
  CLI::App& show = add_command(crash, parsed, "show", "Shows one crash report", "airssys crash show latest",
                               [&parsed](Console& console) { return show_crash(parsed.place, parsed.crash, console); });
  add_place(show, parsed);
  show.add_option("ID", parsed.crash, "its number, or `latest`")->required();
}

CLI::App& add_dead_command(CLI::App& dead, Parsed& parsed, const std::string& name, const std::string& text,
                           const std::string& example, ExitCode (*command)(const DeadArguments&, Console&)) {
  CLI::App& added = add_command(dead, parsed, name, text, example, [&parsed, command](Console& console) {
    parsed.dead.place = parsed.place;
    return command(parsed.dead, console);
  });
  add_running_place(added, parsed);
  return added;
}

void add_which_dead(CLI::App& command, Parsed& parsed) {
  CLI::Option* const number = add_number(command, "NUMBER", parsed.dead.number, kAnyNumber, "which");
  CLI::Option* const all = command.add_flag("--all", parsed.dead.all, "all of them")->excludes(number);
  command.add_option("--target", parsed.dead.target, "only those for addresses of this pattern")
      ->type_name("PATTERN")
      ->needs(all);
}

void add_dead(CLI::App& app, Parsed& parsed) {
  CLI::App& dead = *app.add_subcommand("dead", "Shows the messages that were not handled, and puts them back");
  dead.require_subcommand(0, 1);
  dead.footer("Example:\n  airssys dead retry --all --target 'demo/counter/*'");
  add_running_place(add_command(dead, parsed, "list", "Lists the dead letters that are kept, oldest first", "airssys dead list",
                                [&parsed](Console& console) { return list_dead(parsed.place, console); }),
                    parsed);
  CLI::App& show = add_dead_command(dead, parsed, "show", "Shows one, with its body", "airssys dead show 3", show_dead);
  add_number(show, "NUMBER", parsed.dead.number, kAnyNumber, "which")->required();
  CLI::Option* const raw = show.add_flag("--raw", parsed.dead.raw, "the bare body, its bytes as they are");
  show.add_flag("--multicodec", parsed.dead.multicodec, "the body behind its codec, for `send --codec multicodec`")
      ->excludes(raw);
  add_which_dead(add_dead_command(dead, parsed, "retry", "Puts dead letters back into their targets' mailboxes",
                                  "airssys dead retry 3", retry_dead),
                 parsed);
  add_which_dead(add_dead_command(dead, parsed, "drop", "Forgets dead letters", "airssys dead drop --all", drop_dead), parsed);
}

void build_parser(CLI::App& app, Parsed& parsed) {
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.option_defaults()->always_capture_default(false);
  app.set_version_flag("--version", [] { return std::string("airssys ") + AIRSSYS_VERSION; });
  app.add_option("--output", parsed.output, "text, or json with stable keys")
      ->envname("AIRSSYS_OUTPUT")
      ->check(CLI::IsMember({"text", "json"}));
  CLI::Option* const quiet =
      app.add_flag("-q,--quiet", parsed.quiet, "errors alone on standard error")->envname("AIRSSYS_QUIET");
  app.add_flag("-v,--verbose", parsed.verbose, "every log line too")->envname("AIRSSYS_VERBOSE")->excludes(quiet);
  app.add_flag("--no-color", parsed.no_color, "no colors, even on a terminal")->envname("AIRSSYS_NO_COLOR");
  app.footer(
      "Exit codes: 0 ok, 1 general, 2 usage, 3 files, 4 no running system, 5 authentication, 6 authorisation, 7 components,\n"
      "8 build, 9 signature. `airssys COMMAND --help` says more about each.\n\nExample:\n  airssys run system.toml");
  add_run(app, parsed);
  add_check(app, parsed);
  add_messages(app, parsed);
  add_views(app, parsed);
  add_orders(app, parsed);
  add_trace(app, parsed);
  add_dead(app, parsed);
  add_build(app, parsed);
  add_crash(app, parsed);
}

/// The innermost command that was named.
CLI::App& named_command(CLI::App& app) {
  CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

std::string full_name(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> command_names(CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* sub : command.get_subcommands([](CLI::App*) { return true; })) names.push_back(sub->get_name());
  return names;
}

std::string with_nearest(std::string message, std::string_view given, const std::vector<std::string>& known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  const std::string_view nearest = config::nearest_name(given, names);
  if (!nearest.empty()) message += fmt::format("; did you mean \"{}\"?", nearest);
  return message;
}

/// What a person sees who wrote something that no command takes.
std::string unexpected_text(CLI::App& app, const std::string& given) {
  CLI::App& command = named_command(app);
  const std::string shown = printable(given);
  if (given.starts_with('-')) {
    const std::string name = given.substr(0, given.find('='));
    return with_nearest(fmt::format("unknown option \"{}\" of `{}`", shown, full_name(command)), name, option_names(command));
  }
  const std::vector<std::string> commands = command_names(command);
  if (commands.empty()) return fmt::format("unexpected argument \"{}\" of `{}`", shown, full_name(command));
  return with_nearest(fmt::format("unknown command \"{}\"", shown), given, commands);
}

std::string text_of(const CLI::ParseError& problem, CLI::App& app) {
  const std::vector<std::string> extra = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&problem) != nullptr && !extra.empty()) return unexpected_text(app, extra.front());
  return problem.what();
}

void configure(Console& console, const Parsed& parsed) {
  console.set_form(parsed.output == "json" ? OutputForm::json : OutputForm::text);
  console.set_verbosity(parsed.quiet ? Verbosity::quiet : parsed.verbose ? Verbosity::verbose : Verbosity::normal);
  console.set_color(!parsed.no_color);
}

ExitCode fail_usage(CLI::App& app, const Parsed& parsed, Console& console, const std::string& message) {
  configure(console, parsed);
  return console.fail(ExitCode::usage, "usage", fmt::format("{}; see `{} --help`", message, full_name(named_command(app))));
}

/// The system file, by whoever named it: the command line before the environment.
void name_file(Parsed& parsed) {
  const char* const variable = std::getenv("AIRSSYS_FILE");
  const std::array<std::pair<std::string, const char*>, 3> names{
      {{parsed.file_argument, "FILE"}, {parsed.file_option, "-f"}, {variable == nullptr ? "" : variable, "AIRSSYS_FILE"}}};
  for (const auto& [file, by] : names) {
    if (file.empty()) continue;
    parsed.place.file = file;
    parsed.place.named_by = by;
    return;
  }
}

ExitCode run_parsed(CLI::App& app, Parsed& parsed, Console& console, std::vector<std::string> arguments) {
  try {
    std::ranges::reverse(arguments);  // As the parser wants it.
    app.parse(std::move(arguments));
  } catch (const CLI::CallForVersion& version) {
    console.print(std::string(version.what()) + "\n");
    return ExitCode::ok;
  } catch (const CLI::CallForHelp&) {
    const CLI::App& command = named_command(app);
    console.print(command.help(command.get_parent() == nullptr ? "" : full_name(*command.get_parent())));
    return ExitCode::ok;
  } catch (const CLI::ParseError& problem) {
    return fail_usage(app, parsed, console, text_of(problem, app));
  }
  if (!parsed.command) {
    CLI::App& command = named_command(app);
    std::string commands;
    for (const std::string& name : command_names(command)) commands += (commands.empty() ? "" : ", ") + name;
    return fail_usage(app, parsed, console, fmt::format("`{}` needs a command: {}", full_name(command), commands));
  }
  if (!parsed.file_argument.empty() && !parsed.file_option.empty()) {
    return fail_usage(app, parsed, console,
                      fmt::format("two system files: {} and -f {}; name one", core::quoted(parsed.file_argument),
                                  core::quoted(parsed.file_option)));
  }
  name_file(parsed);
  configure(console, parsed);
  return parsed.command(console);
}

}  // namespace

int run_command_line(std::vector<std::string> arguments, const Descriptors& descriptors) {
  if (system::is_compile_child(arguments)) return system::run_compile_child(arguments);
  Console console(descriptors);
  ExitCode code = ExitCode::general;
  try {
    CLI::App app("Runs untrusted WebAssembly components as supervised actors", "airssys");
    Parsed parsed;
    build_parser(app, parsed);
    code = run_parsed(app, parsed, console, std::move(arguments));
  } catch (const std::exception& problem) {
    code = console.fail(ExitCode::general, "internal", problem.what());
  }
  return static_cast<int>(console.finish(code));
}

}  // namespace airssys::cli
