#include "airssys/gateways/lines_gateway.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <sstream>
#include <system_error>
#include <utility>

#include "airssys/core/units.hpp"
#include "airssys/os/descriptor.hpp"
#include "key_finder.hpp"
#include "line_splitter.hpp"
#include "targets.hpp"

namespace airssys::gateways {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
/// How long a wait for room lasts before the gateway looks whether it should stop.
constexpr std::chrono::milliseconds kPatience{100};
/// Lines that are named in the log for one reason; the rest are counted.
constexpr std::uint64_t kRefusalsLogged = 5;

core::Error error(core::ErrorCode code, std::string message) {
  return {code, "gateways", std::move(message)};
}

std::string text_of(const core::SendError& failure) {
  std::ostringstream text;
  text << failure;
  return text.str();
}

void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) noexcept {
  counter.fetch_add(by, std::memory_order_relaxed);
}

/// FNV-1a: the same target for the same key on every machine and in every run.
std::uint64_t hash_of(std::string_view key) noexcept {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1'099'511'628'211ULL;
  }
  return hash ^ (hash >> 32U);
}

core::Error unreadable(const std::string& path, int why) {
  const core::ErrorCode code = why == ENOENT ? core::ErrorCode::not_found : core::ErrorCode::io;
  return error(code, fmt::format("can't read {}: {}", path, std::generic_category().message(why)));
}

core::Error is_folder(const std::string& path) {
  return error(core::ErrorCode::io, fmt::format("can't read lines from {}: it is a folder", path));
}

core::Result<os::Descriptor> open_source(const std::string& path) {
  if (path == "-") {
    os::Descriptor input(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!input.is_open())
      return std::unexpected(error(core::ErrorCode::io, "standard input is closed: redirect it from a file"));
    return input;
  }
  // Without blocking, so that a named pipe without a writer does not hold up the start.
  os::Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) return std::unexpected(unreadable(path, errno));
  struct stat what{};
  if (fstat(file.get(), &what) == 0 && S_ISDIR(what.st_mode)) return std::unexpected(is_folder(path));
  return file;
}

}  // namespace

