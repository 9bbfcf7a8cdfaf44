#include "floor.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/bridge.h"
#include "airssys/core/assert.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/runtime/bridge_handle.hpp"
#include "airssys/runtime/engine.hpp"

namespace airssys::bench {
namespace {

using runtime::BridgeHandle;

ab_view view_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view text_of(ab_view view) noexcept {
  return {reinterpret_cast<const char*>(view.data), view.size};
}

/// What a bare guest's imports work on: the turn token of every call.
struct Desk {
  std::string_view to;            ///< The value of the config key `to`.
  std::vector<std::uint8_t> out;  ///< The body that was sent last.
  std::uint64_t last_id = 0;
};

Desk& desk_of(void* turn) noexcept {
  return *static_cast<Desk*>(turn);
}

bool send(void* turn, ab_view, std::uint32_t, ab_view body, ab_send_error*) noexcept {
  desk_of(turn).out.assign(body.data, body.data + body.size);
  return true;
}

bool request(void* turn, ab_view, std::uint32_t, ab_view body, std::uint64_t, std::uint64_t, std::uint64_t* id,
             ab_send_error*) noexcept {
  Desk& desk = desk_of(turn);
  desk.out.assign(body.data, body.data + body.size);
  *id = ++desk.last_id;
  return true;
}

bool config_get(void* turn, ab_view key, ab_view* value) noexcept {
  if (text_of(key) != "to" || desk_of(turn).to.empty()) return false;
  *value = view_of(desk_of(turn).to);
  return true;
}

std::uint64_t epoch(void*) noexcept {
  return 10;
}

/// The rest is not called by these guests; if it is, the floor is not what it says.
template <typename Result, typename... Arguments>
void forbid(Result (*&import)(Arguments...)) noexcept {
  import = [](Arguments...) -> Result { std::abort(); };
}

ab_imports bare_imports() noexcept {
  ab_imports table{};
  table.size = sizeof(table);
  table.send = send;
  table.request = request;
  table.config_get = config_get;
  table.epoch = epoch;
  forbid(table.cancel);
  forbid(table.answer);
  forbid(table.broadcast);
  forbid(table.publish);
  forbid(table.subscribe);
  forbid(table.unsubscribe);
  forbid(table.self_address);
  forbid(table.system_id);
  forbid(table.now_ms);
  forbid(table.random_u64);
  forbid(table.attempt);
  forbid(table.sent_at_ms);
  forbid(table.deadline_ms);
  forbid(table.trace_parent);
  forbid(table.storage_get);
  forbid(table.storage_set);
  forbid(table.storage_delete);
  forbid(table.storage_exists);
  forbid(table.storage_scan);
  forbid(table.storage_list_keys);
  forbid(table.storage_usage);
  forbid(table.timer_arm);
  forbid(table.timer_disarm);
  forbid(table.log_write);
  forbid(table.log_enabled);
  forbid(table.secret_get);
  forbid(table.directory_find);
  return table;
}

/// As the runtime sets them for an actor with default limits.
ab_limits default_limits(const FloorOptions& options = {}) noexcept {
  const core::Limits limits;
  ab_limits bare{};
  bare.size = sizeof(bare);
  bare.memory_bytes = limits.memory;
  bare.table_elements = limits.table_elements;
  bare.hostcall_bytes = limits.memory + (core::Bytes{1} << 20);
  bare.unlimited = options.without_memory_limits ? 1 : 0;
  return bare;
}

/// As an actor's first look at its slice.
constexpr std::uint64_t kTicks = 11;

core::Error failure(std::string_view what, ab_buffer text) {
  core::Error error(core::ErrorCode::internal, "bench", fmt::format("{}: {}", what, text_of({text.data, text.size})));
  if (text.data != nullptr) ab_buffer_free(text);
  return error;
}

core::Result<std::string> read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return std::unexpected(
        core::Error(core::ErrorCode::not_found, "bench", fmt::format("{}: no such guest was built", path.string())));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// A guest, compiled and linked to the bare imports.
class BareGuest {
 public:
  static core::Result<BareGuest> load(const ab_engine* engine, const std::filesystem::path& wasm,
                                      const FloorOptions& options = {}) {
    AIRSSYS_TRY(const std::string bytes, read(wasm));
    ab_buffer artifact{};
    ab_buffer error{};
    if (ab_compile(engine, view_of(bytes), &artifact, &error) != AB_OK) return std::unexpected(failure(wasm.string(), error));
    auto guest = load_artifact(engine, {artifact.data, artifact.size}, wasm, options);
    ab_buffer_free(artifact);
    return guest;
  }

  static core::Result<BareGuest> load_artifact(const ab_engine* engine, ab_view artifact, const std::filesystem::path& from,
                                               const FloorOptions& options = {}) {
    ab_buffer error{};
    ab_component* component = nullptr;
    if (ab_component_load(engine, artifact, &component, &error) != AB_OK) {
      return std::unexpected(failure(from.string(), error));
    }
    BareGuest guest;
    guest.limits_ = default_limits(options);
    guest.component_.reset(component);
    const ab_imports imports = bare_imports();
    ab_template* linked = nullptr;
    if (ab_template_new(component, &imports, &linked, &error) != AB_OK) {
      return std::unexpected(failure(from.string(), error));
    }
    guest.linked_.reset(linked);
    return guest;
  }

