#include "airssys/os/thread_stacks.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <cstddef>
#include <thread>

namespace airssys::os {
namespace {

std::size_t stack_of_a_thread() {
  std::size_t size = 0;
  std::thread([&size] {
    pthread_attr_t attributes;
    EXPECT_EQ(pthread_getattr_np(pthread_self(), &attributes), 0);
    void* base = nullptr;
    EXPECT_EQ(pthread_attr_getstack(&attributes, &base, &size), 0);
    pthread_attr_destroy(&attributes);
  }).join();
  return size;
}

TEST(ThreadStacks, are_what_the_process_says_and_not_what_it_inherited) {
  pthread_attr_t before;
  ASSERT_EQ(pthread_getattr_default_np(&before), 0);
  for (const core::Bytes bytes : {core::Bytes{16} << 20, core::Bytes{32} << 20}) {
    ASSERT_TRUE(set_thread_stacks(bytes));
    EXPECT_GE(stack_of_a_thread(), bytes);
    EXPECT_LT(stack_of_a_thread(), 2 * bytes);
  }
  EXPECT_FALSE(set_thread_stacks(1));
  pthread_setattr_default_np(&before);
  pthread_attr_destroy(&before);
}

}  // namespace
}  // namespace airssys::os
