// The parts of the kit that need not be inlined: lists, names, and failure paths.
#include <airssys/guest.hpp>
#include <array>
#include <list>

namespace airssys::guest {

namespace {

template <typename T>
const T* items(const abi::Text& list) {
  return reinterpret_cast<const T*>(list.data);
}

/// Frees a list's own block, not what its items point to.
using ListBlock = detail::HostText;

template <typename T>
ListBlock block_of(const abi::Text& list) {
  return {list.data, static_cast<std::uint32_t>(list.size * sizeof(T))};
}

template <typename Code, std::size_t N>
std::string_view name_in(const std::array<std::string_view, N>& names, Code code) {
  return names[code < N ? code : N - 1];
}

}  // namespace

namespace detail {

SendError lift(const abi::Error& error) {
  SendError lifted;
  lifted.code = static_cast<SendError::Code>(error.code);
  switch (lifted.code) {
    case SendError::too_large:
      lifted.number = error.payload.number;
      break;
    case SendError::limit_reached:
      lifted.limit = static_cast<SendError::Limit>(error.payload.limit);
      break;
    case SendError::unavailable:
    case SendError::other:
      lifted.text = HostText(error.payload.text).copy();
      break;
    default:
      break;
  }
  return lifted;
}

SendResult<void> send_mended(std::string_view to, BodyView body) {
  return send(mended(to), body);
}

SendResult<MessageId> request_mended(std::string_view to, BodyView body, std::chrono::milliseconds timeout, std::uint64_t tag) {
  return request(mended(to), body, timeout, tag);
}

SendResult<void> publish_mended(std::string_view topic, BodyView body) {
  return publish(mended(topic), body);
}

std::unexpected<SendError> refused(const abi::Error& error, std::string_view verb, std::string_view target) {
  SendError lifted = lift(error);
  lifted.verb = verb;
  lifted.target = target;
  return std::unexpected(std::move(lifted));
}

namespace {

StorageError lift_storage(const abi::Error& error) {
  StorageError lifted;
  lifted.code = static_cast<StorageError::Code>(error.code);
  switch (lifted.code) {
    case StorageError::value_too_large:
    case StorageError::quota_exceeded:
    case StorageError::turn_too_large:
      lifted.number = error.payload.number;
      break;
    case StorageError::unavailable:
    case StorageError::other:
      lifted.text = HostText(error.payload.text).copy();
      break;
    default:
      break;
  }
  return lifted;
}

std::vector<std::string> lift_texts(const abi::Text& list) {
  const ListBlock block = block_of<abi::Text>(list);
  std::vector<std::string> texts;
  texts.reserve(list.size);
  for (std::uint32_t i = 0; i < list.size; ++i) texts.push_back(HostText(items<abi::Text>(list)[i]).copy());
  return texts;
}

}  // namespace
}  // namespace detail

// ---- names ------------------------------------------------------------------------------------------------------------

std::string_view name_of(SendError::Code code) noexcept {
  static constexpr std::array<std::string_view, 12> kNames{
      "invalid-address", "denied",          "not-found",       "mailbox-full",  "too-large",   "codec-not-accepted",
      "rate-limited",    "invalid-timeout", "deadline-passed", "limit-reached", "unavailable", "other"};
  return name_in(kNames, code);
}

std::string_view name_of(RequestError::Code code) noexcept {
  static constexpr std::array<std::string_view, 7> kNames{"timeout",  "target-gone",   "interrupted", "failed",
                                                          "answered", "reply-refused", "other"};
  return name_in(kNames, code);
}

std::string_view name_of(StorageError::Code code) noexcept {
  static constexpr std::array<std::string_view, 8> kNames{"denied",         "invalid-key",  "value-too-large", "quota-exceeded",
                                                          "turn-too-large", "rate-limited", "unavailable",     "other"};
  return name_in(kNames, code);
}

std::string_view name_of(TimerError::Code code) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{"invalid", "limit-reached", "unavailable"};
  return name_in(kNames, code);
}