  BridgeHandle<ab_instance> instantiate(Desk& desk) const {
    ab_instance* instance = nullptr;
    AIRSSYS_ASSERT(ab_instance_new(linked_.get(), &limits_, &desk, kTicks, &instance, nullptr) == AB_OK);
    return BridgeHandle<ab_instance>(instance);
  }

  BridgeHandle<ab_instance> start(Desk& desk) const {
    BridgeHandle<ab_instance> handle = instantiate(desk);
    ab_response response{};
    AIRSSYS_ASSERT(ab_initialize(handle.get(), &desk, kTicks, AB_START_FIRST, 0, {}, &response) == AB_OK);
    AIRSSYS_ASSERT(response.kind == AB_RESPONSE_DONE);
    return handle;
  }

 private:
  ab_limits limits_{};
  BridgeHandle<ab_component> component_;
  BridgeHandle<ab_template> linked_;
};

ab_message message_of(std::uint64_t id, std::uint32_t kind, ab_view body) noexcept {
  return {.id = id,
          .kind = kind,
          .codec = 0x55,
          .sender = view_of("bench/source/1"),
          .has_topic = false,
          .topic = {},
          .body = body};
}

ab_view view_of(const std::vector<std::uint8_t>& bytes) noexcept {
  return {bytes.data(), bytes.size()};
}

/// Calls `handle-message`; the guest must answer without a body.
void tell(ab_instance* instance, Desk& desk, const ab_message& message) {
  ab_response response{};
  AIRSSYS_ASSERT(ab_handle_message(instance, &desk, kTicks, &message, &response) == AB_OK);
  AIRSSYS_ASSERT(response.kind == AB_RESPONSE_DONE);
}

class BareFloor final : public Floor {
 public:
  BareFloor(BridgeHandle<ab_engine> engine, std::map<std::string, BareGuest, std::less<>> guests)
      : engine_(std::move(engine)), guests_(std::move(guests)) {}

  void hops(std::size_t body_bytes, std::size_t count) override {
    if (!hop_) hop_ = std::make_unique<Pair>(guest("forwarder"), guest("forwarder"));
    auto& [a, b, from, to] = *hop_;
    const std::vector<std::uint8_t> body(body_bytes, 'x');
    for (std::size_t i = 1; i <= count; ++i) {
      tell(from.get(), a, message_of(i, 0, view_of(body)));
      tell(to.get(), b, message_of(i, 0, view_of(a.out)));
    }
    AIRSSYS_ASSERT(a.out == body);
  }

  void requests(std::size_t body_bytes, std::size_t count) override {
    if (!dialogue_) dialogue_ = std::make_unique<Pair>(guest("asker"), guest("echo"));
    auto& [a, b, asker, answerer] = *dialogue_;
    const std::uint64_t asked_before = a.last_id;
    const std::string order = fmt::format("1 {} {}", count + 1, std::string(body_bytes, 'x'));
    tell(asker.get(), a, message_of(1, 0, view_of(order)));
    for (std::size_t i = 0; i < count; ++i) {
      const ab_message question = message_of(a.last_id, 1, view_of(a.out));
      ab_response reply{};
      AIRSSYS_ASSERT(ab_handle_message(answerer.get(), &b, kTicks, &question, &reply) == AB_OK);
      AIRSSYS_ASSERT(reply.kind == AB_RESPONSE_REPLY && reply.bytes.size == body_bytes);
      const ab_outcome outcome{.id = a.last_id,
                               .tag = 0,
                               .error = 0,
                               .failure = 0,
                               .codec = reply.codec,
                               .body = {reply.bytes.data, reply.bytes.size}};
      ab_response done{};
      AIRSSYS_ASSERT(ab_handle_reply(asker.get(), &a, kTicks, &outcome, &done) == AB_OK);
      if (reply.bytes.data != nullptr) ab_buffer_free(reply.bytes);
    }
    AIRSSYS_ASSERT(a.last_id == asked_before + count + 1);
  }

  void spawns(std::size_t count) override {
    const BareGuest& forwarder = guest("forwarder");
    Desk desk{.to = "bench/b/1", .out = {}};
    for (std::size_t i = 0; i < count; ++i) {
      desk.out.clear();
      const auto instance = forwarder.start(desk);
      tell(instance.get(), desk, message_of(i, 0, view_of("first")));
      AIRSSYS_ASSERT(desk.out.size() == 5);
    }
  }

  void restarts(std::size_t count) override {
    const BareGuest& trapping = guest("trapping");
    Desk desk;
    auto instance = trapping.start(desk);
    for (std::size_t i = 0; i < count; ++i) {
      const ab_message message = message_of(i, 0, view_of("unreachable"));
      ab_response response{};
      AIRSSYS_ASSERT(ab_handle_message(instance.get(), &desk, kTicks, &message, &response) == AB_TRAP);
      AIRSSYS_ASSERT(ab_trap_view(ab_instance_trap(instance.get())).kind == AB_TRAP_UNREACHABLE);
      instance.reset();
      instance = trapping.start(desk);
    }
  }

