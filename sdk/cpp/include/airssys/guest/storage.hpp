/// This actor's own keys and values. Reads see the turn's own writes; writes become real when the turn ends well.
#pragma once

#include <airssys/guest/values.hpp>
#include <vector>

namespace airssys::guest {

struct StorageError {
  enum Code : std::uint8_t {
    denied,
    invalid_key,
    value_too_large,  ///< `number`: the largest accepted, bytes.
    quota_exceeded,   ///< `number`: the quota, bytes.
    turn_too_large,   ///< `number`: the most a turn may write, bytes.
    rate_limited,
    unavailable,  ///< `text` says why.
    other,
  };
  Code code = other;
  std::uint64_t number = 0;
  std::string text;

  friend bool operator==(const StorageError& error, Code code) noexcept { return error.code == code; }
};

std::string_view name_of(StorageError::Code code) noexcept;
std::unexpected<Failure> failed(const StorageError& error);

namespace storage {

template <typename T>
using StorageResult = std::expected<T, StorageError>;

struct Entry {
  std::string key;
  std::string value;
};
struct Page {
  std::vector<Entry> entries;
  std::optional<std::string> next;  ///< Give it as `after` for the next page; none: this was the last.
};
struct KeyPage {
  std::vector<std::string> keys;
  std::optional<std::string> next;
};
using Usage = abi::Usage;

StorageResult<std::optional<std::string>> get(std::string_view key);
StorageResult<void> set(std::string_view key, std::string_view value);
/// True: it was there.
StorageResult<bool> erase(std::string_view key);
StorageResult<bool> exists(std::string_view key);
/// In byte order.
StorageResult<Page> scan(std::string_view prefix, std::optional<std::string_view> after = {}, std::uint32_t limit = 1000);
StorageResult<KeyPage> list_keys(std::string_view prefix, std::optional<std::string_view> after = {},
                                 std::uint32_t limit = 1000);
Usage usage();

}  // namespace storage
}  // namespace airssys::guest
