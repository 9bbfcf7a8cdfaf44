#include "airssys/os/thread_stacks.hpp"

#include <pthread.h>

namespace airssys::os {

bool set_thread_stacks(core::Bytes bytes) noexcept {
  pthread_attr_t attributes;
  if (pthread_getattr_default_np(&attributes) != 0) return false;
  const bool set = pthread_attr_setstacksize(&attributes, bytes) == 0 && pthread_setattr_default_np(&attributes) == 0;
  pthread_attr_destroy(&attributes);
  return set;
}

}  // namespace airssys::os
