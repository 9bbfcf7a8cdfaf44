#include "airssys/runtime/compiler.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "bridge_values.hpp"
#include "compiler_process.hpp"
#include "file.hpp"

namespace airssys::runtime {

namespace {

constexpr int kUsage = 2;
constexpr int kFailed = 1;
/// What a runtime says when it gives up.
constexpr rlim_t kWordsMax = rlim_t{64} << 10;
constexpr rlim_t kDescriptorsMax = 64;

/// Never more than the process had.
core::Result<void> limit(__rlimit_resource_t resource, rlim_t most) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return std::unexpected(os_error("getrlimit", errno));
  now.rlim_max = std::min(now.rlim_max, most);
  now.rlim_cur = now.rlim_max;
  if (::setrlimit(resource, &now) != 0) return std::unexpected(os_error("setrlimit", errno));
  return {};
}

/// Bytes that are private and writable now, as RLIMIT_DATA counts. A sanitizer has terabytes, all its own.
core::Result<rlim_t> writable_now() {
  std::ifstream file("/proc/self/statm");
  std::array<rlim_t, 6> pages{};
  for (rlim_t& count : pages) file >> count;
  if (!file) return std::unexpected(runtime_error(core::ErrorCode::io, "/proc/self/statm can't be read"));
  return pages[5] * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

/// From here on this process can compile and answer, and not much else.
core::Result<void> shut_in(const CompilerOrder& order) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return std::unexpected(os_error("prctl", errno));
  AIRSSYS_TRY(const rlim_t before, writable_now());
  AIRSSYS_TRY(limit(RLIMIT_DATA, before + order.memory));
  // For a host that died before it could kill us: as much as all our threads could use in the time.
  AIRSSYS_TRY(limit(RLIMIT_CPU, kMaxCompilerThreads * static_cast<rlim_t>(order.time.count() / 1000 + 1)));
  AIRSSYS_TRY(limit(RLIMIT_FSIZE, kWordsMax));
  AIRSSYS_TRY(limit(RLIMIT_NOFILE, kDescriptorsMax));
  // 0 would let a program that takes cores by a pipe have them.
  return limit(RLIMIT_CORE, 1);
}

/// Standard input, as memory: it is a file.
class Input {
 public:
  Input() {
    struct stat status{};
    if (::fstat(STDIN_FILENO, &status) != 0 || !S_ISREG(status.st_mode)) return;
    size_ = static_cast<std::size_t>(status.st_size);
    is_file_ = true;
    if (size_ == 0) return;
    void* const begin = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    is_file_ = begin != MAP_FAILED;
    if (is_file_) begin_ = begin;
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (begin_ != nullptr) ::munmap(begin_, size_);
  }

  bool is_file() const noexcept { return is_file_; }
  std::span<const std::byte> bytes() const noexcept { return {static_cast<const std::byte*>(begin_), size_}; }

 private:
  void* begin_ = nullptr;
  std::size_t size_ = 0;
  bool is_file_ = false;
};

bool answer(std::uint8_t kind, std::span<const std::byte> content) {
  const CompilerAnswer header{.kind = kind, .size = content.size()};
  std::array<std::byte, CompilerAnswer::kBytes> bytes{};
  std::memcpy(bytes.data(), &header.kind, sizeof(header.kind));
  std::memcpy(bytes.data() + sizeof(header.kind), &header.size, sizeof(header.size));
  return write_all(STDOUT_FILENO, bytes) && write_all(STDOUT_FILENO, content);
}

bool answer(const core::Result<std::vector<std::byte>>& artifact) {
  if (artifact) return answer(0, *artifact);
  const std::string& text = artifact.error().message();
  return answer(static_cast<std::uint8_t>(static_cast<int>(artifact.error().code()) + 1), std::as_bytes(std::span(text)));
}

int fail(std::string_view why) {
  fmt::print(stderr, "{}\n", why);
  return kFailed;
}

}  // namespace

int run_compiler(std::span<const std::string> arguments) {
  const auto order = CompilerOrder::from_arguments(arguments);
  const Input wasm;
  if (!order || !wasm.is_file()) {
    fmt::print(stderr, "{} is what airssys starts itself, to compile a component that it is given\n", kCompilerCommand);
    return kUsage;
  }
  if (const auto shut = shut_in(*order); !shut) return fail(shut.error().message());
  const auto engine = Engine::create(order->engine);
  if (!engine) return fail(engine.error().message());
  return answer((*engine)->compile(wasm.bytes())) ? 0 : kFailed;
}

}  // namespace airssys::runtime
