#include "airssys/config/limits_patch.hpp"

#include <fmt/format.h>

#include <array>

#include "airssys/core/quoted.hpp"
#include "airssys/core/units.hpp"
#include "limits_table.hpp"
#include "table_reader.hpp"

namespace airssys::config {
namespace {

using namespace airssys::literals;

constexpr std::uint64_t kMost = 1'000'000;
constexpr std::uint64_t kHour = 3'600'000;
/// What 32-bit addresses reach.
constexpr core::Bytes kMostMemory = 4_GiB;
constexpr core::Bytes kPage = 64_KiB;

constexpr std::array<LimitKey, 20> kLimitKeys{{
    {"memory", LimitForm::bytes, kPage, kMostMemory, &LimitsPatch::memory},
    {"reserve", LimitForm::bytes, 0, kMostMemory, &LimitsPatch::reserve},
    {"table_elements", LimitForm::count, 0, 10'000'000, &LimitsPatch::table_elements},
    {"turn_cpu", LimitForm::duration, 1, kHour, &LimitsPatch::turn_cpu},
    {"turn_wall", LimitForm::duration, 1, kHour, &LimitsPatch::turn_wall},
    {"slice", LimitForm::duration, 1, 60'000, &LimitsPatch::slice},
    {"mailbox_messages", LimitForm::count, 1, kMost, &LimitsPatch::mailbox_messages},
    {"mailbox_bytes", LimitForm::bytes, 1, kMostMemory, &LimitsPatch::mailbox_bytes},
    {"body_bytes", LimitForm::bytes, 1, 1_GiB, &LimitsPatch::body_bytes},
    {"reply_bytes", LimitForm::bytes, 1, kMostMemory, &LimitsPatch::reply_bytes},
    {"requests", LimitForm::count, 0, kMost, &LimitsPatch::requests},
    {"deferred", LimitForm::count, 0, kMost, &LimitsPatch::deferred},
    {"timers", LimitForm::count, 0, kMost, &LimitsPatch::timers},
    {"subscriptions", LimitForm::count, 0, kMost, &LimitsPatch::subscriptions},
    {"turn_effects", LimitForm::count, 0, kMost, &LimitsPatch::turn_effects},
    {"turn_bytes", LimitForm::bytes, 0, kMostMemory, &LimitsPatch::turn_bytes},
    {"log_rate", LimitForm::rate, 0, kMost, &LimitsPatch::log_rate},
    {"storage", LimitForm::bytes, 0, 1024 * 1_GiB, &LimitsPatch::storage},
    {"storage_rate", LimitForm::byte_rate, 1, 1024 * 1_GiB, &LimitsPatch::storage_rate},
    {"value_bytes", LimitForm::bytes, 1, 1_GiB, &LimitsPatch::value_bytes},
}};

core::Result<std::uint64_t> parse_byte_rate(std::string_view text) {
  if (text.ends_with("/s")) {
    if (auto bytes = core::parse_bytes(text.substr(0, text.size() - 2))) return bytes;
  }
  return std::unexpected(
      core::Error(core::ErrorCode::invalid, "config",
                  fmt::format(R"({} is no size per second; expected a size and /s, as in "10MiB/s")", core::quoted(text))));
}

core::Result<std::uint64_t> parse_milliseconds(std::string_view text) {
  AIRSSYS_TRY(const std::chrono::milliseconds duration, core::parse_duration(text));
  return static_cast<std::uint64_t>(duration.count());
}

core::Result<std::uint64_t> parse_per_second(std::string_view text) {
  AIRSSYS_TRY(const core::Rate rate, core::parse_rate(text));
  return std::uint64_t{rate.per_second};
}

std::optional<std::uint64_t> take_limit(TableReader& reader, const LimitKey& key) {
  switch (key.form) {
    case LimitForm::bytes:
      return reader.take_parsed(key.name, core::parse_bytes);
    case LimitForm::duration:
      return reader.take_parsed(key.name, parse_milliseconds);
    case LimitForm::rate:
      return reader.take_parsed(key.name, parse_per_second);
    case LimitForm::byte_rate:
      return reader.take_parsed(key.name, parse_byte_rate);
    case LimitForm::count:
      return reader.take_integer(key.name, key.least, key.most);
  }
  return std::nullopt;
}

void read_limit(TableReader& reader, const LimitKey& key, LimitsPatch& patch) {
  const auto value = take_limit(reader, key);
  if (!value) return;
  if (*value < key.least || *value > key.most) {
    reader.report_range(key.name, fmt::format("from {} to {}", limit_text(key, key.least), limit_text(key, key.most)));
    return;
  }
  set(patch, key, *value);
  patch.places.emplace(key.name, reader.place_of(key.name));
}

template <typename T>
void overlay(T& value, const std::optional<T>& over) {
  if (over) value = *over;
}

}  // namespace

std::span<const LimitKey> limit_keys() noexcept {
  return kLimitKeys;
}

std::optional<std::uint64_t> get(const LimitsPatch& patch, const LimitKey& key) noexcept {
  return std::visit(
      [&patch]<typename T>(std::optional<T> LimitsPatch::* member) -> std::optional<std::uint64_t> {
        const std::optional<T>& value = patch.*member;
        if (!value) return std::nullopt;
        if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
          return static_cast<std::uint64_t>(value->count());
        } else {
          return std::uint64_t{*value};
        }
      },
      key.member);
}

void set(LimitsPatch& patch, const LimitKey& key, std::uint64_t value) noexcept {
  std::visit([&]<typename T>(std::optional<T> LimitsPatch::* member) { patch.*member = static_cast<T>(value); }, key.member);
}

std::string limit_text(const LimitKey& key, std::uint64_t value) {
  switch (key.form) {
    case LimitForm::bytes:
      return core::bytes_to_string(value);
    case LimitForm::duration:
      return core::duration_to_string(std::chrono::milliseconds(value));
    case LimitForm::rate:
      return core::to_string(core::Rate{static_cast<std::uint32_t>(value)});
    case LimitForm::byte_rate:
      return core::bytes_to_string(value) + "/s";
    case LimitForm::count:
      return fmt::format("{}", value);
  }
  return {};
}

LimitsPatch read_limits(const Value* table, const std::string& where, Problems& problems) {
  LimitsPatch patch;
  if (table == nullptr) return patch;
  TableReader reader(*table, limits_keys(), where, problems);
  for (const LimitKey& key : kLimitKeys) read_limit(reader, key, patch);
  reader.finish();
  return patch;
}

LimitsPatch as_patch(const core::Limits& limits) {
  return {.memory = limits.memory,
          .table_elements = limits.table_elements,
          .turn_cpu = limits.turn_cpu,
          .turn_wall = limits.turn_wall,
          .slice = limits.slice,
          .mailbox_messages = limits.mailbox_messages,
          .mailbox_bytes = limits.mailbox_bytes,
          .body_bytes = limits.body_bytes,
          .reply_bytes = limits.reply_bytes,
          .requests = limits.requests,
          .deferred = limits.deferred,
          .timers = limits.timers,
          .subscriptions = limits.subscriptions,
          .turn_effects = limits.turn_effects,
          .turn_bytes = limits.turn_bytes,
          .log_rate = limits.log_rate};
}

core::Limits apply(const LimitsPatch& patch, core::Limits base) {
  overlay(base.memory, patch.memory);
  overlay(base.table_elements, patch.table_elements);
  overlay(base.turn_cpu, patch.turn_cpu);
  overlay(base.turn_wall, patch.turn_wall);
  overlay(base.slice, patch.slice);
  overlay(base.mailbox_messages, patch.mailbox_messages);
  overlay(base.mailbox_bytes, patch.mailbox_bytes);
  overlay(base.body_bytes, patch.body_bytes);
  overlay(base.reply_bytes, patch.reply_bytes);
  overlay(base.requests, patch.requests);
  overlay(base.deferred, patch.deferred);
  overlay(base.timers, patch.timers);
  overlay(base.subscriptions, patch.subscriptions);
  overlay(base.turn_effects, patch.turn_effects);
  overlay(base.turn_bytes, patch.turn_bytes);
  overlay(base.log_rate, patch.log_rate);
  return base;
}

LimitsPatch merge(const LimitsPatch& base, const LimitsPatch& over) {
  LimitsPatch merged = base;
  for (const LimitKey& key : kLimitKeys) {
    const auto value = get(over, key);
    if (!value) continue;
    set(merged, key, *value);
    merged.places.erase(std::string(key.name));
    if (const auto place = over.places.find(key.name); place != over.places.end()) merged.places.insert(*place);
  }
  return merged;
}

}  // namespace airssys::config
