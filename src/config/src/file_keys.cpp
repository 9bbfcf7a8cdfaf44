#include "file_keys.hpp"

#include <array>

namespace airssys::config {
namespace {

constexpr std::string_view kSize = R"(a size as a string, as in "16MiB")";
constexpr std::string_view kTime = R"(a time as a string, as in "250ms")";
constexpr std::string_view kRate = R"(a rate as a string, as in "1000/s")";
constexpr std::string_view kTable = "a table";
constexpr std::string_view kAddressPattern = "an address pattern as a string";
constexpr std::string_view kTopicPattern = "a topic pattern as a string";

constexpr std::array kSystemFileKeys{
    FileKey{"include", "an array of paths", "none", R"(["tenants/*.toml"])",
            "Other files of this system, relative to this one; `*` and `?` in names. They may have every table but `[system]` "
            "and `[defaults]`. Each file is read once; at most 1,000, 16 within each other"},
    FileKey{"system", kTable, "see there", R"({ name = "demo" })", "`[system]`, the system as a whole"},
    FileKey{"defaults", kTable, "see there", R"({ mailbox_messages = 512 })",
            "`[defaults]`, the limits of every actor that names no others: see [Limits](#limits)"},
    FileKey{"supervisor", "[[supervisor]]", "none", R"([{ name = "pipeline" }])", "`[[supervisor]]`, rules for restarts"},
    FileKey{"actor", "[[actor]]", "none: there is nothing to run",
            R"([{ address = "demo/counter/1", component = "./counter" }])", "`[[actor]]`, what runs"},
    FileKey{"grant", "[[grant]]", "none: nobody may do anything",
            R"([{ from = "demo/split/*", to = "demo/counter/*", allow = ["send"] }])", "`[[grant]]`, who may do what"},
    FileKey{"subscription", "[[subscription]]", "none", R"([{ topic = "words.#", actor = "demo/counter/*" }])",
            "`[[subscription]]`, who gets which events"},
    FileKey{"gateway", "[[gateway]]", "none", R"([{ kind = "standard-output" }])",
            "`[[gateway]]`, where messages come in and go out"}};

constexpr std::array kSystemKeys{
    FileKey{"name", "a name", "`airssys`", R"("demo")",
            "Of the system, in what the command prints: lower-case letters, digits, single hyphens, at most 64"},
    FileKey{"data", "a folder as a string", "`.airssys`", R"("state")",
            "The data directory, relative to this file: compiled components, crash reports, the operator's socket. One process "
            "at a time; made if it is not there"},
    FileKey{"memory_budget", kSize, "none", R"("2GiB")", "What all actors together may take", "0.1", kNotServed},
    FileKey{"compile_memory", kSize, "`1GiB`", R"("512MiB")", "What compiling one component may take, at least `64MiB`"},
    FileKey{"compile_time", kTime, "`60s`", R"("90s")", "How long compiling one component may take, `100ms` to `24h`"}};

constexpr std::array kSupervisorKeys{
    FileKey{"name", "a name", "required", R"("pipeline")", "What actors call it in `supervisor`; each has its own"},
    FileKey{"strategy", "one of one_for_one, one_for_all, rest_for_one", "`one_for_one`", R"("one_for_one")",
            "Who is restarted when one dies: that one alone. The other two are refused"},
    FileKey{"max_restarts", "a whole number from 0 to 1000", "`5`", "7",
            "Restarts of an actor within the window; with one death more it is stopped for good"},
    FileKey{"window", kTime, "`60s`", R"("2m")",
            "How long a restart counts, `1ms` to `24h`; longer, while no turn of a message, reply or timer stands"},
    FileKey{"backoff", kTime, "`100ms`", R"("50ms")",
            "The pause before the first restart of the window; it doubles with each. At most `backoff_max`"},
    FileKey{"backoff_max", kTime, "`10s`", R"("5s")", "The longest pause, up to `24h`"}};

constexpr std::array kActorKeys{
    FileKey{"address", "an address as a string", "required", R"("demo/counter/1")",
            "`namespace/name/instance`, each of `a-z 0-9 - _`; each address once. `airssys/` is the host's. A last segment `*` "
            "makes it a template, which this version refuses"},
    FileKey{"component", "a path or name@version as a string", "required", R"("./counter")",
            "A folder with a `component.toml`, such a file, or a `.wasm`, relative to this file: `.`, `..`, what begins with "
            "`./`, `../` or `/`, or ends in `.wasm`. `name@version`, a component of the store, is refused"},
    FileKey{"instances", "a whole number from 1 to 100000", "`1`", "4",
            "So many actors, `.../1` to `.../4`; the address must end in `/1`"},
    FileKey{"profile", "one of fast, dense", "`fast`", R"("dense")",
            "How the engine runs it: `dense` takes far less memory and runs slower, for thousands of actors"},
    FileKey{"supervisor", "the name of a supervisor", "none", R"("pipeline")",
            "Whose rules hold when it dies. Without: 5 restarts within `60s`, pauses from `100ms` to `10s`"},
    FileKey{"durable", "true or false", "`false`", "false", "`true`, an actor that survives the process, is refused"},
    FileKey{
        "config", kTable, "the component's defaults", "{ top = 10 }",
        "Settings that its component knows ([`[config]`](component-file.md#config)): strings, numbers, `true`, `false`, and "
        "arrays of these"},
    FileKey{"secrets", kTable, "none", R"({ api-key = { env = "API_KEY" } })", "Where its secrets are", "0.1", kNotServed},
    FileKey{"limits", kTable, "`[defaults]`", R"({ memory = "4MiB" })",
            "Its own limits, see [Limits](#limits); not less than its component needs"},
    FileKey{"idle", kTime, "none", R"("10m")", "Of a template: after so long without a message an actor sleeps", "0.1",
            kNotServed},
    FileKey{"max_live", "a whole number from 1 to 1000000000", "none", "100", "Of a template: so many awake", "0.1",
            kNotServed},
    FileKey{"max_names", "a whole number from 1 to 1000000000", "none", "1000", "Of a template: so many at all", "0.1",
            kNotServed}};

constexpr std::array kSecretKeys{FileKey{"env", "the name of an environment variable", "required", R"("API_KEY")",
                                         "The variable that holds the secret", "0.1", kNotServed}};

constexpr std::array kGrantKeys{
    FileKey{"from", kAddressPattern, "required", R"("demo/split/*")", "Who may"},
    FileKey{"to", kAddressPattern, "required, or `topic`", R"("demo/counter/*")",
            "To whom: for `send` and `request`. `airssys/standard-output/*` are the gateways that print"},
    FileKey{"topic", kTopicPattern, "required, or `to`", R"("words.#")",
            "On which topics: for `publish` and `subscribe`. A subscription needs a grant that contains its whole pattern"},
    FileKey{"allow", "an array of verbs", "required", R"(["send"])",
            "What: `send`, `request`; with `topic`: `publish`, `subscribe`. `find` is refused. A reply needs no grant"},
    FileKey{"rate", kRate, "unmetered", R"("10000/s")", "How often, for each sender and target; a second's worth at once"},
    FileKey{"body_bytes", kSize, "the target's `body_bytes`", R"("4KiB")", "The largest body"}};

constexpr std::array kSubscriptionKeys{
    FileKey{"topic", kTopicPattern, "required", R"("words.#")", "Which events"},
    FileKey{"actor", kAddressPattern, "required", R"("demo/counter/*")", "Who gets them; it needs no grant for that"},
    FileKey{"group", "a name", "none: each gets every event", R"("reporters")",
            "One of the group gets each event, in turn; none of it, if one of them gets the event by a subscription without a "
            "group"}};

constexpr std::array kGatewayKeys{
    FileKey{"kind", "one of lines, standard-output, stdout", "required", R"("lines")",
            "`lines` sends each line of its source as a message; `standard-output` (or `stdout`) prints what it is sent, and "
            "has none of the keys below. The gateways of a kind are `airssys/lines/1`, `/2` ... in the order of the files"},
    FileKey{"path", "a path as a string, - for standard input", "required", R"("-")",
            "A file, relative to this one, or `-`. Standard input has one reader"},
    FileKey{"to", kAddressPattern, "required", R"("demo/split/*")",
            "To which actors of this system. It is the gateway's grant to `send`"},
    FileKey{"spread", "one of round-robin, least-loaded, hash", "`round-robin`", R"("hash")",
            "How it chooses among them: in turn; who has the fewest messages waiting; by hash, so that lines with the same key "
            "go to the same actor"},
    FileKey{"key", R"("field 2" or a JSON pointer, as a string)", "the whole line", R"("field 2")",
            "Of `spread = \"hash\"`, what is hashed: a field, counted from 1, or a value of a line that is JSON, as in "
            "`\"/customer/id\"`. See [Lines that belong together](#lines-that-belong-together)"},
    FileKey{"separator", R"(the text between two fields as a string, as in ",")", "white space", R"(",")",
            "Of `key = \"field ...\"`. Without: any amount of spaces and tabs, none at the beginning"},
    FileKey{"codec", "a codec as a string", "`raw`", R"("json")",
            "What its messages say they are: a name (`raw`, `json`, `text` ...) or a multicodec number, as in `\"0x51\"`"}};

constexpr std::array kLimitsKeys{
    FileKey{"memory", kSize, "`16MiB`", R"("4MiB")", "A guest's memory, `64KiB` to `4GiB`; growing beyond it fails"},
    FileKey{"reserve", kSize, "none", R"("1MiB")", "Memory that is set aside", "0.1", kNotServed},
    FileKey{"table_elements", "a whole number from 0 to 10000000", "`10000`", "1000", "Entries of all tables of a guest"},
    FileKey{"turn_cpu", kTime, "`1s`", R"("50ms")",
            "CPU time of one turn, up to `1h`; then the instance is stopped. What it sends to many has as much again"},
    FileKey{"turn_wall", kTime, "`30s`", R"("5s")", "The same by the clock"},
    FileKey{"slice", kTime, "`10ms`", R"("5ms")", "How often these two are looked at, up to `60s`; each 50 ms at least"},
    FileKey{"mailbox_messages", "a whole number from 1 to 1000000", "`1024`", "512",
            "Messages that wait; beyond: `mailbox-full`"},
    FileKey{"mailbox_bytes", kSize, "`4MiB`", R"("1MiB")", "Their bytes"},
    FileKey{"body_bytes", kSize, "`1MiB`", R"("64KiB")",
            "One body, up to `1GiB` and to what `memory` has room for; beyond: `too-large`"},
    FileKey{"reply_bytes", kSize, "`4MiB`", R"("1MiB")", "Replies that wait for this actor"},
    FileKey{"requests", "a whole number from 0 to 1000000", "`1024`", "16", "Requests of this actor that are open"},
    FileKey{"deferred", "a whole number from 0 to 1000000", "`1024`", "16", "Requests that it has answered `later`"},
    FileKey{"timers", "a whole number from 0 to 1000000", "`1024`", "16", "Timers that are armed"},
    FileKey{"subscriptions", "a whole number from 0 to 1000000", "`256`", "16", "Patterns that it is subscribed to"},
    FileKey{"turn_effects", "a whole number from 0 to 1000000", "`1024`", "64", "Messages, timers and other effects of a turn"},
    FileKey{"turn_bytes", kSize, "`8MiB`", R"("1MiB")", "Bytes of these"},
    FileKey{"log_rate", kRate, "`1000/s`", R"("10/s")",
            "Log lines, of which one counts once more for each KiB that comes out of it; those beyond are dropped and counted"},
    FileKey{"storage", kSize, "none", R"("1MiB")", "Bytes of storage", "0.1", kNotServed},
    FileKey{"storage_rate", R"(a size per second as a string, as in "10MiB/s")", "none", R"("10MiB/s")", "Bytes written", "0.1",
            kNotServed},
    FileKey{"value_bytes", kSize, "none", R"("64KiB")", "One stored value", "0.1", kNotServed}};

constexpr std::array kComponentFileKeys{
    FileKey{"component", kTable, "required", R"({ name = "counter", version = "1.0.0" })", "`[component]`, which one it is"},
    FileKey{"config", kTable, "none", R"({ top = { type = "integer" } })", "`[config.NAME]`, a setting that it knows"},
    FileKey{"wants", kTable, "nothing is said", R"({ send = ["demo/report/*"] })", "`[wants]`, what it asks for"},
    FileKey{"limits", kTable, "none", R"({ memory = "2MiB" })", "`[limits]`, what it needs at least"}};

constexpr std::array kComponentKeys{
    FileKey{"name", "a name", "required", R"("counter")", "Lower-case letters, digits, single hyphens, at most 64"},
    FileKey{"version", R"(a version as a string, as in "1.2.0")", "required", R"("1.2.0")",
            "[semver](https://semver.org/): `major.minor.patch`, then `-rc.1`, `+build.5`"},
    FileKey{"description", "a string", "none", R"("Counts words")", "For people, at most 1,024 bytes"},
    FileKey{"wasm", "the path of a .wasm file", "`NAME.wasm`", R"("counter.wasm")",
            "Relative to this file. `airssys build` writes it; beside it may be `NAME.debug.wasm`, for crash reports"},
    FileKey{"accepts", "an array of codecs", "any", R"(["json", "raw"])",
            "The codecs of messages that it takes; others are the sender's error"}};

constexpr std::array kSettingKeys{
    FileKey{"type", "one of string, integer, float, boolean, array", "required", R"("integer")", "What a value must be"},
    FileKey{"description", "a string", "none", R"("How many words to show")", "For people, at most 1,024 bytes"},
    FileKey{"default", "a string, a number, true or false, or an array of these", "none: it must be given", "10",
            "What holds where an actor's `config` does not name it"},
    FileKey{"min", "a number", "none", "1", "Of `integer` and `float`: the least"},
    FileKey{"max", "a number", "none", "100", "Of `integer` and `float`: the most"}};

constexpr std::array kWantsKeys{
    FileKey{"send", "an array of address patterns", "none", R"(["demo/report/*"])", "Whom it sends to"},
    FileKey{"request", "an array of address patterns", "none", R"(["demo/store/1"])", "Whom it asks"},
    FileKey{"publish", "an array of topic patterns", "none", R"(["words.#"])", "Where it publishes"},
    FileKey{"subscribe", "an array of topic patterns", "none", R"(["words.*"])", "What it subscribes to"},
    FileKey{"find", "an array of address patterns", "none", R"(["demo/*/*"])",
            "Whom it looks up; this version has no directory"},
    FileKey{"storage", R"(a size as a string, as in "1MiB")", "none", R"("1MiB")", "How much it stores", "0.1", kNotServed},
    FileKey{"secrets", "an array of names", "none", R"(["api-key"])", "Which secrets it reads", "0.1", kNotServed}};

}  // namespace

FileKeys system_file_keys() noexcept {
  return kSystemFileKeys;
}
FileKeys system_keys() noexcept {
  return kSystemKeys;
}
FileKeys supervisor_keys() noexcept {
  return kSupervisorKeys;
}
FileKeys actor_keys() noexcept {
  return kActorKeys;
}
FileKeys secret_keys() noexcept {
  return kSecretKeys;
}
FileKeys grant_keys() noexcept {
  return kGrantKeys;
}
FileKeys subscription_keys() noexcept {
  return kSubscriptionKeys;
}
FileKeys gateway_keys() noexcept {
  return kGatewayKeys;
}
FileKeys limits_keys() noexcept {
  return kLimitsKeys;
}
FileKeys component_file_keys() noexcept {
  return kComponentFileKeys;
}
FileKeys component_keys() noexcept {
  return kComponentKeys;
}
FileKeys setting_keys() noexcept {
  return kSettingKeys;
}
FileKeys wants_keys() noexcept {
  return kWantsKeys;
}

}  // namespace airssys::config
