#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "airssys/actor/manual_scheduler.hpp"
#include "airssys/actor/threaded_scheduler.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/ports/log_port.hpp"
#include "airssys/system/assembly.hpp"
#include "airssys/trust/sodium_hash.hpp"
#include "recording_sink.hpp"

namespace airssys::model {

/// What happened, in the order in which it was written: the reports of turns, and what the host did. A turn reports before
/// its effects leave, the host before it acts, so whatever follows from an entry comes after it, on threads too.
class Journal final : public core::LogPort {
 public:
  struct Entry {
    std::string source;  ///< An actor's address; "host".
    std::string text;
  };

  void write(std::string_view source, core::LogLevel, std::string_view text,
             std::span<const core::LogField>) noexcept override {
    const std::lock_guard lock(mutex_);
    entries_.push_back({std::string(source), std::string(text)});
  }
  bool enabled(core::LogLevel) const noexcept override { return true; }
  void host(std::string text) { write("host", core::LogLevel::info, text, {}); }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }
  std::vector<Entry> take() {
    const std::lock_guard lock(mutex_);
    return std::move(entries_);
  }

 private:
  std::mutex mutex_;
  std::vector<Entry> entries_;
};

/// Numbers from a seed. Any thread.
class SeededRandom final : public core::RandomPort {
 public:
  explicit SeededRandom(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next_u64() noexcept override;

 private:
  std::atomic<std::uint64_t> state_;
};

/// Counts what ends an actor.
class CountedEvents final : public actor::ActorEvents {
 public:
  void crashed(const actor::ActorCell&, const actor::CrashReport&) noexcept override { crashes.fetch_add(1); }
  void restarted(const actor::ActorCell&) noexcept override { restarts.fetch_add(1); }
  void stopped(const actor::ActorCell&, std::string_view) noexcept override { stops.fetch_add(1); }

  std::atomic<std::uint64_t> crashes{0};
  std::atomic<std::uint64_t> restarts{0};
  std::atomic<std::uint64_t> stops{0};
};

class NoTraces final : public actor::TraceSink {
 public:
  void turn(const actor::TurnRecord&) noexcept override {}
};

/// A system with its scheduler: every part of the real one, in one of two worlds.
class World {
 public:
  virtual ~World() = default;

  virtual system::Assembly& assembly() = 0;
  virtual std::uint64_t now_ms() const = 0;
  Journal& journal() noexcept { return journal_; }
  CountedEvents& events() noexcept { return events_; }
  /// Through which all effects have left.
  const RecordingSink& commits() const noexcept { return commits_; }

  /// Lets so many batches run. The rest returns false if the system does not come to rest: it runs for ever.
  virtual void run(unsigned batches) = 0;
  virtual bool settle() = 0;
  virtual bool advance(std::chrono::milliseconds time) = 0;
  /// Until nothing can happen any more: nobody runs, no alarm is set.
  virtual bool come_to_rest() = 0;

 protected:
  static system::Assembly::Options assembly_options();

  Journal journal_;
  RecordingSink commits_;
  CountedEvents events_;
  NoTraces traces_;
  trust::SodiumHash hash_;
};

/// On one thread, by hand: the order is drawn from a seed, the clock stands until it is moved.
class HandWorld final : public World {
 public:
  explicit HandWorld(std::uint64_t seed);
  ~HandWorld() override;

  system::Assembly& assembly() override { return *assembly_; }
  std::uint64_t now_ms() const override { return clock_.wall_ms(); }
  void run(unsigned batches) override;
  bool settle() override;
  bool advance(std::chrono::milliseconds time) override;
  bool come_to_rest() override;

 private:
  class Clock final : public core::ClockPort {
   public:
    core::MonotonicTime monotonic() const noexcept override { return now; }
    std::uint64_t wall_ms() const noexcept override {
      return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    }
    core::MonotonicTime thread_cpu() const noexcept override { return {}; }
    core::MonotonicTime now{std::chrono::seconds(1)};
  };

  Clock clock_;
  SeededRandom random_;
  actor::ManualScheduler scheduler_;
  std::unique_ptr<system::Assembly> assembly_;
  std::unique_ptr<actor::TurnRunner> runner_;
};

/// On workers, by the real clock.
class ThreadWorld final : public World {
 public:
  ThreadWorld(std::uint64_t seed, unsigned workers);
  ~ThreadWorld() override;

  system::Assembly& assembly() override { return *assembly_; }
  std::uint64_t now_ms() const override { return clock_.wall_ms(); }
  void run(unsigned) override {}
  bool settle() override { return true; }
  bool advance(std::chrono::milliseconds time) override;
  bool come_to_rest() override;

 private:
  class Clock final : public core::ClockPort {
   public:
    core::MonotonicTime monotonic() const noexcept override { return std::chrono::steady_clock::now().time_since_epoch(); }
    std::uint64_t wall_ms() const noexcept override {
      return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(monotonic()).count());
    }
    core::MonotonicTime thread_cpu() const noexcept override { return monotonic(); }
  };
  bool quiet() const;

  Clock clock_;
  SeededRandom random_;
  actor::ThreadedScheduler scheduler_;
  std::unique_ptr<system::Assembly> assembly_;
};

}  // namespace airssys::model
