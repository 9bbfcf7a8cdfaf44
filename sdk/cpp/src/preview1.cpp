// The little of an operating system that libc calls where guests use printf, snprintf with floating point, std::format, time()
// or random devices. Defined under the names by which wasi-libc imports them, so the linker keeps only what is used and the
// component imports no WASI: time and chance come from the turn, files do not exist. What is written is in output.cpp.
#include <airssys/guest/abi.hpp>
#include <cstring>

namespace abi = airssys::guest::abi;

namespace {

constexpr std::int32_t kSuccess = 0;
constexpr std::int32_t kBadDescriptor = 8;
constexpr std::int32_t kNotSupported = 58;

}  // namespace

extern "C" {

std::int32_t __imported_wasi_snapshot_preview1_fd_read(std::uint32_t, const abi::Text*, std::uint32_t, std::uint32_t*) {
  return kBadDescriptor;
}
std::int32_t __imported_wasi_snapshot_preview1_fd_close(std::uint32_t) {
  return kBadDescriptor;
}
std::int32_t __imported_wasi_snapshot_preview1_fd_seek(std::uint32_t, std::int64_t, std::uint32_t, std::int64_t*) {
  return kBadDescriptor;
}
std::int32_t __imported_wasi_snapshot_preview1_fd_fdstat_set_flags(std::uint32_t, std::uint32_t) {
  return kBadDescriptor;
}
std::int32_t __imported_wasi_snapshot_preview1_fd_prestat_get(std::uint32_t, void*) {
  return kBadDescriptor;
}
std::int32_t __imported_wasi_snapshot_preview1_fd_prestat_dir_name(std::uint32_t, char*, std::uint32_t) {
  return kBadDescriptor;
}
std::int32_t __imported_wasi_snapshot_preview1_path_open(std::uint32_t, std::uint32_t, const char*, std::uint32_t,
                                                         std::uint32_t, std::int64_t, std::int64_t, std::uint32_t,
                                                         std::uint32_t*) {
  return kNotSupported;
}

std::int32_t __imported_wasi_snapshot_preview1_clock_time_get(std::uint32_t, std::int64_t, std::uint64_t* nanoseconds) {
  *nanoseconds = abi::airssys_now_ms() * 1'000'000;
  return kSuccess;
}

std::int32_t __imported_wasi_snapshot_preview1_random_get(char* data, std::uint32_t size) {
  while (size != 0) {
    const std::uint64_t chance = abi::airssys_random_u64();
    const std::uint32_t step = size < sizeof chance ? size : static_cast<std::uint32_t>(sizeof chance);
    std::memcpy(data, &chance, step);
    data += step;
    size -= step;
  }
  return kSuccess;
}

std::int32_t __imported_wasi_snapshot_preview1_environ_sizes_get(std::uint32_t* count, std::uint32_t* size) {
  *count = *size = 0;
  return kSuccess;
}
std::int32_t __imported_wasi_snapshot_preview1_environ_get(void*, void*) {
  return kSuccess;
}

[[noreturn]] void __imported_wasi_snapshot_preview1_proc_exit(std::uint32_t) {
  __builtin_trap();
}

}  // extern "C"