 private:
  /// Two guests, of which the first talks to the second.
  struct Pair {
    Pair(const BareGuest& first, const BareGuest& second) : from(first.start(a)), to(second.start(b)) {}

    Desk a{.to = "bench/b/1", .out = {}};
    Desk b{};
    BridgeHandle<ab_instance> from;
    BridgeHandle<ab_instance> to;
  };

  const BareGuest& guest(std::string_view name) const {
    const auto found = guests_.find(name);
    AIRSSYS_ASSERT(found != guests_.end());
    return found->second;
  }

  BridgeHandle<ab_engine> engine_;
  std::map<std::string, BareGuest, std::less<>> guests_;
  std::unique_ptr<Pair> hop_;
  std::unique_ptr<Pair> dialogue_;
};

class Crowd final : public BareGuests {
 public:
  Crowd(BridgeHandle<ab_engine> engine, BareGuest guest) : engine_(std::move(engine)), guest_(std::move(guest)) {}

  void add(std::string_view body) override {
    members_.push_back(guest_.start(desk_));
    const ab_message question = message_of(members_.size(), 1, view_of(body));
    ab_response reply{};
    AIRSSYS_ASSERT(ab_handle_message(members_.back().get(), &desk_, kTicks, &question, &reply) == AB_OK);
    AIRSSYS_ASSERT(reply.kind == AB_RESPONSE_REPLY && text_of({reply.bytes.data, reply.bytes.size}) == body);
    ab_buffer_free(reply.bytes);
  }

 private:
  BridgeHandle<ab_engine> engine_;
  BareGuest guest_;
  Desk desk_;
  std::vector<BridgeHandle<ab_instance>> members_;
};

class Troop final : public BareSystem {
 public:
  explicit Troop(BridgeHandle<ab_engine> engine) : engine_(std::move(engine)) {}

  core::Result<void> add(const std::string& artifact) {
    if (!guests_.contains(artifact)) {
      AIRSSYS_TRY(const std::string bytes, read(artifact));
      AIRSSYS_TRY(BareGuest guest, BareGuest::load_artifact(engine_.get(), view_of(bytes), artifact));
      guests_.emplace(artifact, std::move(guest));
    }
    members_.push_back(guests_.at(artifact).instantiate(desk_));
    return {};
  }

 private:
  BridgeHandle<ab_engine> engine_;
  std::map<std::string, BareGuest> guests_;
  Desk desk_;
  std::vector<BridgeHandle<ab_instance>> members_;
};

core::Result<BridgeHandle<ab_engine>> make_engine(const FloorOptions& options, core::Profile profile = core::Profile::fast) {
  const runtime::EngineOptions usual;
  ab_engine_config config{};
  config.size = sizeof(config);
  config.profile = profile == core::Profile::dense ? AB_PROFILE_DENSE : AB_PROFILE_FAST;
  config.wasm_stack_bytes = static_cast<std::uint32_t>(usual.guest_stack);
  config.signals_traps = 1;
  config.untimed = options.without_epochs ? 1 : 0;
  ab_engine* raw = nullptr;
  ab_buffer error{};
  if (ab_engine_new(&config, &raw, &error) != AB_OK) return std::unexpected(failure("the engine can't start", error));
  return BridgeHandle<ab_engine>(raw);
}

}  // namespace

core::Result<std::unique_ptr<Floor>> Floor::create(const std::filesystem::path& folder, const FloorOptions& options) {
  AIRSSYS_TRY(BridgeHandle<ab_engine> engine, make_engine(options));
  std::map<std::string, BareGuest, std::less<>> guests;
  for (const std::string& name : options.guests) {
    AIRSSYS_TRY(BareGuest guest, BareGuest::load(engine.get(), folder / name / (name + ".wasm"), options));
    guests.emplace(name, std::move(guest));
  }
  return std::make_unique<BareFloor>(std::move(engine), std::move(guests));
}

core::Result<std::unique_ptr<BareGuests>> BareGuests::load(const std::filesystem::path& wasm, core::Profile profile) {
  AIRSSYS_TRY(BridgeHandle<ab_engine> engine, make_engine({}, profile));
  AIRSSYS_TRY(BareGuest guest, BareGuest::load(engine.get(), wasm));
  return std::make_unique<Crowd>(std::move(engine), std::move(guest));
}

core::Result<std::unique_ptr<BareSystem>> BareSystem::start(std::span<const std::string> artifacts) {
  AIRSSYS_TRY(BridgeHandle<ab_engine> engine, make_engine({}));
  auto troop = std::make_unique<Troop>(std::move(engine));
  for (const std::string& artifact : artifacts) AIRSSYS_TRY(troop->add(artifact));
  return troop;
}

}  // namespace airssys::bench
