#include "parking.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

namespace airssys::actor {
namespace {

/// Whatever is in a queue: workers take it one by one.
class Heap {
 public:
  void put(int work) noexcept { work_.fetch_add(work); }
  bool take() noexcept {
    int left = work_.load();
    while (left > 0) {
      if (work_.compare_exchange_weak(left, left - 1)) return true;
    }
    return false;
  }

 private:
  std::atomic<int> work_{0};
};

/// Workers that take from one heap and park when it is empty, without looking around: as many chances to lose a wake as there
/// can be, and no watcher that would mend it.
class Pool {
 public:
  explicit Pool(unsigned workers, Parking::Options options = {}) : parking(with(workers, std::move(options))) {
    for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    parking.close();
    for (std::thread& thread : threads_) thread.join();
  }

  void put(int work) {
    heap.put(work);
    parking.add(work);
    if (parking.anybody_parked()) parking.wake_one();
  }
  void wait_until_parked() const {
    while (!parking.all_parked()) std::this_thread::yield();
  }
  void wait_until_done(int all) const {
    while (done.load() < all) std::this_thread::yield();
  }

  Parking parking;
  Heap heap;
  std::atomic<int> done{0};
  std::function<void()> on_work;  ///< While nobody works.

 private:
  static Parking::Options with(unsigned workers, Parking::Options options) {
    options.workers = workers;
    return options;
  }
  void work() {
    while (!parking.closed()) {
      if (!heap.take()) {
        parking.park();
        continue;
      }
      parking.took_one();
      if (on_work) on_work();
      done.fetch_add(1);
    }
  }

  std::vector<std::thread> threads_;
};

TEST(Parking, lets_nobody_sleep_while_work_waits) {
  Parking parking({.workers = 1});
  parking.add(1);
  EXPECT_TRUE(parking.has_work());
  EXPECT_TRUE(parking.look_around());
  parking.park();
  EXPECT_FALSE(parking.all_parked());
  parking.took_one();
  EXPECT_FALSE(parking.has_work());
}

TEST(Parking, wakes_who_sleeps_when_work_comes) {
  Pool pool(1);
  for (int i = 1; i <= 1000; ++i) {
    pool.wait_until_parked();
    pool.put(1);
    pool.wait_until_done(i);
  }
}

TEST(Parking, work_that_comes_between_the_last_look_and_sleep_wakes_too) {
  Pool pool(1);
  for (int i = 1; i <= 20'000; ++i) {
    // It counts itself before it looks for the last time: so this comes at any step from there on.
    for (int looks = 0; !pool.parking.all_parked() && looks < 100'000; ++looks) {
    }
    for (int pause = i % 128; pause > 0; --pause) static_cast<void>(pool.parking.has_work());
    pool.put(1);
    pool.wait_until_done(i);
  }
}

TEST(Parking, one_who_is_woken_wakes_the_next_while_there_is_work_for_more) {
  Pool pool(3);
  pool.wait_until_parked();
  // Done only when all three are at it together; woken is one.
  std::latch all_at_work(3);
  pool.on_work = [&] { all_at_work.arrive_and_wait(); };
  pool.put(3);
  pool.wait_until_done(3);
}

TEST(Parking, work_that_is_gone_when_the_woken_comes_for_it_lets_him_sleep_again) {
  Pool pool(2);
  pool.wait_until_parked();
  pool.parking.add(1);
  pool.parking.took_one();
  pool.parking.wake_one();
  pool.put(1);
  pool.wait_until_done(1);
  pool.wait_until_parked();
  EXPECT_TRUE(pool.parking.at_rest());
}

TEST(Parking, work_for_which_nobody_was_notified_is_found_by_the_watcher) {
  Pool pool(2);
  pool.wait_until_parked();
  pool.parking.wake_one_anyway();
  pool.heap.put(1);
  pool.parking.add(1);
  pool.parking.wake_one_anyway();
  pool.wait_until_done(1);
}

TEST(Parking, loses_no_work_whatever_races) {
  constexpr int kEach = 20'000;
  constexpr int kAdders = 3;
  Pool pool(3);
  std::vector<std::thread> adders;
  for (int adder = 0; adder < kAdders; ++adder) {
    adders.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        pool.put(1);
        // Now and then all go to sleep, so that the next one meets them lying down.
        if (i % 64 == 0) pool.wait_until_done(i);
      }
    });
  }
  for (std::thread& adder : adders) adder.join();
  pool.wait_until_done(kAdders * kEach);
  pool.wait_until_parked();
  EXPECT_TRUE(pool.parking.at_rest());
}

TEST(Parking, the_last_one_to_park_tells_that_all_rest) {
  std::atomic<int> rests{0};
  Pool pool(3, {.at_rest = [&] { ++rests; }});
  pool.wait_until_parked();
  while (rests == 0) std::this_thread::yield();
  EXPECT_EQ(rests, 1);
  pool.put(1);
  while (rests == 1) std::this_thread::yield();
  EXPECT_EQ(pool.done, 1);
}

TEST(Parking, nobody_tells_of_rest_while_work_waits) {
  int rests = 0;
  Parking parking({.workers = 1, .at_rest = [&] { ++rests; }});
  parking.add(1);
  parking.park();
  EXPECT_EQ(rests, 0);
}

TEST(Parking, close_has_all_get_up_and_nobody_sleep_any_more) {
  Parking parking({.workers = 3});
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { parking.park(); });
  while (!parking.all_parked()) std::this_thread::yield();
  EXPECT_TRUE(parking.close());
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(parking.closed());
  EXPECT_FALSE(parking.close()) << "it was closed before";
  parking.park();
}

TEST(Parking, close_meets_a_worker_at_any_step_of_lying_down) {
  for (int round = 0; round < 2'000; ++round) {
    const Pool pool(2);
  }
}

TEST(Parking, a_watcher_may_sleep_only_while_all_are_parked) {
  Pool pool(2);
  pool.wait_until_parked();
  EXPECT_TRUE(pool.parking.watcher_may_sleep());
  pool.parking.watcher_is_up();
  Parking busy({.workers = 1});
  EXPECT_FALSE(busy.watcher_may_sleep());
}

TEST(Parking, who_gets_up_wakes_the_watcher_if_it_sleeps) {
  std::atomic<int> woken{0};
  Pool pool(1, {.wake_watcher = [&] { ++woken; }});
  pool.wait_until_parked();
  ASSERT_TRUE(pool.parking.watcher_may_sleep());
  pool.put(1);
  pool.wait_until_done(1);
  EXPECT_EQ(woken, 1);
  pool.parking.watcher_is_up();
  pool.wait_until_parked();
  pool.put(1);
  pool.wait_until_done(2);
  EXPECT_EQ(woken, 1) << "it was up";
}

TEST(Parking, a_watcher_about_to_sleep_and_a_worker_getting_up_never_miss_each_other) {
  std::atomic<int> woken{0};
  Pool pool(1, {.wake_watcher = [&] { ++woken; }});
  for (int i = 1; i <= 5'000; ++i) {
    pool.wait_until_parked();
    const int before = woken;
    std::thread adder([&] { pool.put(1); });
    const bool sleeps = pool.parking.watcher_may_sleep();
    const bool is_to_be_woken = sleeps && pool.done < i;
    pool.wait_until_done(i);
    EXPECT_TRUE(!is_to_be_woken || woken > before) << "it would sleep on while somebody is up";
    pool.parking.watcher_is_up();
    adder.join();
  }
}

}  // namespace
}  // namespace airssys::actor
