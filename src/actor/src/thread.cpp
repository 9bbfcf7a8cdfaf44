#include "airssys/actor/thread.hpp"

#include <pthread.h>

#include <memory>
#include <system_error>
#include <utility>

#include "airssys/core/assert.hpp"

namespace airssys::actor {
namespace {

/// Attributes of a thread, freed with it.
class Attributes {
 public:
  Attributes() { check(pthread_attr_init(&attributes_)); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { pthread_attr_destroy(&attributes_); }

  void set_stack(core::Bytes bytes) { check(pthread_attr_setstacksize(&attributes_, bytes)); }
  const pthread_attr_t* get() const noexcept { return &attributes_; }

  static void check(int failure) {
    if (failure != 0) throw std::system_error(failure, std::generic_category(), "can't start a thread");
  }

 private:
  pthread_attr_t attributes_{};
};

void* run(void* body) {
  const std::unique_ptr<std::function<void()>> owned(static_cast<std::function<void()>*>(body));
  (*owned)();
  return nullptr;
}

}  // namespace

struct Thread::Handle {
  pthread_t thread{};
};

Thread::Thread(core::Bytes stack, std::function<void()> body) {
  Attributes attributes;
  attributes.set_stack(stack);
  auto owned = std::make_unique<std::function<void()>>(std::move(body));
  auto handle = std::make_unique<Handle>();
  Attributes::check(pthread_create(&handle->thread, attributes.get(), run, owned.get()));
  owned.release();  // NOLINT(bugprone-unused-return-value): it is the thread's now.
  handle_ = std::move(handle);
}

Thread::~Thread() {
  AIRSSYS_ASSERT(handle_ == nullptr);
}

void Thread::join() noexcept {
  if (const auto handle = std::exchange(handle_, nullptr)) pthread_join(handle->thread, nullptr);
}

}  // namespace airssys::actor