// ---- failures ---------------------------------------------------------------------------------------------------------

namespace {

std::string described(std::string_view what, std::string_view name, std::string_view text) {
  std::string sentence = std::string(what) + ": " + std::string(name);
  if (!text.empty()) sentence += ", " + std::string(text);
  return sentence;
}

}  // namespace

namespace {

/// What the name of a refusal leaves open. Of a denial no more is said: these words may reach whoever asked, and what is
/// missing is in the operator's reports.
std::string explained(const SendError& error) {
  static constexpr std::array<std::string_view, 6> kLimits{"requests", "subscriptions", "timers",
                                                           "deferred", "turn_effects",  "turn_bytes"};
  switch (error.code) {
    case SendError::not_found:
      return "there is no such actor";
    case SendError::too_large:
      return "at most " + std::to_string(error.number) + " bytes are accepted";
    case SendError::limit_reached:
      return "this actor's own limit `" + std::string(name_in(kLimits, error.limit)) + '`';
    default:
      return error.text;
  }
}

}  // namespace

std::string to_string(const SendError& error) {
  std::string sentence = "cannot " + std::string(error.verb) + ' ' + error.target + ": " + std::string(name_of(error.code));
  const std::string why = explained(error);
  return why.empty() ? sentence : sentence + ": " + why;
}

std::unexpected<Failure> failed(const SendError& error) {
  if (error == SendError::mailbox_full || error == SendError::rate_limited) return busy();
  return internal(to_string(error));
}

std::unexpected<Failure> failed(const StorageError& error) {
  if (error == StorageError::rate_limited) return busy();
  return internal(described("storage refused", name_of(error.code), error.text));
}

std::unexpected<Failure> failed(const TimerError& error) {
  static constexpr std::array<std::string_view, 3> kWhy{"a delay is at most 365 days, a period from 1 ms to 365 days",
                                                        "this actor's own limit `timers`",
                                                        "this component has no handle_timer to get the firing"};
  return internal(described("timer refused", name_of(error.code), name_in(kWhy, error.code)));
}

Failure failure_of(const RequestError& error) {
  if (error.failure) return *error.failure;
  return {Failure::internal, described("no reply", name_of(error.code), error.text())};
}

// ---- calls ------------------------------------------------------------------------------------------------------------

SendResult<std::vector<Refusal>> broadcast(std::span<const std::string_view> to, BodyView body) {
  std::vector<abi::ConstText> targets;
  targets.reserve(to.size());
  std::list<std::string> mended;  // each stays where it is
  for (std::string_view target : to) {
    if (!detail::is_well_formed(target)) target = mended.emplace_back(detail::mended(target));
    targets.push_back({target.data(), detail::size32(target.size())});
  }
  abi::ResultOf<abi::Text> result;
  abi::airssys_broadcast(targets.data(), detail::size32(targets.size()), static_cast<std::uint32_t>(body.codec),
                         body.text.data(), detail::size32(body.text.size()), &result);
  if (result.failed != 0) return detail::refused(result.error, "broadcast to", std::to_string(to.size()) + " targets");
  const ListBlock block = block_of<abi::Refusal>(result.value);
  std::vector<Refusal> refusals;
  refusals.reserve(result.value.size);
  for (std::uint32_t i = 0; i < result.value.size; ++i) {
    const auto& refusal = items<abi::Refusal>(result.value)[i];
    refusals.push_back({refusal.index, detail::lift(refusal.error)});
    refusals.back().error.target = to[refusal.index];
  }
  return refusals;
}

AddressPage find_actors(std::string_view pattern, std::optional<std::string_view> after, std::uint32_t limit) {
  abi::Page result;
  const detail::ContractText text(pattern);
  const detail::ContractText from(after.value_or(""));
  abi::airssys_directory_find(text.data(), text.size(), after.has_value(), from.data(), from.size(), limit, &result);
  return {detail::lift_texts(result.items), detail::lift(result.next)};
}

