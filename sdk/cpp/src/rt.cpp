// What the C and C++ libraries would ask of an operating system, answered without one: the component imports nothing but the
// contract. Failure paths trap; their printing versions would pull in half of libc.
#include <airssys/guest/abi.hpp>
#include <airssys/guest/contract_text.hpp>
#include <airssys/guest/output.hpp>
#include <cstdlib>
#include <cstring>
#include <new>

namespace abi = airssys::guest::abi;

// ---- memory -----------------------------------------------------------------------------------------------------------

namespace {

/// What was written before is what tells why. Without debug information: the stack shows who gave up.
[[noreturn]] inline __attribute__((always_inline, nodebug)) void give_up() {
  airssys::guest::detail::end_output();
  __builtin_trap();
}

void* allocate(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) give_up();
  return memory;
}

void* allocate_aligned(std::size_t size, std::align_val_t alignment) {
  const auto align = static_cast<std::size_t>(alignment);
  void* memory = std::aligned_alloc(align, (size + align - 1) / align * align);
  if (memory == nullptr) give_up();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_aligned(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_aligned(size, alignment);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

extern "C" {

// The host allocates here what it hands over. Nothing larger than malloc's own alignment occurs in the contract. Of size 0
// there is nothing to free: HostText relies on it. Weak: a guest may bring its own.
__attribute__((weak, export_name("cabi_realloc"))) void* cabi_realloc(void* old, std::size_t old_size, std::size_t align,
                                                                      std::size_t new_size) {
  if (new_size == 0) return reinterpret_cast<void*>(align);
  void* memory = std::realloc(old_size == 0 ? nullptr : old, new_size);
  if (memory == nullptr) __builtin_trap();  // no import may be called from here, not even the log's
  return memory;
}

// ---- failure ----------------------------------------------------------------------------------------------------------

std::uintptr_t __stack_chk_guard = 0x00000aff;
[[noreturn]] void __stack_chk_fail() {
  give_up();
}
[[noreturn]] void abort_message(const char*, ...) {
  give_up();
}
void abort() {
  give_up();
}
void __assert_fail(const char* expression, const char* file, int, const char*) {
  airssys::guest::detail::end_output();
  const abi::ConstTextPair field{{"file", 4}, {file, std::strlen(file)}};
  const airssys::guest::detail::ContractText text(expression);
  abi::airssys_log_write(4, text.data(), text.size(), &field, 1);
  give_up();
}

}  // extern "C"

// libc++'s last words; declared by every libc++ header.
[[noreturn]] void std::__libcpp_verbose_abort(const char*, ...) noexcept {
  give_up();
}
