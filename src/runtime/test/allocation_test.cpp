// Counts what C++ allocates on the way into a guest and back. This file replaces `operator new` for the whole test binary;
// the sanitizers bring their own.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "testing/runtime_fixture.hpp"
#include "testing/sanitizers.hpp"

#if !defined(AIRSSYS_UNDER_ASAN) && !defined(AIRSSYS_UNDER_TSAN)

namespace {
std::atomic<std::size_t> allocations = 0;
}

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace airssys::runtime {
namespace {

using testing::Guest;
using testing::kEcho;

class Allocations : public testing::RuntimeTest {
 protected:
  std::size_t of_a_message(Instance& guest, const core::Body& body) {
    const core::MessageView message{.sender = "demo/sender/1", .topic = std::nullopt, .body = body};
    static_cast<void>(guest.handle_message(turn, message, kTicks));
    const std::size_t before = allocations;
    static_cast<void>(guest.handle_message(turn, message, kTicks));
    return allocations - before;
  }
};

TEST_F(Allocations, of_a_message_are_none) {
  EXPECT_EQ(of_a_message(*spawn(Guest{}), core::Body::copy_of("a body of some length, more than a small string")), 0U);
}

TEST_F(Allocations, of_a_reply_are_its_body_once_the_thread_has_none_to_use_again) {
  EXPECT_EQ(of_a_message(*spawn(Guest{.handle_message = kEcho}), core::Body::copy_of("a body")), 0U);
  const std::string large(10'000, 'x');
  EXPECT_EQ(of_a_message(*spawn(Guest{.handle_message = kEcho}), core::Body::copy_of(large)), 1U);
}

}  // namespace
}  // namespace airssys::runtime

#endif
