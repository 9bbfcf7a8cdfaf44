#include "alone.hpp"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "airssys/simulation/test_system.hpp"
#include "dialogue.hpp"
#include "floor.hpp"
#include "native.hpp"
#include "one_page.hpp"

namespace airssys::bench {
namespace {

using namespace literals;

/// What a measurement gives: the value, and what came of the work.
using Measured = core::Result<Child::Answer>;

constexpr std::string_view kQuestion = "are you there?";
constexpr std::chrono::seconds kPatience{10};

core::Error failure(std::string message) {
  return {core::ErrorCode::internal, "bench", std::move(message)};
}

/// A folder that is gone with this.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::temp_directory_path() / fmt::format("airssys-bench-{}", ::getpid())) {
    std::filesystem::create_directories(path_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// Bytes of this process in memory now.
core::Result<std::uint64_t> resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  if (!(file >> all >> resident)) return std::unexpected(failure("/proc/self/statm can't be read"));
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// What each of `count` takes of what the process has grown since `before`.
core::Result<double> bytes_each(std::uint64_t before, std::uint64_t count) {
  AIRSSYS_TRY(const std::uint64_t now, resident_bytes());
  return (static_cast<double>(now) - static_cast<double>(before)) / static_cast<double>(count);
}

/// Asks an actor, which must reply the same.
core::Result<void> ask(system::Client& client, const core::Address& address) {
  AIRSSYS_TRY(const core::Payload reply, client.request(address, core::raw(kQuestion), kPatience));
  if (reply.text() != kQuestion) return std::unexpected(failure(address.text() + " replied something else"));
  return {};
}

core::Address numbered(std::string_view name, std::uint64_t number) {
  return core::make_checked_address(fmt::format("bench/{}/{}", name, number));
}

core::Result<std::unique_ptr<system::System>> start_system() {
  system::SystemOptions options;
  options.name = "bench-alone";
  options.workers = Stage::kWorkers;
  return system::System::start(std::move(options));
}

template <core::Profile profile>
Measured measure_resident(const std::filesystem::path&, std::uint64_t count) {
  const Scratch scratch;
  AIRSSYS_TRY(const auto wasm, write_one_page_guest(scratch.path()));
  AIRSSYS_TRY(const auto system, start_system());
  AIRSSYS_TRY(const auto component, system->load(wasm, profile));
  system::Client client = system->operator_client();
  // The first brings in what all share.
  AIRSSYS_TRY(system->spawn(component, {.address = numbered("guest", 0)}));
  AIRSSYS_TRY(ask(client, numbered("guest", 0)));
  AIRSSYS_TRY(const std::uint64_t before, resident_bytes());
  for (std::uint64_t i = 1; i <= count; ++i) {
    AIRSSYS_TRY(system->spawn(component, {.address = numbered("guest", i)}));
    AIRSSYS_TRY(ask(client, numbered("guest", i)));
  }
  AIRSSYS_TRY(const double each, bytes_each(before, count));
  std::uint64_t alive = 0;
  for (std::uint64_t i = 1; i <= count; ++i) {
    AIRSSYS_TRY(ask(client, numbered("guest", i)));
    ++alive;
  }
  return Child::Answer{.value = each, .result = alive};
}

template <core::Profile profile>
Measured measure_resident_bare(const std::filesystem::path&, std::uint64_t count) {
  const Scratch scratch;
  AIRSSYS_TRY(const auto wasm, write_one_page_guest(scratch.path()));
  AIRSSYS_TRY(const auto guests, BareGuests::load(wasm, profile));
  guests->add(kQuestion);
  AIRSSYS_TRY(const std::uint64_t before, resident_bytes());
  for (std::uint64_t i = 0; i < count; ++i) guests->add(kQuestion);
  AIRSSYS_TRY(const double each, bytes_each(before, count));
  return Child::Answer{.value = each, .result = count};
}

/// Replies what it is asked.
class Idler final : public actor::NativeActor {
 public:
  core::Result<core::Response> handle_message(actor::Turn&, const core::MessageView& message) override {
    return core::reply({message.codec, message.body});
  }
};

Measured measure_native_idle(const std::filesystem::path&, std::uint64_t count) {
  AIRSSYS_TRY(const auto system, start_system());
  AIRSSYS_TRY(const std::uint64_t before, resident_bytes());
  for (std::uint64_t i = 1; i <= count; ++i) AIRSSYS_TRY(system->spawn_native<Idler>(numbered("idler", i)));
  if (!system->wait_until_idle(kPatience)) return std::unexpected(failure("idle actors did not come to rest"));
  AIRSSYS_TRY(const double each, bytes_each(before, count));
  system::Client client = system->operator_client();
  std::uint64_t alive = 0;
  for (std::uint64_t i = 1; i <= count; ++i) {
    AIRSSYS_TRY(ask(client, numbered("idler", i)));
    ++alive;
  }
  return Child::Answer{.value = each, .result = alive};
}

std::chrono::nanoseconds cpu_of_process() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Measured measure_idle_cpu(const std::filesystem::path&, std::uint64_t count) {
  const Scratch scratch;
  AIRSSYS_TRY(const auto wasm, write_one_page_guest(scratch.path()));
  AIRSSYS_TRY(const auto system, start_system());
  AIRSSYS_TRY(const auto component, system->load(wasm));
  system::Client client = system->operator_client();
  for (std::uint64_t i = 1; i <= count; ++i) {
    AIRSSYS_TRY(system->spawn(component, {.address = numbered("guest", i)}));
    AIRSSYS_TRY(ask(client, numbered("guest", i)));
  }
  if (!system->wait_until_idle(kPatience)) return std::unexpected(failure("the guests did not come to rest"));
  constexpr std::chrono::milliseconds kLook{2'000};
  const auto began = Taken::Clock::now();
  const std::chrono::nanoseconds before = cpu_of_process();
  std::this_thread::sleep_for(kLook);
  const std::chrono::nanoseconds used = cpu_of_process() - before;
  const std::chrono::duration<double, std::nano> passed = Taken::Clock::now() - began;
  std::uint64_t alive = 0;
  for (std::uint64_t i = 1; i <= count; ++i) {
    AIRSSYS_TRY(ask(client, numbered("guest", i)));
    ++alive;
  }
  return Child::Answer{.value = static_cast<double>(used.count()) / passed.count() * 100, .result = alive};
}

/// What is handled in a measured part, and how long that takes.
Child::Answer measured(std::uint64_t count, const std::function<void()>& part) {
  const auto began = Taken::Clock::now();
  measured_part(part);
  const std::chrono::duration<double, std::nano> passed = Taken::Clock::now() - began;
  return {.value = passed.count(), .result = count};
}

constexpr std::uint64_t kWarmUp = 64;
constexpr std::uint64_t kAtOnce = 512;

core::Result<std::uint64_t> post_hops(simulation::TestSystem& test, std::uint64_t count) {
  const core::Payload payload = core::raw(std::string(Dialogue::kBody, 'x'));
  for (std::uint64_t i = 0; i < count; ++i) AIRSSYS_TRY(test.post("bench/a/1"_address, payload));
  return count;
}

Measured measure_hop(const std::filesystem::path& guests, std::uint64_t count) {
  simulation::TestSystem test;
  AIRSSYS_TRY(const auto forwarder, test.load(guests / "forwarder"));
  AIRSSYS_TRY(test.spawn(forwarder, "bench/b/1"_address));
  AIRSSYS_TRY(test.spawn(forwarder, "bench/a/1"_address, {.config = {{"to", "bench/b/1"}}}));
  AIRSSYS_TRY(post_hops(test, kWarmUp));
  test.settle();
  Child::Answer all;
  while (all.result < count) {
    AIRSSYS_TRY(const std::uint64_t posted, post_hops(test, std::min(kAtOnce, count - all.result)));
    all.value += measured(posted, [&] { test.settle(); }).value;
    all.result += posted;
  }
  const std::uint64_t handled = test.info("bench/b/1"_address)->counts.handled - kWarmUp;
  // Its `initialize` is a turn, too.
  if (handled != count + 1) return std::unexpected(failure(fmt::format("b has handled {} of {} messages", handled - 1, count)));
  return all;
}

Measured measure_request(const std::filesystem::path& guests, std::uint64_t count) {
  simulation::TestSystem test;
  AIRSSYS_TRY(test.spawn(guests / "echo", "bench/echo/1"_address));
  AIRSSYS_TRY(test.spawn(guests / "asker", "bench/asker/1"_address, {.config = {{"to", "bench/echo/1"}}}));
  const auto order = [](std::uint64_t requests) {
    return core::raw(fmt::format("64 {} {}", requests, std::string(Dialogue::kBody, 'x')));
  };
  AIRSSYS_TRY(test.send("bench/asker/1"_address, order(kWarmUp)));
  const std::uint64_t before = test.info("bench/asker/1"_address)->counts.handled;
  AIRSSYS_TRY(test.post("bench/asker/1"_address, order(count)));
  const Child::Answer all = measured(count, [&] { test.settle(); });
  const std::uint64_t handled = test.info("bench/asker/1"_address)->counts.handled - before;
  if (handled != count + 1) return std::unexpected(failure(fmt::format("{} of {} replies were handled", handled, count)));
  return all;
}

Measured measure_floor_hop(const std::filesystem::path& guests, std::uint64_t count) {
  AIRSSYS_TRY(const auto floor, Floor::create(guests, {.guests = {"forwarder"}}));
  floor->hops(Dialogue::kBody, kWarmUp);
  return measured(count, [&] { floor->hops(Dialogue::kBody, count); });
}

Measured measure_floor_request(const std::filesystem::path& guests, std::uint64_t count) {
  AIRSSYS_TRY(const auto floor, Floor::create(guests, {.guests = {"asker", "echo"}}));
  floor->requests(Dialogue::kBody, kWarmUp);
  return measured(count, [&] { floor->requests(Dialogue::kBody, count); });
}

Measured measure_native(const NativeWork& work, unsigned workers, std::uint64_t count) {
  AIRSSYS_TRY(const auto stage, Stage::create(workers));
  AIRSSYS_TRY(work.set_up(*stage, count));
  AIRSSYS_TRY(const double value, work.run(*stage, count));
  return Child::Answer{.value = value, .result = count};
}

using Measure = Measured (*)(const std::filesystem::path& guests, std::uint64_t count);
const std::map<std::string_view, Measure> kMeasures{{"resident/fast", measure_resident<core::Profile::fast>},
                                                    {"resident/dense", measure_resident<core::Profile::dense>},
                                                    {"resident_bare/fast", measure_resident_bare<core::Profile::fast>},
                                                    {"resident_bare/dense", measure_resident_bare<core::Profile::dense>},
                                                    {"native_idle", measure_native_idle},
                                                    {"idle_cpu", measure_idle_cpu},
                                                    {"hop", measure_hop},
                                                    {"request", measure_request},
                                                    {"floor/hop", measure_floor_hop},
                                                    {"floor/request", measure_floor_request}};

/// Null: there is none of that name.
std::function<Measured(std::uint64_t count)> measure_called(std::string_view name, const std::filesystem::path& guests) {
  const std::string_view row = name.substr(0, name.find('/'));
  if (const NativeWork* work = native_work(row)) {
    // On one worker who runs what does not depend on time.
    const unsigned workers = name == row ? 1 : Stage::kWorkers;
    return [work, workers](std::uint64_t count) { return measure_native(*work, workers, count); };
  }
  const auto found = kMeasures.find(name);
  if (found == kMeasures.end()) return nullptr;
  return [measure = found->second, guests](std::uint64_t count) { return measure(guests, count); };
}

}  // namespace

[[gnu::noinline]] void measured_part(const std::function<void()>& part) {
  part();
  // Something after the call: else it becomes a jump, and this function has no end that a tool would see.
  asm volatile("" ::: "memory");
}

int run_alone(const std::filesystem::path& guests, std::string_view name, std::uint64_t count) {
  const auto measure = measure_called(name, guests);
  if (measure == nullptr || count == 0) {
    fmt::print(stderr, "airssys_bench: --alone: there is no {} of {}\n", name, count);
    return 2;
  }
  for (int next = std::getchar(); next != EOF; next = std::getchar()) {
    if (next != '\n') continue;
    const Measured measured = measure(count);
    if (!measured) {
      fmt::print(stderr, "airssys_bench: {}\n", measured.error().to_string());
      return 1;
    }
    fmt::print("{} {}\n", measured->value, measured->result);
    std::fflush(stdout);
  }
  return 0;
}

std::vector<std::string> alone_command(std::string_view name, std::uint64_t count) {
  return {std::filesystem::read_symlink("/proc/self/exe").string(), "--alone", std::string(name), std::to_string(count)};
}

}  // namespace airssys::bench