/// Chunks of the input, until its end or until it is woken.
class LinesGateway::Source {
 public:
  Source(std::string name, os::Descriptor input)
      : name_(std::move(name)), input_(std::move(input)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  /// Empty: the end, or woken.
  core::Result<std::string_view> next() {
    while (true) {
      if (!wait()) return std::string_view();
      const ssize_t size = read(input_.get(), chunk_.data(), chunk_.size());
      if (size >= 0) return std::string_view(chunk_.data(), static_cast<std::size_t>(size));
      if (errno == EINTR || errno == EAGAIN) continue;
      return std::unexpected(
          error(core::ErrorCode::io, fmt::format("can't go on reading {}: {}", name_, std::generic_category().message(errno))));
    }
  }

  void wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof(one));
  }
  /// Sleeps, unless or until woken.
  void pause(std::chrono::milliseconds time) {
    pollfd woken{wake_.get(), POLLIN, 0};
    poll(&woken, 1, static_cast<int>(time.count()));
  }

 private:
  /// False: woken.
  bool wait() {
    std::array<pollfd, 2> waits{pollfd{input_.get(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
    while (poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
    }
    return waits[1].revents == 0;
  }

  std::string name_;
  os::Descriptor input_;
  os::Descriptor wake_;
  std::vector<char> chunk_ = std::vector<char>(kChunkBytes);
};

core::Result<std::unique_ptr<LinesGateway>> LinesGateway::start(Options options, messaging::HostSender& sender,
                                                                core::LogPort& log, const core::ClockPort& clock) {
  if (options.targets.empty()) {
    return std::unexpected(error(core::ErrorCode::invalid, "a lines gateway needs at least one actor to send to"));
  }
  if (options.spread == Spread::least_loaded && !options.load) {
    return std::unexpected(error(core::ErrorCode::invalid, "least-loaded needs to be told the actors' loads"));
  }
  AIRSSYS_TRY(os::Descriptor input, open_source(options.path));
  auto source = std::make_unique<Source>(options.path == "-" ? "standard input" : options.path, std::move(input));
  std::unique_ptr<LinesGateway> gateway(new LinesGateway(std::move(options), std::move(source), sender, log, clock));
  gateway->thread_ = std::thread([&gateway = *gateway] { gateway.run(); });
  return gateway;
}

core::Result<void> LinesGateway::check_source(const std::string& path) {
  if (path == "-") return {};
  struct stat what{};
  if (stat(path.c_str(), &what) != 0) return std::unexpected(unreadable(path, errno));
  if (S_ISDIR(what.st_mode)) return std::unexpected(is_folder(path));
  if (S_ISSOCK(what.st_mode)) return std::unexpected(unreadable(path, ENXIO));
  if (faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) return std::unexpected(unreadable(path, errno));
  return {};
}

LinesGateway::LinesGateway(Options options, std::unique_ptr<Source> source, messaging::HostSender& sender, core::LogPort& log,
                           const core::ClockPort& clock)
    : options_(std::move(options)),
      source_(std::move(source)),
      sender_(sender),
      log_(log),
      clock_(clock),
      targets_(std::make_unique<Targets>(options_.targets)) {
  if (options_.spread == Spread::hash) key_finder_ = std::make_unique<KeyFinder>(options_.key);
}

LinesGateway::~LinesGateway() {
  stop();
}

void LinesGateway::stop() {
  stopping_.store(true, std::memory_order_release);
  source_->wake();
  const std::lock_guard lock(stop_mutex_);
  if (thread_.joinable()) thread_.join();
}

LinesStats LinesGateway::stats() const noexcept {
  return {.lines = lines_.load(std::memory_order_relaxed),
          .sent = sent_.load(std::memory_order_relaxed),
          .bytes = bytes_.load(std::memory_order_relaxed),
          .refused = refused_.load(std::memory_order_relaxed),
          .waited = waited_.load(std::memory_order_relaxed),
          .unkeyed = unkeyed_.load(std::memory_order_relaxed)};
}

std::optional<core::Error> LinesGateway::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void LinesGateway::run() noexcept {
  try {
    LineSplitter splitter(options_.line_bytes_max);
    const auto take = [this](std::string_view line) { return send_line(line); };
    const auto too_long = [this] {
      bump(lines_);
      refuse(fmt::format("longer than {} bytes", options_.line_bytes_max));
      return !stopping();
    };
    bool more = true;
    while (more) {
      auto chunk = source_->next();
      if (!chunk) {
        end_with(std::move(chunk).error());
        break;
      }
      if (chunk->empty()) break;
      more = splitter.add(*chunk, take, too_long);
    }
    if (more && !stopping()) splitter.end(take, too_long);
  } catch (const std::exception& problem) {
    end_with(error(core::ErrorCode::resources, problem.what()));
  }
  finished_.store(true, std::memory_order_release);
  if (options_.on_finished) options_.on_finished();
}

/// False: no more lines.
bool LinesGateway::send_line(std::string_view line) {
  if (stopping()) return false;
  bump(lines_);
  return deliver({.codec = options_.codec, .body = core::Body::copy_of(line)});
}

bool LinesGateway::deliver(const core::Payload& payload) {
  const std::uint64_t hash = options_.spread == Spread::hash ? hash_of_key(payload.text()) : 0;
  while (const auto target = choose_or_wait(hash)) {
    std::optional<core::SendError> failure;
    if (patient_send(*target, payload, failure)) {
      note_here(*target);
      return true;
    }
    if (!failure) {
      refuse("stopped while it waited for room");
      return false;
    }
    if (failure->kind != core::SendErrorKind::not_found) {
      refuse(text_of(*failure));
      return true;
    }
    note_gone(*target);
  }
  return false;
}

std::optional<std::size_t> LinesGateway::choose_or_wait(std::uint64_t hash) {
  while (true) {
    if (!targets_->all_here()) targets_->look(clock_.monotonic());
    if (const auto target = choose(hash)) return target;
    if (!wait_for_anybody()) return std::nullopt;
  }
}

/// Until the next one may be tried. False: no more lines.
bool LinesGateway::wait_for_anybody() {
  if (all_gone_for_good()) {
    refuse("every actor it could go to has stopped");
    end_with(error(core::ErrorCode::target_gone, "every actor that lines could go to has stopped"));
    return false;
  }
  say_waiting();
  bump(waited_);
  const core::MonotonicTime until = targets_->next_look();
  for (core::MonotonicTime now = clock_.monotonic(); now < until && !stopping(); now = clock_.monotonic()) {
    source_->pause(std::min(kPatience, std::chrono::ceil<std::chrono::milliseconds>(until - now)));
  }
  if (!stopping()) return true;
  refuse("stopped while nobody was there to send to");
  return false;
}

bool LinesGateway::all_gone_for_good() const {
  const auto since = targets_->nobody_since();
  if (!since) return false;
  if (clock_.monotonic() - *since >= options_.patience) return true;
  return options_.may_return && std::ranges::none_of(options_.targets, options_.may_return);
}

void LinesGateway::say_waiting() {
  if (std::exchange(said_waiting_, true)) return;
  warn(fmt::format("nobody is left to send to: the next line waits {} for one of them to be restarted",
                   core::duration_to_string(options_.patience)));
}

void LinesGateway::note_here(std::size_t target) {
  if (!targets_->note_here(target)) return;
  said_waiting_ = false;
  warn(fmt::format("{} is back: it gets lines again", (*targets_)[target].text()));
}

void LinesGateway::note_gone(std::size_t target) {
  if (!targets_->note_gone(target, clock_.monotonic())) return;
  warn(fmt::format("{} has stopped: it gets no more lines until it is restarted", (*targets_)[target].text()));
}

void LinesGateway::warn(std::string_view text) {
  log_.write(sender_.address().text(), core::LogLevel::warn, text, {});
}

/// True: sent. Else `failure`, or nothing if it was stopped.
bool LinesGateway::patient_send(std::size_t target, const core::Payload& payload, std::optional<core::SendError>& failure) {
  const core::Address& to = (*targets_)[target];
  auto sent = sender_.send(to.text(), payload);
  while (!sent && !stopping()) {
    if (sent.error().kind == core::SendErrorKind::mailbox_full) {
      bump(waited_);
      sent = sender_.send_within(to.text(), payload, kPatience);
    } else if (sent.error().kind == core::SendErrorKind::rate_limited) {
      bump(waited_);
      source_->pause(std::chrono::milliseconds(5));
      sent = sender_.send(to.text(), payload);
    } else {
      failure = std::move(sent).error();
      return false;
    }
  }
  if (!sent) return false;
  bump(sent_);
  bump(bytes_, payload.body.size());
  note_traced(*sent);
  return true;
}

std::uint64_t LinesGateway::hash_of_key(std::string_view line) {
  const auto key = key_finder_->find(line);
  if (!key) say_unkeyed();
  return hash_of(key.value_or(line));
}

void LinesGateway::say_unkeyed() {
  if (unkeyed_.fetch_add(1, std::memory_order_relaxed) >= kRefusalsLogged) return;
  warn(fmt::format("line {} has no key and goes by the whole line", lines_.load(std::memory_order_relaxed)));
}

void LinesGateway::note_traced(core::MessageId id) {
  if (sender_.last_traced() != id || !log_.enabled(core::LogLevel::debug)) return;
  log_.write(sender_.address().text(), core::LogLevel::debug,
             fmt::format("line {} is message {}", lines_.load(std::memory_order_relaxed), core::to_number(id)), {});
}

std::optional<std::size_t> LinesGateway::choose(std::uint64_t hash) {
  switch (options_.spread) {
    case Spread::round_robin:
      return targets_->in_turn();
    case Spread::hash:
      return targets_->by_hash(hash);
    case Spread::least_loaded:
      break;
  }
  return targets_->with_least(options_.load);
}

void LinesGateway::refuse(std::string_view why) {
  if (refused_.fetch_add(1, std::memory_order_relaxed) >= kRefusalsLogged) return;
  warn(fmt::format("line {} was not sent: {}", lines_.load(std::memory_order_relaxed), why));
}

void LinesGateway::end_with(core::Error error) {
  log_.write(sender_.address().text(), core::LogLevel::error, error.to_string(), {});
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(error);
}

}  // namespace airssys::gateways
