#pragma once

// g++ defines __SANITIZE_*__, clang has __has_feature: one spelling for both.
#if defined(__SANITIZE_THREAD__)
#define AIRSSYS_UNDER_TSAN 1
#elif defined(__SANITIZE_ADDRESS__)
#define AIRSSYS_UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define AIRSSYS_UNDER_TSAN 1
#elif __has_feature(address_sanitizer)
#define AIRSSYS_UNDER_ASAN 1
#endif
#endif
