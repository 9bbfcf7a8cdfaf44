#pragma once

#include <cstddef>
#include <initializer_list>
#include <ranges>
#include <vector>

namespace airssys::runtime::testing {

using Bytes = std::vector<std::byte>;

inline Bytes bytes_of(std::initializer_list<unsigned> values) {
  Bytes bytes;
  for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

inline void append(Bytes& bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

/// LEB128.
inline void append_number(Bytes& bytes, std::size_t number) {
  for (; number >= 0x80; number >>= 7U) bytes.push_back(static_cast<std::byte>((number & 0x7fU) | 0x80U));
  bytes.push_back(static_cast<std::byte>(number));
}

inline const Bytes kComponentPreamble = bytes_of({0, 'a', 's', 'm', 0x0d, 0, 1, 0});

/// Components within components, by hand: the text form's parser refuses to go that deep.
inline Bytes nested_components(std::size_t levels) {
  std::vector<Bytes> headers;  // of each level's section, the innermost first
  std::size_t size = kComponentPreamble.size();
  for (std::size_t i = 1; i < levels; ++i) {
    Bytes header = bytes_of({4});
    append_number(header, size);
    size += kComponentPreamble.size() + header.size();
    headers.push_back(std::move(header));
  }
  Bytes wasm = kComponentPreamble;
  for (const Bytes& header : headers | std::views::reverse) {
    append(wasm, header);
    append(wasm, kComponentPreamble);
  }
  return wasm;
}

/// Types within types, one declaration each; `form` is 0x41 of a component, 0x42 of an instance.
inline Bytes nested_types(unsigned form, std::size_t levels) {
  Bytes types = bytes_of({1});
  for (std::size_t i = 0; i < levels; ++i) append(types, bytes_of({form, i + 1 < levels ? 1U : 0U, 1U}));
  types.pop_back();  // the innermost declares nothing
  Bytes wasm = kComponentPreamble;
  append(wasm, bytes_of({7}));
  append_number(wasm, types.size());
  append(wasm, types);
  return wasm;
}

}  // namespace airssys::runtime::testing
