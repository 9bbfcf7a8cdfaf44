// What a guest writes to standard output and standard error becomes log lines, one for each line: as soon as it ends, or the
// turn does. Defined under the names by which wasi-libc imports them; linked with nearly every guest, since libc++'s strings
// bring stdio along.
#include <stdio_ext.h>
#include <airssys/guest/abi.hpp>
#include <airssys/guest/contract_text.hpp>
#include <airssys/guest/output.hpp>
#include <cstdio>
#include <cstring>

namespace abi = airssys::guest::abi;

namespace {

constexpr std::int32_t kSuccess = 0;
constexpr std::int32_t kBadDescriptor = 8;
constexpr std::uint32_t kInfo = 2;
constexpr std::uint32_t kWarn = 3;
constexpr std::uint32_t kStandardOutput = 1;
constexpr std::uint32_t kStandardError = 2;

/// The beginning of a line whose end has not come yet.
class Line {
 public:
  explicit constexpr Line(std::uint32_t level) noexcept : level_(level) {}

  void add(const char* data, std::uint32_t size) noexcept {
    for (; size != 0; ++data, --size) {
      if (*data == '\n') {
        end();
      } else {
        if (size_ == sizeof text_) cut();
        text_[size_++] = *data;
      }
    }
  }
  bool has_text() const noexcept { return size_ != 0; }
  void end() noexcept {
    if (!has_text()) return;
    const airssys::guest::detail::ContractText line({text_, size_});
    abi::airssys_log_write(level_, line.data(), line.size(), nullptr, 0);
    size_ = 0;
  }

 private:
  /// A line that is too long goes on in the next one, with a whole character.
  void cut() noexcept {
    std::uint32_t whole = size_;
    while (whole > size_ - 3 && is_inside(text_[whole - 1])) --whole;
    whole = is_begin(text_[whole - 1]) ? whole - 1 : size_;
    const std::uint32_t rest = size_ - whole;
    size_ = whole;
    end();
    std::memmove(text_, text_ + whole, rest);
    size_ = rest;
  }
  static bool is_inside(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }
  static bool is_begin(char c) noexcept { return static_cast<unsigned char>(c) >= 0xc0U; }

  std::uint32_t level_;
  std::uint32_t size_ = 0;
  char text_[1024] = {};
};

constinit Line standard_output{kInfo};
constinit Line standard_error{kWarn};

Line* line_of(std::uint32_t descriptor) noexcept {
  if (descriptor == kStandardOutput) return &standard_output;
  return descriptor == kStandardError ? &standard_error : nullptr;
}

}  // namespace

extern "C" {

std::int32_t __imported_wasi_snapshot_preview1_fd_write(std::uint32_t descriptor, const abi::Text* pieces, std::uint32_t count,
                                                        std::uint32_t* written) {
  Line* const line = line_of(descriptor);
  if (line == nullptr) return kBadDescriptor;
  *written = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    line->add(pieces[i].data, pieces[i].size);
    *written += pieces[i].size;
  }
  return kSuccess;
}

// A terminal, as far as libc can tell: so it hands over each line when it ends, and not a thousand bytes at a time.
std::int32_t __imported_wasi_snapshot_preview1_fd_fdstat_get(std::uint32_t descriptor, void* status) {
  if (line_of(descriptor) == nullptr) return kBadDescriptor;
  constexpr std::size_t kStatusBytes = 24;
  constexpr char kCharacterDevice = 2;
  std::memset(status, 0, kStatusBytes);
  *static_cast<char*>(status) = kCharacterDevice;
  return kSuccess;
}

// At the end of each turn, so that it costs next to nothing where nothing was written.
void airssys_end_output() noexcept {
  if (__fpending(stdout) != 0) std::fflush(stdout);
  if (standard_output.has_text()) standard_output.end();
  if (standard_error.has_text()) standard_error.end();
}

}  // extern "C"