void log::write(Level level, std::string_view text, std::initializer_list<Field> fields) {
  std::vector<abi::ConstTextPair> pairs;
  pairs.reserve(fields.size());
  for (const Field& field : fields) {
    pairs.push_back({detail::lower(field.name), detail::lower(field.value)});
  }
  const detail::ContractText line(text);
  abi::airssys_log_write(static_cast<std::uint32_t>(level), line.data(), line.size(), pairs.data(),
                         detail::size32(pairs.size()));
}

namespace storage {

namespace {

template <typename T>
std::unexpected<StorageError> refused(const abi::ResultOf<T>& result) {
  return std::unexpected(detail::lift_storage(result.error));
}

using PageImport = void (*)(const char*, std::uint32_t, std::uint32_t, const char*, std::uint32_t, std::uint32_t,
                            abi::ResultOf<abi::Page>*);

abi::ResultOf<abi::Page> page_from(PageImport import, std::string_view prefix, std::optional<std::string_view> after,
                                   std::uint32_t limit) {
  abi::ResultOf<abi::Page> result;
  const detail::ContractText text(prefix);
  const detail::ContractText from(after.value_or(""));
  import(text.data(), text.size(), after.has_value(), from.data(), from.size(), limit, &result);
  return result;
}

}  // namespace

StorageResult<std::optional<std::string>> get(std::string_view key) {
  abi::ResultOf<abi::OptionalText> result;
  const detail::ContractText name(key);
  abi::airssys_storage_get(name.data(), name.size(), &result);
  if (result.failed != 0) return refused(result);
  return detail::lift(result.value);
}

StorageResult<void> set(std::string_view key, std::string_view value) {
  abi::ResultOf<abi::Nothing> result;
  const detail::ContractText name(key);
  abi::airssys_storage_set(name.data(), name.size(), value.data(), detail::size32(value.size()), &result);
  if (result.failed != 0) return refused(result);
  return {};
}

StorageResult<bool> erase(std::string_view key) {
  abi::ResultOf<std::uint8_t> result;
  const detail::ContractText name(key);
  abi::airssys_storage_delete(name.data(), name.size(), &result);
  if (result.failed != 0) return refused(result);
  return result.value != 0;
}

StorageResult<bool> exists(std::string_view key) {
  abi::ResultOf<std::uint8_t> result;
  const detail::ContractText name(key);
  abi::airssys_storage_exists(name.data(), name.size(), &result);
  if (result.failed != 0) return refused(result);
  return result.value != 0;
}

StorageResult<Page> scan(std::string_view prefix, std::optional<std::string_view> after, std::uint32_t limit) {
  const auto result = page_from(&abi::airssys_storage_scan, prefix, after, limit);
  if (result.failed != 0) return refused(result);
  const abi::Text& list = result.value.items;
  const ListBlock block = block_of<abi::TextPair>(list);
  Page page;
  page.entries.reserve(list.size);
  for (std::uint32_t i = 0; i < list.size; ++i) {
    const abi::TextPair& pair = items<abi::TextPair>(list)[i];
    page.entries.push_back({detail::HostText(pair.first).copy(), detail::HostText(pair.second).copy()});
  }
  page.next = detail::lift(result.value.next);
  return page;
}

StorageResult<KeyPage> list_keys(std::string_view prefix, std::optional<std::string_view> after, std::uint32_t limit) {
  const auto result = page_from(&abi::airssys_storage_list_keys, prefix, after, limit);
  if (result.failed != 0) return refused(result);
  return KeyPage{detail::lift_texts(result.value.items), detail::lift(result.value.next)};
}

Usage usage() {
  Usage result;
  abi::airssys_storage_usage(&result);
  return result;
}

}  // namespace storage
}  // namespace airssys::guest
