#include "airssys/actor/thread.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <cstddef>

namespace airssys::actor {
namespace {

using namespace airssys::literals;

std::size_t stack_of_this_thread() {
  pthread_attr_t attributes;
  EXPECT_EQ(pthread_getattr_np(pthread_self(), &attributes), 0);
  void* base = nullptr;
  std::size_t size = 0;
  EXPECT_EQ(pthread_attr_getstack(&attributes, &base, &size), 0);
  pthread_attr_destroy(&attributes);
  return size;
}

/// What threads of this process get which do not say what they need: as `ulimit -s` decides it at the start.
class DefaultStack {
 public:
  explicit DefaultStack(std::size_t bytes) {
    EXPECT_EQ(pthread_getattr_default_np(&before_), 0);
    pthread_attr_t attributes;
    EXPECT_EQ(pthread_getattr_default_np(&attributes), 0);
    EXPECT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    EXPECT_EQ(pthread_setattr_default_np(&attributes), 0);
    pthread_attr_destroy(&attributes);
  }
  ~DefaultStack() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_;
};

TEST(Thread, has_the_stack_that_it_was_told_whatever_the_process_inherited) {
  for (const core::Bytes inherited : {256_KiB, 32_MiB}) {
    const DefaultStack process(inherited);
    std::size_t stack = 0;
    Thread thread(2_MiB, [&stack] { stack = stack_of_this_thread(); });
    thread.join();
    EXPECT_GE(stack, 2_MiB);
    EXPECT_LT(stack, 4_MiB);
  }
}

TEST(Thread, runs_its_body_once_and_is_joined_once) {
  int runs = 0;
  Thread thread(512_KiB, [&runs] { ++runs; });
  thread.join();
  thread.join();
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace airssys::actor
